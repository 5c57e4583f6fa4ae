"""Background work of search."""

from __future__ import annotations

import uuid

from celery import shared_task

from apps.core.background import enqueue
from apps.core.clock import now
from apps.search import services
from apps.search.backends.base import EngineUnavailable
from apps.search.services import demand, saved

# An engine that is away is asked again, later each time, for about half a day; then the nightly check mends what it missed.
_until_back = shared_task(ignore_result=True, autoretry_for=(EngineUnavailable,), max_retries=60, retry_backoff=5, retry_backoff_max=900)


@_until_back
def index_resources(*, resource_ids: list[str], **_: object) -> None:
    """Index these entries; after many of them, count anew."""
    services.index_resources(resource_ids=[uuid.UUID(resource_id) for resource_id in resource_ids])
    if len(resource_ids) > 1 and services.is_stale():
        enqueue("apps.search.tasks.refresh_statistics", only_if_stale=True)


@_until_back
def index_category(*, category_id: str, **_: object) -> None:
    """Index the entries of a category and of those below it."""
    services.index_category(category_id=uuid.UUID(category_id))


@shared_task(ignore_result=True)
def refresh_statistics(*, only_if_stale: bool = False, **_: object) -> None:
    """Count how many entries hold each term and word."""
    if not only_if_stale or services.is_stale():
        services.refresh_statistics()


@shared_task(ignore_result=True)
def flush_demand(**_: object) -> None:
    """Write down what was searched for."""
    demand.flush_demand(at=now())


@shared_task(ignore_result=True)
def prune(**_: object) -> None:
    """Forget what was searched for long ago, and what people no longer keep."""
    at = now()
    demand.prune_demand(at=at)
    saved.prune_saved(at=at)


@shared_task(ignore_result=True)
def forget_person(*, user_id: str, **_: object) -> None:
    """Delete what somebody kept whose account has ended."""
    saved.delete_searches_of(user_id=uuid.UUID(user_id))


@_until_back
def repair_drift(**_: object) -> None:
    """Compare every engine with the catalogue, and mend it."""
    services.repair_drift()
