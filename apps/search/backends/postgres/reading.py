"""Statements that end in time: what PostgreSQL does not answer soon is an engine that is away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.utils import InterfaceError, OperationalError
from psycopg.types.datetime import TimestamptzLoader

from apps.search.backends.base import EngineUnavailable
from apps.search.backends.postgres.packed_places import PackedPlaces, packing
from apps.search.backends.postgres.prepared import first_row

STATEMENT_TIMEOUT_MS = 2_000
# Sent in one message with the statement: no round trip, and none of a transaction's begin and end. Outside a transaction the message
# is one, which the settings end with. Compiling a statement would cost more than any of these takes to run. What may match is always read
# by an index: the planner's guess of an array is ten times too much, and then it reads the whole table to find a thousand.
_SETTINGS = {"statement_timeout": str(STATEMENT_TIMEOUT_MS), "jit": "off", "enable_seqscan": "off"}
_before = "".join(f"SET LOCAL {name} = {value}; " for name, value in _SETTINGS.items())
_AFTER = "".join(f"; SET LOCAL {name} TO DEFAULT" for name in _SETTINGS)

Row = Sequence[Any]


def set_timeout(ms: int) -> None:
    """Another time limit for this process: for measures, which can wait."""
    global _before  # noqa: PLW0603  set once, before the first question
    _before = "".join(f"SET LOCAL {name} = {value}; " for name, value in {**_SETTINGS, "statement_timeout": str(ms)}.items())


class Parameters(dict[str, Any]):
    """Values of a statement, each bound under a name of its own."""

    def bind(self, value: object, cast: str) -> str:
        """The placeholder of a value."""
        name = f"p{len(self)}"
        # Numbers need no quoting: the driver looks at each of a list to find that out.
        self[name] = f"{{{','.join(map(str, value))}}}" if cast == "int[]" and isinstance(value, list) else value
        return f"%({name})s::{cast}"


class Reader:
    """Runs the statements of one question."""

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """All rows of a statement."""
        # Made only here: most questions are answered by what is prepared, and a cursor takes a fifth of the time of such an answer.
        with connection.cursor() as cursor:
            # The driver's own loader: Django's, written in Python, takes longer than a page does.
            cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
            cursor.execute(f"{_before}{sql}{_AFTER if connection.in_atomic_block else ''}", values)
            for _setting in _SETTINGS:
                cursor.nextset()
            rows: list[Row] = cursor.fetchall()
        return rows

    def number(self, sql: str, values: Mapping[str, Any]) -> int:
        """The one number of a statement."""
        prepared = self._first_row(sql, values)
        return int((prepared or self.rows(sql, values)[0])[0])

    def places(self, sql: str, values: Mapping[str, Any], *, skipped: int = 0) -> tuple[PackedPlaces, int]:
        """The places of a statement, and the number that goes with them: see `packing`."""
        packed, number = self.packed(packing(sql, skipped=skipped), values)
        return PackedPlaces(packed), number

    def packed(self, sql: str, values: Mapping[str, Any]) -> tuple[bytes, int]:
        """The bytes of a statement of one row, and the number beside them."""
        prepared = self._first_row(sql, values)
        if prepared is None:
            packed, number = self.rows(sql, values)[0]
            return packed or b"", number or 0
        text, number = prepared
        # The server writes bytes as hexadecimal digits behind "\\x".
        return bytes.fromhex(text[2:].decode()) if text else b"", int(number or 0)

    def _first_row(self, sql: str, values: Mapping[str, Any]) -> Row | None:
        return first_row(connections[DEFAULT_DB_ALIAS], sql, values, before=_before, after=_AFTER)


@contextlib.contextmanager
def reading() -> Iterator[Reader]:
    """A reader whose every statement has the time limit.

    :raises EngineUnavailable: the server is away, or a statement took too long.
    """
    try:
        yield Reader()
    except (OperationalError, InterfaceError) as error:
        raise EngineUnavailable(f"{type(error).__name__}: {error}"[:200]) from error
