"""Background work of ingestion."""

from __future__ import annotations

import uuid

from celery import shared_task

from apps.core.background import enqueue
from apps.core.clock import now
from apps.ingestion.services import (
    batches,
    evidence,
    fetching,
    match_keys,
    quality,
    replay,
    sources,
    stored_duplicates,
    uploads,
    withdrawal,
)


@shared_task(ignore_result=True)
def work_off_batch(*, batch_id: str, **_: object) -> None:
    """Take a batch from where it stands to its end."""
    batches.work_off(batch_id=uuid.UUID(batch_id))


@shared_task(ignore_result=True)
def sweep_batches(**_: object) -> None:
    """Hand over again what a worker that died left behind; who still works on a batch keeps it."""
    at = now()
    for batch_id in batches.waiting(at=at):
        enqueue("apps.ingestion.tasks.work_off_batch", batch_id=str(batch_id))
    for upload_id in uploads.waiting(at=at):
        enqueue("apps.ingestion.tasks.try_upload", upload_id=str(upload_id))


@shared_task(ignore_result=True)
def try_upload(*, upload_id: str, **_: object) -> None:
    """Find out what the import of a file would do."""
    uploads.try_out(upload_id=uuid.UUID(upload_id))


@shared_task(ignore_result=True)
def prune(**_: object) -> None:
    """Forget former versions of records, the lines of batches, and pages, after 90 days; uploaded files after a week."""
    at = now()
    batches.prune(at=at)
    evidence.prune(at=at)
    uploads.prune(at=at)


@shared_task(ignore_result=True)
def read_due_sources(**_: object) -> None:
    """Begin the readings whose time has come; close what may not be used any more."""
    at = now()
    sources.pause_expired(at=at)
    sources.bind_rotated_keys()
    for source_id in fetching.due_sources(at=at):
        enqueue("apps.ingestion.tasks.run_source", source_id=str(source_id))


@shared_task(ignore_result=True)
def run_source(*, source_id: str, **_: object) -> None:
    """Read a source, unless another worker does."""
    fetching.run_source(source_id=uuid.UUID(source_id))


@shared_task(ignore_result=True)
def check_sources(**_: object) -> None:
    """Pause sources that were sent bad records during the last day."""
    quality.check_pushed(at=now())


@shared_task(ignore_result=True)
def take_back_source(*, source_id: str, **_: object) -> None:
    """Take the values of a withdrawn source out of the entries."""
    withdrawal.take_back(source_id=uuid.UUID(source_id), at=now())


@shared_task(ignore_result=True)
def bring_back_source(*, source_id: str, **_: object) -> None:
    """Give the entries of a source what its withdrawal took from them."""
    withdrawal.bring_back(source_id=uuid.UUID(source_id), at=now())


@shared_task(ignore_result=True)
def replay_word(*, word: str, **_: object) -> None:
    """Take again the records that used a word for a category."""
    replay.replay_word(word=word, at=now())


@shared_task(ignore_result=True)
def replay_outdated(**_: object) -> None:
    """Take again what older rules made."""
    replay.replay_outdated(at=now())


@shared_task(ignore_result=True)
def refresh_match_keys(*, resource_ids: list[str], **_: object) -> None:
    """Write the keys by which new records find entries anew."""
    match_keys.refresh_match_keys(map(uuid.UUID, resource_ids))


@shared_task(ignore_result=True)
def find_duplicates(**_: object) -> None:
    """Look for duplicates among stored entries, a night's share."""
    stored_duplicates.find_duplicates(at=now())
