"""Ingestion follows its own events: work that a commit made due is handed to a worker."""

from __future__ import annotations

from apps.catalog import events as catalog_events
from apps.core.background import enqueue
from apps.core.events import receiver
from apps.ingestion import events


@receiver(events.batch_received, uid="ingestion.work_off_batch")
def work_off_batch(*, key: str, batch_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """A batch waits."""
    enqueue("apps.ingestion.tasks.work_off_batch", batch_id=batch_id)


@receiver(events.upload_named, uid="ingestion.try_upload")
def try_upload(*, key: str, upload_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """An import is to be tried."""
    enqueue("apps.ingestion.tasks.try_upload", upload_id=upload_id)


@receiver(events.source_withdrawn, uid="ingestion.take_back_source")
def take_back_source(*, key: str, source_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Values of a source have to leave the entries."""
    enqueue("apps.ingestion.tasks.take_back_source", source_id=source_id)


@receiver(events.source_restored, uid="ingestion.bring_back_source")
def bring_back_source(*, key: str, source_id: str, **_: object) -> None:  # noqa: ARG001  likewise
    """Values of a source have to return to the entries."""
    enqueue("apps.ingestion.tasks.bring_back_source", source_id=source_id)


@receiver(events.word_decided, uid="ingestion.replay_word")
def replay_word(*, key: str, word: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """Records that used it mean something else now."""
    enqueue("apps.ingestion.tasks.replay_word", word=word)


@receiver(
    catalog_events.resource_published, catalog_events.resource_updated, catalog_events.resource_hidden, uid="ingestion.refresh_match_keys"
)
def refresh_match_keys(*, key: str, resource_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """One entry was edited: new records find it by what it says now. Who writes many at once sees to it there."""
    enqueue("apps.ingestion.tasks.refresh_match_keys", resource_ids=[resource_id])
