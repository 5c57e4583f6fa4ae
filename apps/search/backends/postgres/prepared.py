"""Statements that are asked again and again, prepared once on a connection and sent with their limits in one message.

A statement through the driver's cursor takes 0.5 ms of a processor for one row and 1.2 for two hundred: half of it is parsing and planning
what was planned a moment ago, most of the rest is making Python's objects of rows that the ranking never looks at. Here the message is
`SET LOCAL …; EXECUTE name (values)`, so that a time limit still costs no round trip, and the answer is one row: 0.16 and 0.25 ms.

The plan is made once for all values (`force_generic_plan`). That is safe because no statement of this engine leaves a choice to the
planner: `sources` fences the one index that each is read by.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from psycopg.pq.abc import PGresult

# Kept prepared on a connection; whoever asks more shapes asks the rest by the cursor.
PREPARED_MAX = 200
# Shapes that a connection has seen once.
_SEEN_MAX = 2_000
_PLACEHOLDER = re.compile(r"%\((p\d+)\)s::([a-z0-9]+(?:\[\])?)")
# The statement is gone (26000) or its tables changed under it (0A000): prepared again the next time.
_PREPARE_AGAIN = ("26000", "0A000")

_prepared: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
_UNPREPARED = ""


def first_row(
    connection: BaseDatabaseWrapper, sql: str, values: Mapping[str, Any], *, before: str, after: str
) -> tuple[bytes | None, ...] | None:
    """The first row of a statement as text; None when it is to be asked by the cursor, as all are when they are asked for the first time.

    :param sql: with the placeholders of `reading.Parameters`.
    :param before: settings that go first. :param after: what undoes them in a transaction, which would keep them.
    """
    if connection.execute_wrappers or connection.queries_logged:
        # Somebody listens to the cursor.
        return None
    order: dict[str, int] = {}
    shape = _PLACEHOLDER.sub(lambda found: f"${order.setdefault(found[1], len(order) + 1)}::{found[2]}", sql)
    connection.ensure_connection()
    driver = connection.connection
    names = _prepared.setdefault(driver, {})
    name = names.get(shape)
    if name is None:
        if len(names) < _SEEN_MAX:
            names[shape] = _UNPREPARED
        return None
    literals = [_literal(values[parameter]) for parameter in order]
    if any("\0" in literal for literal in literals):
        # It would end the message.
        return None
    with connection.wrap_database_errors:
        if name is _UNPREPARED:
            if sum(1 for known in names.values() if known) >= PREPARED_MAX:
                return None
            # A name that says what it stands for, whoever else prepares on a connection that a pool lends around.
            name = f"search_{hashlib.sha256(shape.encode()).hexdigest()[:24]}"
            try:
                _checked(driver.pgconn.exec_(f"PREPARE {name} AS {shape}".encode()), pq.ExecStatus.COMMAND_OK)
            except psycopg.errors.DuplicatePreparedStatement:
                if connection.in_atomic_block:
                    raise
            names[shape] = name
        given = f"({', '.join(literals)})" if literals else ""
        message = f"{before}SET LOCAL plan_cache_mode = force_generic_plan; EXECUTE {name}{given}"
        try:
            result = _checked(driver.pgconn.exec_(message.encode()), pq.ExecStatus.TUPLES_OK)
        except psycopg.Error as error:
            if error.sqlstate not in _PREPARE_AGAIN:
                raise
            names[shape] = _UNPREPARED
            if connection.in_atomic_block:
                raise
            return None
        row = tuple([result.get_value(0, column) for column in range(result.nfields)])
        if connection.in_atomic_block:
            _checked(driver.pgconn.exec_(f"{after}; SET LOCAL plan_cache_mode TO DEFAULT".encode()), pq.ExecStatus.COMMAND_OK)
    return row


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        value = array(value)
    elif isinstance(value, dt.datetime):
        value = value.isoformat()
    text = str(value)
    # As the server reads it, whose `standard_conforming_strings` has been on since version 9.1.
    return "'" + text.replace("'", "''") + "'"


def array(items: Sequence[object]) -> str:
    """A list as PostgreSQL's text of an array."""
    quoted = ('"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items)
    return "{" + ",".join(str(item) if isinstance(item, int | uuid.UUID) else text for item, text in zip(items, quoted, strict=True)) + "}"


def _checked(result: PGresult, wanted: pq.ExecStatus) -> PGresult:
    if result.status == wanted:
        return result
    error = psycopg.errors.error_from_result(result)
    # Without a code the server said nothing: it is libpq that lost it.
    raise error if error.sqlstate else psycopg.OperationalError(str(error))
