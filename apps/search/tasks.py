"""Background work of search."""

from __future__ import annotations

import uuid

from celery import shared_task

from apps.search import services


@shared_task(ignore_result=True)
def index_resources(*, resource_ids: list[str], **_: object) -> None:
    """Index these entries."""
    services.index_resources(resource_ids=[uuid.UUID(resource_id) for resource_id in resource_ids])


@shared_task(ignore_result=True)
def index_category(*, category_id: str, **_: object) -> None:
    """Index the entries of a category and of those below it."""
    services.index_category(category_id=uuid.UUID(category_id))
