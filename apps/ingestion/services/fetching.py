"""Readings of sources: planned, one at a time for a source, gone on with after a break, and judged."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import msgspec
import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from apps.core.clock import now
from apps.core.outgoing import Client
from apps.ingestion.choices import BatchState, SourceKind
from apps.ingestion.models import Batch, Source
from apps.ingestion.services import batches
from apps.ingestion.services.arrivals import Row
from apps.ingestion.services.credentials import CredentialMissing, read_credential
from apps.ingestion.services.pages import FileUnchanged, PoliteFetch, remember_file
from apps.ingestion.services.politeness import SiteBusy
from apps.ingestion.services.quality import check_batch
from apps.ingestion.services.sources import next_run, pause_source
from apps.ingestion.sources import PageUnavailable, Rows, UnreadableRow
from apps.ingestion.sources.browser import browsing
from apps.ingestion.sources.files import read_file
from apps.ingestion.sources.reading import FILE_KINDS, needs_browser, read_one_page, read_pages
from apps.ingestion.sources.recipes import FileRecipe, Recipe, RecipeInvalid, completed, read_recipe
from apps.ingestion.steps.record import Reason

logger = structlog.get_logger(__name__)

# A worker that gave no sign for so long is dead, and another may go on.
LEASE, LEASE_RENEWED_S = dt.timedelta(minutes=5), 30.0
# A reading that takes longer is broken off and gone on with: the worker's own limit is an hour.
BUDGET_S = 1500.0
FAILURES_MAX = 5
FAILURE_WAIT = dt.timedelta(hours=1)
DUE_MAX = 20
TRIAL_ROWS = 20
SENT_BY = "reading"


class OutOfTime(Exception):
    """The reading goes on in another task."""


@dataclass
class Trial:
    """What one page gave, without anything being stored; `error` says why it gave nothing."""

    rows: list[dict[str, Any]]
    unreadable: list[UnreadableRow]
    error: str = ""
    detail: str = ""


def due_sources(*, at: dt.datetime) -> list[uuid.UUID]:
    """Open sources whose time has come and that nobody reads now."""
    due = Source.objects.filter(_free(at), next_run_at__lte=at, paused_at=None, withdrawn_at=None).exclude(kind=SourceKind.PUSH)
    return list(due.exclude(expires_at__lte=at).order_by("next_run_at").values_list("pk", flat=True)[:DUE_MAX])


def _free(at: dt.datetime) -> Q:
    return Q(run_lease_until=None) | Q(run_lease_until__lt=at)


def run_source(*, source_id: uuid.UUID, client: Client | None = None) -> Batch | None:
    """Read a source from its address and take what it says.

    What was read before a break comes from its evidence, so that a reading goes on where a killed worker stopped.

    :returns: the batch; None when it is closed, read by another worker, or gives nothing now (its row says why and when it is tried again).
    """
    source = _claim(source_id, at=now())
    if source is None:
        return None
    try:
        recipe = read_recipe(source.kind, source.recipe)
        with tempfile.TemporaryFile() as spool:
            received, is_whole, validators = _collect(source, recipe, spool, client=client, on_page=_Keeper(source.pk))
            spool.seek(0)
            batch = _take(source, spool, received=received, is_whole=is_whole)
            if source.kind in FILE_KINDS:
                remember_file(source, source.url, validators if is_whole else {}, at=now())
    except SiteBusy as busy:
        _put_off(source, wait=dt.timedelta(seconds=max(busy.wait_s, 60)), error=f"{busy.reason}: {busy.detail}")
    except OutOfTime:
        _put_off(source, wait=dt.timedelta(0), error="")
    except FileUnchanged:
        _note_read(source, at=now())
    except (PageUnavailable, RecipeInvalid, CredentialMissing) as error:
        _fail(source, str(error))
    except Exception as error:
        _fail(source, type(error).__name__)
        raise
    else:
        _end(source, batch)
        return batch
    return None


def try_page(*, source: Source, url: str, client: Client | None = None) -> Trial:
    """Read one page of a source, which need not be stored, and keep nothing of it. :raises RecipeInvalid: the recipe cannot work."""
    recipe = read_recipe(source.kind, source.recipe)
    trial = Trial([], [])
    try:
        with _fetching(source, recipe, since=now(), client=client, is_kept=False, on_page=lambda: None) as fetch:
            for row in read_one_page(url, recipe, fetch):
                if isinstance(row, UnreadableRow):
                    trial.unreadable.append(row)
                else:
                    trial.rows.append(row)
                if len(trial.rows) + len(trial.unreadable) >= TRIAL_ROWS:
                    break
    except PageUnavailable as error:
        trial.error, trial.detail = error.reason, error.detail
    except CredentialMissing as error:
        trial.error, trial.detail = "credential_missing", str(error)
    return trial


class _Keeper:
    """Told before each request: keeps the lease alive, and breaks a long reading off."""

    def __init__(self, source_id: uuid.UUID) -> None:
        self._source_id = source_id
        self._begun = self._renewed = time.monotonic()

    def __call__(self) -> None:
        at = time.monotonic()
        if at - self._begun > BUDGET_S:
            raise OutOfTime
        if at - self._renewed > LEASE_RENEWED_S:
            self._renewed = at
            Source.objects.filter(pk=self._source_id).update(run_lease_until=now() + LEASE)


@transaction.atomic
def _claim(source_id: uuid.UUID, *, at: dt.datetime) -> Source | None:
    """The source, when it is open and nobody else reads it; the worker before, if it died, left its batch open."""
    mine = Source.objects.filter(_free(at), pk=source_id, paused_at=None, withdrawn_at=None).exclude(expires_at__lte=at)
    source = mine.exclude(kind=SourceKind.PUSH).exclude(url="").select_for_update(skip_locked=True).first()
    if source is None:
        return None
    source.run_started_at, source.run_lease_until = source.run_started_at or at, at + LEASE
    source.save(update_fields=["run_started_at", "run_lease_until"])
    Batch.objects.filter(source=source, sent_by=SENT_BY, state=BatchState.RUNNING).update(
        state=BatchState.FAILED, finished_at=at, error="interrupted"
    )
    return source


@contextmanager
def _fetching(
    source: Source, recipe: Recipe, *, since: dt.datetime, client: Client | None, is_kept: bool, on_page: Callable[[], object]
) -> Iterator[PoliteFetch]:
    """A `Fetch` for the block: with a browser when the recipe asks for one."""
    in_browser, wait_for = needs_browser(recipe)
    with browsing(client=client, wait_for=wait_for) if in_browser else nullcontext() as render:
        yield PoliteFetch(
            source, since=since, client=client, delay_s=recipe.delay_s, is_kept=is_kept, render=render, on_page=on_page,
            credential=read_credential(recipe.credential) if recipe.credential else None,
        )  # fmt: skip


def _collect(
    source: Source, recipe: Recipe, spool: IO[bytes], *, client: Client | None, on_page: Callable[[], object]
) -> tuple[int, bool, Mapping[str, str]]:
    """Read everything into `spool`, a line a row; returns how many rows, whether nothing was missing, and what tells a file's version."""
    count, is_whole = 0, True
    validators: dict[str, str] = {}
    since = source.run_started_at or now()
    with _fetching(source, recipe, since=since, client=client, is_kept=True, on_page=on_page) as fetch:
        for row in _file_rows(source, recipe, fetch, validators) if source.kind in FILE_KINDS else read_pages(source.url, recipe, fetch):
            is_whole = is_whole and not isinstance(row, UnreadableRow)
            said = [row.reason, row.detail, row.source_url] if isinstance(row, UnreadableRow) else row
            spool.write(msgspec.json.encode(said) + b"\n")
            count += 1
    return count, is_whole, validators


