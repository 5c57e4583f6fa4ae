"""Many rows into a table by COPY in its binary form: about half of what the text form costs on both sides for rows that hold JSON."""

from __future__ import annotations

import struct
import weakref
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import DataError, OperationalError, connection
from psycopg.adapt import Dumper
from psycopg.pq import Format

_POINT_OID = 600
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
# Types of columns by the statement that asks for them, as long as a connection lasts: asking cost as much as copying a few rows.
_types: weakref.WeakKeyDictionary[psycopg.Connection[Any], dict[str, list[int]]] = weakref.WeakKeyDictionary()


class _PointDumper(Dumper):
    """PostgreSQL's `point` from a pair of floats, (x, y)."""

    format = Format.BINARY
    oid = _POINT_OID

    def dump(self, obj: tuple[float, float]) -> bytes:
        return struct.pack("!dd", *obj)


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to a table, in the caller's transaction.

    Values are of the Python type that the driver knows for the column: `Decimal` or int for numeric, `(x, y)` for point.

    :raises django.db.DataError: a value that its column cannot hold.
    :raises django.db.IntegrityError: a row that breaks a constraint.
    """
    names = ", ".join(columns)
    # Django wraps the errors of its cursor's own methods only.
    with connection.wrap_database_errors, connection.cursor() as cursor:
        # Binary rows carry no types: they have to be those of the columns.
        question = f"SELECT {names} FROM {table} LIMIT 0"  # noqa: S608  names are constants of the callers
        known = _types.setdefault(cursor.connection, {})
        if question not in known:
            cursor.execute(question)
            known[question] = [column.type_code for column in cursor.description]
        types = known[question]
        cursor.cursor.adapters.register_dumper(None, _PointDumper)
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)


def packed(value: bytes) -> bytes:
    """A value behind its length, as rows of `copy_packed` hold it."""
    return len(value).to_bytes(4, "big") + value


def copy_packed(table: str, columns: Sequence[str], rows: Sequence[bytes]) -> None:
    """Append rows that are in COPY's binary form already (https://www.postgresql.org/docs/current/sql-copy.html).

    For many short rows; raises as `copy_rows`.

    :param rows: each the number of its columns (two bytes) and its values `packed`, of a length that the column's type has; four bytes
        of 255 are NULL.
    """
    if not rows:
        return
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    try:
        with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(b"".join([_HEADER, *rows, _TRAILER]))
    except OperationalError as error:
        # A value shorter than it says is no fault of the connection, which is what PostgreSQL calls it.
        if isinstance(error.__cause__, psycopg.errors.ProtocolViolation):
            raise DataError(str(error)) from error
        raise
