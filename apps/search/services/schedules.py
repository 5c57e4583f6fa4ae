"""Short keys of opening hours: entries that share their hours share a key."""

from __future__ import annotations

from collections.abc import Mapping, Set

from django.db import connection

_INSERT = "INSERT INTO search_schedule (hours) SELECT unnest(%s::bytea[]) ON CONFLICT DO NOTHING"
_READ = "SELECT hours, id FROM search_schedule WHERE hours = ANY(%s::bytea[])"


def schedule_keys(hours: Set[bytes]) -> Mapping[bytes, int]:
    """The key of each of these packed hours, a new one for hours that nobody had before."""
    if not hours:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_READ, [sorted(hours)])
        known = {bytes(packed): key for packed, key in cursor.fetchall()}
        missing = sorted(hours - known.keys())
        if missing:
            cursor.execute(_INSERT, [missing])
            cursor.execute(_READ, [missing])
            known |= {bytes(packed): key for packed, key in cursor.fetchall()}
    return known