def _file_rows(source: Source, recipe: Recipe, fetch: PoliteFetch, validators: dict[str, str]) -> Rows:
    name = Path(urlsplit(source.url).path).name or "file"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("wb") as into:
            validators |= fetch.download(source.url, into)
        columns = recipe.columns if isinstance(recipe, FileRecipe) else None
        for row in read_file(path, kind=source.kind, columns=columns):
            if isinstance(row, dict):
                yield completed(row, recipe, page_url=source.url)
            else:
                yield row if isinstance(row, UnreadableRow) else UnreadableRow("not_an_object", str(row)[:120])


def _take(source: Source, spool: IO[bytes], *, received: int, is_whole: bool) -> Batch:
    keep = _Keeper(source.pk)
    return batches.run(
        source=source, rows=_rows(spool), at=now(), sent_by=SENT_BY, is_full=is_whole and received > 0, on_chunk=lambda _count: keep()
    )


def _rows(spool: IO[bytes]) -> Iterator[Row]:
    for index, line in enumerate(spool):
        if line.startswith(b"["):
            reason, detail, url = msgspec.json.decode(line)
            yield Row(index, msgspec.json.encode({"source_url": url}), Reason("", reason, detail))
        else:
            yield Row(index, line.rstrip(b"\n"))


def _put_off(source: Source, *, wait: dt.timedelta, error: str) -> None:
    """The reading goes on later, from where it stands."""
    Source.objects.filter(pk=source.pk).update(run_lease_until=None, next_run_at=now() + wait, last_error=error[:255])


def _fail(source: Source, error: str) -> None:
    """The reading is over; the next one begins anew, later each time, and staff is told when it goes on so."""
    at = now()
    logger.warning("source_not_read", source=str(source.pk), error=error)
    pace = next_run(source, at=at)
    later = at + min(FAILURE_WAIT * 2**source.failures, dt.timedelta(days=1))
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(
            run_started_at=None, run_lease_until=None, last_run_at=at, last_error=error[:255], failures=F("failures") + 1,
            next_run_at=later if pace is not None else None,
        )  # fmt: skip
        if source.failures + 1 >= FAILURES_MAX:
            pause_source(source_id=source.pk, reason=_("%(n)s lectures de suite ont échoué.") % {"n": source.failures + 1}, at=at)


def _end(source: Source, batch: Batch) -> None:
    at = now()
    _note_read(source, at=at)
    check_batch(batch_id=batch.pk, at=at)


def _note_read(source: Source, *, at: dt.datetime) -> None:
    Source.objects.filter(pk=source.pk).update(
        run_started_at=None, run_lease_until=None, last_run_at=at, last_error="", failures=0, next_run_at=next_run(source, at=at)
    )
