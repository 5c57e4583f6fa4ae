"""Background work of ingestion."""

from __future__ import annotations

import uuid

from celery import shared_task

from apps.core.background import enqueue
from apps.core.clock import now
from apps.ingestion.services import batches


@shared_task(ignore_result=True)
def work_off_batch(*, batch_id: str, **_: object) -> None:
    """Take a batch from where it stands to its end."""
    batches.work_off(batch_id=uuid.UUID(batch_id))


@shared_task(ignore_result=True)
def sweep_batches(**_: object) -> None:
    """Hand over again what a worker that died left behind; who still works on a batch keeps it."""
    for batch_id in batches.waiting(at=now()):
        enqueue("apps.ingestion.tasks.work_off_batch", batch_id=str(batch_id))


@shared_task(ignore_result=True)
def prune(**_: object) -> None:
    """Forget former versions of records, and the lines of batches, after 90 days."""
    batches.prune(at=now())
