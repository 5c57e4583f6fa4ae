"""Partitions of a day, of events and of who was counted that day: made ahead, or when the first event of a day comes; dropped with all
that is in them after 30 days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import structlog
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.analytics.constants import DAYS_AHEAD, RAW_DAYS, ZONE

logger = structlog.get_logger(__name__)

PARTITIONED = ("analytics_events", "analytics_day_visitors")
# Two writers that miss the same day's partition make it one after the other.
LOCK = 0x414E01
# Dropping waits for who reads, and everybody who writes would wait behind it.
_LOCK_TIMEOUT = "3s"
_NAME = re.compile(rf"({'|'.join(PARTITIONED)})_(\d{{8}})")
# Attached, because CREATE TABLE … PARTITION OF would keep everybody from the whole table meanwhile.
_MAKE = "CREATE TABLE IF NOT EXISTS {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
_ATTACH = "ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{after}')"
_MISSING = """
SELECT name FROM unnest(%s::text[]) name WHERE NOT EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass(name))
"""
_BY_NAME = """
SELECT relname, relispartition FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname ~ %s
ORDER BY relname
"""


def ensure_partitions(days: Iterable[dt.date]) -> list[str]:
    """Make the partitions of these days that are missing; returns their names. One short read when all are there.

    In the caller's transaction, when there is one. A table of that name that stands apart is attached, with what is in it.
    """
    wanted = {f"{table}_{day:%Y%m%d}": (table, day) for day in set(days) for table in PARTITIONED}
    with connection.cursor() as cursor:
        if not wanted or not _missing(cursor, list(wanted)):
            return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        missing = sorted(_missing(cursor, list(wanted)))
        for name in missing:
            table, day = wanted[name]
            # Names are made of a constant and digits, bounds of dates.
            cursor.execute(_MAKE.format(name=name, table=table))
            cursor.execute(_ATTACH.format(name=name, table=table, first=day.isoformat(), after=(day + dt.timedelta(days=1)).isoformat()))
    return missing


def make_ahead(*, at: dt.datetime) -> list[str]:
    """Partitions of yesterday, today and the days to come, and those of kept days that stand apart; returns the names of what was made."""
    today = at.astimezone(ZONE).date()
    days = {today + dt.timedelta(days=ahead) for ahead in range(-1, DAYS_AHEAD + 1)}
    return ensure_partitions(days | {day for _name, day, is_attached in _tables() if not is_attached and day >= _first_kept(at)})


def drop_old(*, at: dt.datetime) -> list[str]:
    """Drop the partitions whose days are no longer kept, attached or not; returns their names.

    One that somebody reads right now is left for the next time.
    """
    return [name for name, day, _is_attached in _tables() if day < _first_kept(at) and _drop(name)]


def _first_kept(at: dt.datetime) -> dt.date:
    return at.astimezone(ZONE).date() - dt.timedelta(days=RAW_DAYS)


def _missing(cursor: CursorWrapper, names: list[str]) -> list[str]:
    cursor.execute(_MISSING, [names])
    return [name for (name,) in cursor.fetchall()]


def _tables() -> list[tuple[str, dt.date, bool]]:
    """Name and day of every table that looks like one of ours, and whether it is a partition."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_NAME, [f"^{_NAME.pattern}$"])
        found = [(name, _day_of(name), is_attached) for name, is_attached in cursor.fetchall()]
    return [(name, day, is_attached) for name, day, is_attached in found if day is not None]


def _day_of(name: str) -> dt.date | None:
    found = _NAME.fullmatch(name)
    try:
        return dt.date.fromisoformat(found[2]) if found else None
    except ValueError:
        # Eight digits that are no day: nothing of ours.
        return None


def _drop(name: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_LOCK_TIMEOUT])
            cursor.execute(f"DROP TABLE {name}")
    except OperationalError as error:
        logger.warning("analytics_partition_in_use", partition=name, error=str(error)[:200])
        return False
    return True
