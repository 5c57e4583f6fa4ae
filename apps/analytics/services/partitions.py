"""Partitions of a day: of events, and of who was counted that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection

PARTITIONED = ("analytics_events", "analytics_day_visitors")
# Two writers that miss the same day's partition make it one after the other.
LOCK = 0x414E01


def ensure_partitions(days: Iterable[dt.date]) -> None:
    """Make the partitions of these days that are missing, in the caller's transaction. Costs one short read when all are there."""
    wanted = {_name(table, day): (table, day) for day in set(days) for table in PARTITIONED}
    if not wanted or not (missing := _missing(list(wanted))):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for name in sorted(missing):
            table, day = wanted[name]
            # Names are made of a constant and digits, bounds of dates.
            bounds = f"FROM ('{day.isoformat()}') TO ('{(day + dt.timedelta(days=1)).isoformat()}')"
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} FOR VALUES {bounds}")


def _missing(names: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM unnest(%s::text[]) name WHERE to_regclass(name) IS NULL", [names])
        return [row[0] for row in cursor.fetchall()]


def _name(table: str, day: dt.date) -> str:
    return f"{table}_{day:%Y%m%d}"
