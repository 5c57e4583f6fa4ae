"""Background work of accounts."""

from __future__ import annotations

from celery import shared_task

from apps.accounts.services import signin, tokens, usage
from apps.accounts.services.security import Origin
from apps.core.clock import now


@shared_task(ignore_result=True)
def flush_usage(**_: object) -> None:
    """Write the counts of the last minute."""
    usage.flush_usage(at=now())


@shared_task(ignore_result=True)
def prune_accounts(**_: object) -> None:
    """Begin months, and remove what is no longer needed."""
    at = now()
    usage.begin_month(at=at)
    usage.prune_usage(at=at)
    tokens.prune_families(at=at)


@shared_task(ignore_result=True)
def record_failed_login(*, email: str, ip_prefix: str, device: str, **_: object) -> None:
    """Remember a wrong password."""
    signin.record_failed_login(email=email, origin=Origin(ip_prefix, device), at=now())
