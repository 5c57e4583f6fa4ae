"""Events as COPY takes them in its binary form, made from the numbers that travelled: no date, time or row is made of them on the way.

The format: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format". A row is the number of its fields, then each field's
length and bytes, most significant first; -1 as a length is NULL. Moments and days are counted from 1 January 2000.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from django.db import DataError

from apps.analytics.encoding import DROPPED, PackedEvent, day_of
from apps.analytics.rows import EventRow

COLUMNS: Final = (*EventRow._fields, "run")
_YEAR_2000: Final = dt.date(2000, 1, 1)
_YEAR_2000_US: Final = 946_684_800_000_000
_NULL: Final = (-1,)


def binary_rows(events: Sequence[PackedEvent], verdicts: bytes, *, run: int, days: set[dt.date]) -> bytes:
    """Rows of a run's events, without those that the rule dropped.

    :param days: those that the rows are of are added to it.
    :raises django.db.DataError: a number that no column holds.
    """
    rows = []
    before: dt.date | None = None
    day_number = 0
    try:
        for event, digit in zip(events, verdicts, strict=True):
            if digit == DROPPED:
                continue
            created_us, number, kind, channel, source, city, campaign, position, visitor = event
            day = day_of(created_us)
            if day is not before:
                before, day_number = day, (day - _YEAR_2000).days
                days.add(day)
            name = campaign.encode() if campaign else b""
            rows.append(
                _layout(city is None, len(name), position is None, visitor is None).pack(
                    12, 4, day_number, 8, created_us - _YEAR_2000_US, 8, number, 2, kind, 2, channel, 2, source,
                    *(_NULL if city is None else (2, city)), len(name), name, *(_NULL if position is None else (2, position)),
                    *(_NULL if visitor is None else (8, visitor)), 2, digit - 48, 8, run,
                )
            )  # fmt: skip
    except struct.error as error:
        raise DataError(str(error)) from error
    return b"".join(rows)


@lru_cache(maxsize=1000)
def _layout(no_city: bool, campaign_bytes: int, no_position: bool, no_visitor: bool) -> struct.Struct:
    city, position, visitor = "i" if no_city else "ih", "i" if no_position else "ih", "i" if no_visitor else "iq"
    return struct.Struct(f">hiiiqiqihihih{city}i{campaign_bytes}s{position}{visitor}ihiq")
