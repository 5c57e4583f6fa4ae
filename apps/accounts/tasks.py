"""Background work of accounts."""

from __future__ import annotations

import uuid

from celery import shared_task

from apps.accounts.origins import Origin
from apps.accounts.services import closure, exports, grants, signin, tokens, usage
from apps.core.clock import now


@shared_task(ignore_result=True)
def flush_usage(**_: object) -> None:
    """Write the counts of the last minute."""
    usage.flush_usage(at=now())


@shared_task(ignore_result=True)
def prune_accounts(**_: object) -> None:
    """Begin months, remove what is no longer needed, and end accounts whose owners asked for it."""
    at = now()
    usage.begin_month(at=at)
    usage.prune_usage(at=at)
    tokens.prune_families(at=at)
    grants.prune_grants(at=at)
    exports.expire_exports(at=at)
    closure.delete_due_accounts(at=at)


@shared_task(ignore_result=True)
def make_export(*, export_id: str, **_: object) -> None:
    """Write an archive of somebody's own data."""
    exports.make_export(export_id=uuid.UUID(export_id), at=now())


@shared_task(ignore_result=True)
def record_failed_login(*, email: str, ip_prefix: str, device: str, **_: object) -> None:
    """Remember a wrong password."""
    signin.record_failed_login(email=email, origin=Origin(ip_prefix, device), at=now())
