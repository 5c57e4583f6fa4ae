"""Reads a file of records in chunks, and goes ahead with the next chunk while one is stored."""

from __future__ import annotations

import contextlib
import gc
import itertools
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from apps.ingestion.models import Batch
from apps.ingestion.services.arrivals import Arrival, Row, arrive, prepare
from apps.ingestion.services.pipeline import CHUNK
from apps.ingestion.steps import Context

# Chunks of more are not read ahead, so that a batch never holds two of them: a record has up to a megabyte.
AHEAD_MAX_BYTES = 8_000_000
# Seconds. Whoever waits for the database shares the interpreter with who cleans: at Python's own 5 ms, each answer of the database would
# wait so long before it is read.
_SWITCH_S = 0.0005


def in_chunks(rows: Iterator[Row], *, batch: Batch, context: Context) -> Generator[list[Arrival]]:
    """Rows of a batch in chunks of `CHUNK`, for `pipeline.take`; each is cleaned already when it is likely to be new.

    While a chunk is stored, most of the time the database works and this process waits. A thread uses that time to clean the next one
    and to find how matching looks for it; it touches no table. What was sent before is known by its bytes and never cleaned, so that
    the thread rests unless most of the last chunk was new.

    A reader that fails is heard when the chunk before was given out and stored. Close it (`contextlib.closing`) when not all is taken.
    """
    is_new = False
    with _no_collections(), ThreadPoolExecutor(1, thread_name_prefix="cleaning") as cleaner:
        chunk = _read(rows)
        while chunk:
            following: list[Arrival] | Exception = []
            work: Future[None] | None = None
            is_ahead = sum([len(one.payload) for one in chunk]) <= AHEAD_MAX_BYTES
            if is_ahead:
                following = _try_to_read(rows)
            if is_new and not isinstance(following, Exception):
                work = cleaner.submit(prepare, following, context, is_matched=batch.livemode)
            before = _new_of(batch)
            yield chunk
            is_new = (_new_of(batch) - before) * 2 > len(chunk)
            gc.collect(0)
            if work is not None:
                work.result()
            if isinstance(following, Exception):
                raise following
            chunk = following if is_ahead else _read(rows)


def _read(rows: Iterator[Row]) -> list[Arrival]:
    return [arrive(row) for row in itertools.islice(rows, CHUNK)]


def _try_to_read(rows: Iterator[Row]) -> list[Arrival] | Exception:
    try:
        return _read(rows)
    except Exception as error:  # noqa: BLE001  raised when its turn has come
        return error


def _new_of(batch: Batch) -> int:
    return batch.created + batch.merged + batch.duplicate_suspected


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """A chunk makes enough objects for many collections, which find nothing: a tenth of the time, a third with all that Django holds.

    `in_chunks` looks for circles once a chunk instead.
    """
    was_enabled, switch_s = gc.isenabled(), sys.getswitchinterval()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(switch_s)
        gc.unfreeze()
        if was_enabled:
            gc.enable()
