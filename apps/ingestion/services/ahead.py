"""Reads a file of records in chunks, and goes ahead with the next chunk while one is stored."""

from __future__ import annotations

import contextlib
import gc
import itertools
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from apps.ingestion.models import Batch, RawRecord
from apps.ingestion.services.arrivals import Arrival, Row, arrive
from apps.ingestion.services.pipeline import CHUNK
from apps.ingestion.steps import Context

# Chunks of more are not read ahead, so that a batch never holds two of them: a record has up to a megabyte.
AHEAD_MAX_BYTES = 8_000_000
# Where next to nothing changes, so many chunks are taken as one: looking up a thousand records costs less than the statements around it.
# No more than their bytes allow.
_TOGETHER, _TOGETHER_MAX_BYTES, _CHANGED_SHARE = 4, 2_000_000, 20
# Chunks. Looking for circles goes through all that is held, 20 ms or more, and finds some hundred objects; the rest is freed at once.
_COLLECT_EVERY = 64
# Seconds. Whoever waits for the database shares the interpreter with who cleans: at Python's own 5 ms, each answer of the database would
# wait so long before it is read.
_SWITCH_S = 0.0005
# Seconds for which who cleans rests after a record for which it had to wait: who stores has something to compute then, does not wait for
# the database, and would only be slowed down.
_REST_S = 0.002


def in_chunks(rows: Iterator[Row], *, batch: Batch, context: Context) -> Generator[list[Arrival]]:
    """Rows of a batch in chunks of `CHUNK`, for `pipeline.take`; each is cleaned already when it is likely to be new.

    Of what hardly changes since the last time four chunks come as one.

    While a chunk is stored, most of the time the database works and this process waits. A thread uses that time to clean the next one
    and to find how matching looks for it; it touches no table. What was sent before is known by its bytes and never cleaned, so that
    the thread rests unless most of the last chunk was new, or the source never sent anything.

    A reader that fails is heard when the chunk before was given out and stored. Close it (`contextlib.closing`) when not all is taken.
    """
    is_new = not RawRecord.objects.filter(source_id=batch.source_id, livemode=batch.livemode).exists()
    taken = 0
    with _no_collections(), ThreadPoolExecutor(1, thread_name_prefix="cleaning") as cleaner:
        chunk = _read(rows, CHUNK)
        while chunk:
            following: list[Arrival] | Exception | None = None
            work: Future[None] | None = None
            if is_new and _size(chunk) <= AHEAD_MAX_BYTES:
                following = _try_to_read(rows)
                if not isinstance(following, Exception):
                    work = cleaner.submit(_clean_ahead, following, context, is_matched=batch.livemode)
            new_before, same_before = _new_of(batch), batch.unchanged
            yield chunk
            is_new = (_new_of(batch) - new_before) * 2 > len(chunk)
            changed = len(chunk) - (batch.unchanged - same_before)
            taken += 1
            if taken % _COLLECT_EVERY == 0:
                gc.collect(0)
            if work is not None:
                work.result()
            if isinstance(following, Exception):
                raise following
            most = CHUNK * _TOGETHER if changed * _CHANGED_SHARE <= len(chunk) else CHUNK
            chunk = _read(rows, most) if following is None else following


def _clean_ahead(arrivals: Sequence[Arrival], context: Context, *, is_matched: bool) -> None:
    """Do what `group` and matching will want of records that are likely to be new."""
    # One kind of work after the other: taken in turn they would cost a tenth more. Of the same bytes `group` will clean the first.
    firsts = {one.digest: one for one in reversed(arrivals)}
    for one in _unhurried(firsts.values()):
        one.clean(context)
    if is_matched:
        for one in _unhurried(arrivals):
            if one.cleaned is not None:
                one.sought(context)


def _unhurried(arrivals: Iterable[Arrival]) -> Iterator[Arrival]:
    """These, with a rest after one for which the interpreter had to be waited for."""
    for one in arrivals:
        started, used = time.perf_counter(), time.thread_time()
        yield one
        if time.perf_counter() - started - (time.thread_time() - used) > _SWITCH_S / 2:
            time.sleep(_REST_S)


def _read(rows: Iterator[Row], most: int) -> list[Arrival]:
    chunk: list[Arrival] = []
    while len(chunk) < most and (not chunk or _size(chunk) <= _TOGETHER_MAX_BYTES):
        part = [arrive(row) for row in itertools.islice(rows, CHUNK)]
        chunk += part
        if len(part) < CHUNK:
            break
    return chunk


def _size(chunk: Sequence[Arrival]) -> int:
    return sum([len(one.payload) for one in chunk])


def _try_to_read(rows: Iterator[Row]) -> list[Arrival] | Exception:
    try:
        return _read(rows, CHUNK)
    except Exception as error:  # noqa: BLE001  raised when its turn has come
        return error


def _new_of(batch: Batch) -> int:
    return batch.created + batch.merged + batch.duplicate_suspected


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """A chunk makes enough objects for many collections, which find nothing: a tenth of the time, a third with all that Django holds.

    `in_chunks` looks for circles after some chunks instead.
    """
    was_enabled, switch_s = gc.isenabled(), sys.getswitchinterval()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(switch_s)
        # All that was made meanwhile would be gone through at once; so it is as if it had been there for long.
        gc.freeze()
        gc.unfreeze()
        if was_enabled:
            gc.enable()
