"""From the stream to the table: at least once read, exactly once written. What is written is counted later (`services.rollups`).

A run is acknowledged after the transaction that wrote it. Who dies before leaves it to the next, who finds its name in
the table when it was written. Any number of drainers may work at once.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import structlog
from django.db import DatabaseError, InterfaceError, OperationalError

from apps.analytics.binary_rows import DROPPED
from apps.analytics.constants import BATCHES_KEPT_DAYS
from apps.analytics.encoding import Run, unpack_calls, unpack_rows
from apps.analytics.exceptions import StreamAway
from apps.analytics.models import EventBatch
from apps.analytics.services.recording import record_runs
from apps.analytics.stream import Entry, stream
from apps.core.clock import now

logger = structlog.get_logger(__name__)

# Entries of one transaction: 20,000 events, about 1.6 MB.
ENTRIES_MAX = 100
# An entry that lies so long with one drainer is taken by another. Should the first be alive, nothing is written twice.
IDLE_S = 15.0
# A name that asked for nothing for so long is that of a process that is gone; one that lives is named again when it asks.
GONE_S = 24 * 3600.0


@dataclass(slots=True)
class Drained:
    """What a call wrote."""

    runs: int = 0
    events: int = 0
    refused: int = 0


def drain(*, budget_s: float = 20.0, idle_s: float = IDLE_S, entries_max: int = ENTRIES_MAX, consumer: str = "") -> Drained:
    """Write what is in the stream, until it is empty or the time is up.

    :raises StreamAway: Redis does not answer. :raises django.db.DatabaseError: the database does not; nothing is lost by either.
    """
    consumer = consumer or f"{socket.gethostname()[:40]}-{os.getpid()}"
    done = Drained()
    ends = time.monotonic() + budget_s
    while True:
        entries = stream.take(consumer, count=entries_max, idle_ms=int(idle_s * 1000))
        if not entries:
            return done
        _write(entries, done)
        if time.monotonic() >= ends:
            return done


def _write(entries: Sequence[Entry], done: Drained) -> None:
    runs, readable = [], []
    for entry in entries:
        try:
            runs.append(_run_of(entry))
        except (msgspec.MsgspecError, ValueError) as error:
            _refuse(entry, error, done)
        else:
            readable.append(entry)
    if not readable:
        return
    try:
        new = record_runs(runs, at=now())
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as error:
        if len(readable) > 1:
            # One of them has what no column holds: the others are written without it.
            for entry in readable:
                _write([entry], done)
        else:
            _refuse(readable[0], error, done)
        return
    stream.done(readable)
    done.runs += len(new)
    done.events += sum(len(run.rows) - run.verdicts.count(DROPPED) for run in runs if run.name in new)


def _run_of(entry: Entry) -> Run:
    if entry.calls:
        return Run(entry.name, calls=unpack_calls(entry.calls))
    return Run(entry.name, unpack_rows(entry.rows), entry.verdicts)


def _refuse(entry: Entry, error: Exception, done: Drained) -> None:
    """Put away what nobody can write, so that it does not stop what comes behind it."""
    logger.error("analytics_run_refused", run=entry.name, error=f"{type(error).__name__}: {error}"[:300])
    stream.put_away(entry)
    done.refused += 1


def prune_batches(*, at: dt.datetime) -> int:
    """Forget the names of runs that nobody can read again, and that are counted."""
    return EventBatch.objects.filter(counted_at__isnull=False, created_at__lt=at - dt.timedelta(days=BATCHES_KEPT_DAYS)).delete()[0]


def prune_consumers(*, gone_s: float = GONE_S) -> int:
    """Forget the names of drainers that are gone. While Redis is away none is: tomorrow is another day."""
    try:
        return stream.forget_consumers(idle_s=gone_s)
    except StreamAway:
        return 0
