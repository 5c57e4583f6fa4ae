"""Batches: taken at once, or kept as a file that a worker goes through, from where the last one stopped."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import IO

import structlog
from django.core.files import File
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from apps.core import events
from apps.core.clock import now
from apps.ingestion.choices import BatchState, Outcome
from apps.ingestion.events import batch_finished, batch_mostly_rejected, batch_received
from apps.ingestion.exceptions import SourceClosed
from apps.ingestion.models import Batch, BatchItem, BatchRun, FormerRecord, RawRecord, Source
from apps.ingestion.services import survivorship
from apps.ingestion.services.ahead import in_chunks
from apps.ingestion.services.arrivals import KEPT_OF_UNREADABLE, RECORD_MAX_BYTES, Row, arrive
from apps.ingestion.services.cleaning import read_context
from apps.ingestion.services.folding import ABSENT_AFTER
from apps.ingestion.services.lines import Item, Told
from apps.ingestion.services.pipeline import take
from apps.ingestion.steps import Context, Reason

logger = structlog.get_logger(__name__)

KEPT_FOR = dt.timedelta(days=90)
PRUNE_BATCH = 10_000
# A batch that still waits after so long is handed to a worker again.
ORPHAN_AFTER = dt.timedelta(seconds=60)
# Whoever sent a batch is told from so many refused records on, when they are more than one in `TOLD_SHARE`.
TOLD_FROM, TOLD_SHARE = 10, 10


def check_open(source: Source, *, at: dt.datetime) -> None:
    """:raises SourceClosed: the source is paused, past its right of use, or withdrawn."""
    is_over = source.expires_at is not None and source.expires_at <= at
    if source.paused_at is not None or source.withdrawn_at is not None or is_over:
        raise SourceClosed(pause_reason=source.pause_reason) if source.pause_reason else SourceClosed


def _new(
    source: Source, *, at: dt.datetime, sent_by: str, livemode: bool, is_full: bool, resource_type: str, user_id: uuid.UUID | None
) -> Batch:
    return Batch(
        source=source, sent_by=sent_by[:120], livemode=livemode, is_full=is_full, resource_type=resource_type, user_id=user_id,
        created_at=at,
    )  # fmt: skip


@transaction.atomic
def take_now(
    *, source: Source, rows: list[Row], at: dt.datetime, sent_by: str, livemode: bool = True, is_full: bool = False,
    resource_type: str = "", user_id: uuid.UUID | None = None,
) -> tuple[Batch, list[Item]]:  # fmt: skip
    """Take a small batch at once, whole or not at all.

    :returns: the finished batch, and what became of each record.
    :raises SourceClosed: see `check_open`.
    """
    check_open(source, at=at)
    batch = _new(
        source, at=at, sent_by=sent_by, livemode=livemode, is_full=is_full, resource_type=resource_type, user_id=user_id
    )  # fmt: skip
    batch.received, batch.state, batch.started_at = len(rows), BatchState.RUNNING, at
    batch.save(force_insert=True)
    context = read_context(source)
    items = list(take(batch=batch, arrivals=[arrive(row) for row in rows], context=context, at=at)) if rows else []
    _finish(batch, context=context, at=at)
    return batch, items


@transaction.atomic
def queue(
    *, source: Source, lines: IO[bytes], received: int, at: dt.datetime, sent_by: str, livemode: bool = True, is_full: bool = False,
    resource_type: str = "", user_id: uuid.UUID | None = None,
) -> Batch:  # fmt: skip
    """Keep a large batch for a worker.

    :param lines: one JSON record a line, at its beginning.
    :raises SourceClosed: see `check_open`.
    """
    check_open(source, at=at)
    batch = _new(
        source, at=at, sent_by=sent_by, livemode=livemode, is_full=is_full, resource_type=resource_type, user_id=user_id
    )  # fmt: skip
    batch.received = received
    batch.file.save(f"{batch.pk}.ndjson", File(lines), save=False)
    try:
        batch.save(force_insert=True)
        events.publish(batch_received, key=batch.pk, batch_id=str(batch.pk))
    except DatabaseError:
        batch.file.delete(save=False)
        raise
    return batch


def rehearse(*, source: Source, rows: list[Row], context: Context, at: dt.datetime) -> list[Item]:
    """What would become of some records, at most `CHUNK`: they take the whole path, and the transaction is undone."""
    with transaction.atomic():
        batch = _new(source, at=at, sent_by="", livemode=True, is_full=False, resource_type="", user_id=None)
        batch.save(force_insert=True)
        items = list(take(batch=batch, arrivals=[arrive(row) for row in rows], context=context, at=at))
        transaction.set_rollback(True)
    return items


def run(
    *, source: Source, rows: Iterable[Row], at: dt.datetime, sent_by: str, livemode: bool = True, is_full: bool = False,
    country: str = "", on_chunk: Callable[[int], object] = lambda _count: None,
    on_told: Callable[[Told], object] = lambda _told: None,
) -> Batch:  # fmt: skip
    """Take records of a reader that is at hand (a file, pages), a thousand a transaction; a failure leaves what was taken.

    :param at: when they were read. :param on_chunk: told how many rows each chunk had, :param on_told: and what became of them.
    :raises SourceClosed: see `check_open`.
    """
    check_open(source, at=at)
    context = read_context(source, country=country, is_fresh=True)
    batch = _new(source, at=at, sent_by=sent_by, livemode=livemode, is_full=is_full, resource_type="", user_id=None)
    batch.state, batch.started_at = BatchState.RUNNING, at
    batch.save(force_insert=True)
    try:
        with contextlib.closing(in_chunks(iter(rows), batch=batch, context=context)) as chunks:
            for chunk in chunks:
                batch.received += len(chunk)
                on_told(take(batch=batch, arrivals=chunk, context=context, at=at))
                on_chunk(len(chunk))
    except Exception as error:
        _fail(batch, error)
        raise
    _finish(batch, context=context, at=now())
    return batch


def work_off(*, batch_id: uuid.UUID) -> bool:
    """Take a waiting batch to its end; harmless when it is done, or another worker has it.

    A worker that is killed leaves whole chunks behind, counted in `done`: the next one goes on after them.

    :returns: whether the batch is finished now.
    """
    with _only_one(batch_id) as is_mine:
        if not is_mine:
            return False
        batch = Batch.objects.select_related("source").filter(pk=batch_id).first()
        if batch is None or batch.state not in {BatchState.QUEUED, BatchState.RUNNING}:
            return batch is not None
        at = now()
        batch.state, batch.started_at = BatchState.RUNNING, batch.started_at or at
        batch.save(update_fields=["state", "started_at"])
        context = read_context(batch.source, is_fresh=True)
        try:
            done = batch.done
            with batch.file.open("rb") as lines:
                rows = (row for row in read_lines(lines) if row.index >= done)
                with contextlib.closing(in_chunks(rows, batch=batch, context=context)) as chunks:
                    for chunk in chunks:
                        take(batch=batch, arrivals=chunk, context=context, at=at)
            _finish(batch, context=context, at=now())
        except (InterfaceError, OperationalError):
            # The database went away or gave up: the batch waits, and the sweep hands it over again.
            raise
        except Exception as error:
            _fail(batch, error)
            raise
        batch.file.delete(save=True)
        return True


@transaction.atomic
def retry(*, batch_id: uuid.UUID) -> Batch:
    """Let a worker go on with a batch that was broken off. Harmless for others."""
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    if batch.state == BatchState.FAILED and batch.file:
        batch.state, batch.error, batch.finished_at = BatchState.QUEUED, "", None
        batch.save(update_fields=["state", "error", "finished_at"])
        events.publish(batch_received, key=batch.pk, batch_id=str(batch.pk))
    return batch


def waiting(*, at: dt.datetime) -> list[uuid.UUID]:
    """Batches that wait for a worker, or whose worker may have died."""
    states = (BatchState.QUEUED, BatchState.RUNNING)
    old = Batch.objects.filter(state__in=states, created_at__lt=at - ORPHAN_AFTER).exclude(file="")
    return list(old.order_by("created_at").values_list("pk", flat=True)[:100])


def prune(*, at: dt.datetime) -> int:
    """Forget former versions of records and the lines of batches that are older than `KEPT_FOR`; returns how many rows."""
    before, count = at - KEPT_FOR, 0
    for queryset in (
        FormerRecord.objects.filter(seen_at__lt=before),
        BatchItem.objects.filter(batch__created_at__lt=before),
        BatchRun.objects.filter(batch__created_at__lt=before),
    ):
        while ids := list(queryset.order_by("pk").values_list("pk", flat=True)[:PRUNE_BATCH]):
            count += queryset.model._default_manager.filter(pk__in=ids).delete()[0]  # noqa: SLF001  Django's name for it
    return count


def read_lines(lines: IO[bytes]) -> Iterator[Row]:
    """Records of one JSON value a line; blank lines are none. One that is too long is not read whole."""
    index = 0
    while line := lines.readline(RECORD_MAX_BYTES + 2):
        payload = line.strip()
        rest = line
        while len(rest) > RECORD_MAX_BYTES and not rest.endswith(b"\n"):
            rest = lines.readline(RECORD_MAX_BYTES + 2)
        if not payload:
            continue
        if len(payload) > RECORD_MAX_BYTES:
            detail = f"> {RECORD_MAX_BYTES}"
            yield Row(index, payload[:KEPT_OF_UNREADABLE], Reason("", "record_too_large", detail))
        else:
            yield Row(index, payload)
        index += 1


@contextlib.contextmanager
def _only_one(batch_id: uuid.UUID) -> Iterator[bool]:
    """A lock of this connection on a batch: it ends with the process, however that ends."""
    key = batch_id.int & (2**63 - 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _finish(batch: Batch, *, context: Context, at: dt.datetime) -> None:
    with transaction.atomic():
        if batch.is_full:
            _note_absent(batch, context=context, at=at)
        batch.state, batch.finished_at = BatchState.DONE, at
        batch.save(update_fields=["state", "finished_at", "received"])
        if batch.livemode and batch.rejected >= TOLD_FROM and batch.rejected * TOLD_SHARE > batch.received:
            events.publish(batch_mostly_rejected, key=batch.pk, batch_id=str(batch.pk))
        _tell_finished(batch)


def _fail(batch: Batch, error: Exception) -> None:
    logger.exception("batch_failed", batch=str(batch.pk), done=batch.done)
    batch.state, batch.finished_at, batch.error = BatchState.FAILED, now(), type(error).__name__[:255]
    with transaction.atomic():
        batch.save(update_fields=["state", "finished_at", "error", "received"])
        _tell_finished(batch)


def _tell_finished(batch: Batch) -> None:
    """Who sent it is told; readings of our own have nobody to tell."""
    if batch.user_id is not None:
        events.publish(batch_finished, key=batch.pk, batch_id=str(batch.pk))


def _note_absent(batch: Batch, *, context: Context, at: dt.datetime) -> None:
    """What a full reading did not list: after three in a row its word weighs little, and the entry shows it. Nothing is deleted."""
    absent = RawRecord.objects.filter(
        source=batch.source_id, livemode=batch.livemode, seen_at__lt=batch.created_at, resource__isnull=False
    ).exclude(outcome=Outcome.REJECTED)
    absent.filter(missed_refreshes__lt=ABSENT_AFTER).update(missed_refreshes=F("missed_refreshes") + 1)
    lost = absent.filter(missed_refreshes=ABSENT_AFTER).order_by("resource_id").values_list("resource_id", flat=True)
    survivorship.refold_many(lost.distinct(), at=at, other_category=context.gazetteer.other_category, key=batch.source.slug)
