"""Rows of two entries as they stand, and putting them back: what a merge changes, and how it is undone.

A merge keeps its rows as they were before and after it. Undoing puts back what the merge changed and nothing has touched since;
what somebody wrote in between stays.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection

Row = dict[str, Any]
State = dict[str, list[Row]]

RESOURCES, RECORDS = "api_resources", "ingest_records"
# Table → its column with the entry. What they hold goes with the entry.
_PARTS = {
    "contact_points": "resource_id", "business_hours": "business_id", "special_days": "resource_id", "business_images": "business_id",
    "slug_history": "resource_id", "field_provenance": "resource_id", "ingest_proposals": "resource_id",
}  # fmt: skip
# Never put back: these tell that something happened, or are not written.
_KEPT = ("version", "updated_at", "number", "plan_rank")


def read_state(resource_ids: Sequence[uuid.UUID]) -> State:
    """All rows of these entries that a merge may change, as JSON."""
    ids = list(resource_ids)
    state = {
        RESOURCES: _read(f"SELECT to_jsonb(t) - %s::text[] FROM {RESOURCES} t WHERE id = ANY(%s) ORDER BY id", [list(_KEPT), ids]),  # noqa: S608  constants
        # Which entry a record speaks of is all that changes of it.
        RECORDS: _read(
            "SELECT jsonb_build_object('id', id, 'resource_id', resource_id) FROM ingest_records WHERE resource_id = ANY(%s) ORDER BY id",
            [ids],
        ),
    }
    for table, column in _PARTS.items():
        state[table] = _read(f"SELECT to_jsonb(t) FROM {table} t WHERE {column} = ANY(%s) ORDER BY id", [ids])  # noqa: S608  constants
    return state


def put_back(*, survivor_id: uuid.UUID, absorbed_id: uuid.UUID, before: State, after: State) -> bool:
    """Undo what lies between two states; returns whether anything had changed since the second.

    The absorbed entry is exactly as it was; the survivor, too, but for what was written since. Both are locked by the caller.
    """
    ids = [survivor_id, absorbed_id]
    absorbed = str(absorbed_id)
    now = read_state(ids)
    is_touched = now != after
    with connection.cursor() as cursor:
        entries = list(_columns_put_back(before[RESOURCES], after[RESOURCES], now[RESOURCES], absorbed))
        columns = sorted({column for row in entries for column in row} - {"id"})
        assignments = ", ".join(f'"{column}" = s."{column}"' for column in columns)
        cursor.execute(
            f"UPDATE {RESOURCES} r SET {assignments} FROM jsonb_populate_recordset(NULL::{RESOURCES}, %s::jsonb) s WHERE r.id = s.id",  # noqa: S608  columns of the table
            [json.dumps(entries)],
        )
        for table, column in _PARTS.items():
            own = {row["id"] for row in before[table] if row[column] == absorbed}
            rows = _rows_put_back(before[table], after[table], now[table], own)
            if rows == now[table]:
                continue
            # All go first: two rows that change places must not meet.
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [ids])  # noqa: S608  constants
            cursor.execute(
                f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)",  # noqa: S608  constants
                [json.dumps(rows)],
            )
        moved = [row for row in before[RECORDS] if row not in now[RECORDS] and _stands(row, after[RECORDS], now[RECORDS])]
        cursor.executemany("UPDATE ingest_records SET resource_id = %s WHERE id = %s", [(row["resource_id"], row["id"]) for row in moved])
    return is_touched


def _read(statement: str, parameters: list[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [value if isinstance(value, dict) else json.loads(value) for (value,) in cursor.fetchall()]


def _by_id(rows: Sequence[Row]) -> dict[Any, Row]:
    return {row["id"]: row for row in rows}


def _stands(row: Row, after: Sequence[Row], now: Sequence[Row]) -> bool:
    """Whether the row is still as the merge left it."""
    return _by_id(after).get(row["id"]) == _by_id(now).get(row["id"])


def _columns_put_back(before: Sequence[Row], after: Sequence[Row], now: Sequence[Row], absorbed: str) -> Iterator[Row]:
    left = _by_id(after)
    current = _by_id(now)
    for row in before:
        if row["id"] == absorbed:
            yield row
            continue
        then, present = left[row["id"]], current[row["id"]]
        yield {
            column: value if column == "id" or present.get(column) == then.get(column) else present.get(column)
            for column, value in row.items()
        }


def _rows_put_back(before: Sequence[Row], after: Sequence[Row], now: Sequence[Row], own: set[Any]) -> list[Row]:
    """:param own: rows of the absorbed entry."""
    first, then, present = _by_id(before), _by_id(after), _by_id(now)
    keys: Mapping[Any, None] = dict.fromkeys([*first, *present])
    found = [first.get(key) if key in own or present.get(key) == then.get(key) else present.get(key) for key in keys]
    return [row for row in found if row is not None]
