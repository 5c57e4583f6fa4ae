"""Ingestion follows its own events: work that a commit made due is handed to a worker."""

from __future__ import annotations

from apps.core.background import enqueue
from apps.core.events import receiver
from apps.ingestion import events


@receiver(events.batch_received, uid="ingestion.work_off_batch")
def work_off_batch(*, key: str, batch_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """A batch waits."""
    enqueue("apps.ingestion.tasks.work_off_batch", batch_id=batch_id)
