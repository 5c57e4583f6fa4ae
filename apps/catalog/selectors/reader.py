"""Reads by libpq's own calls: the driver's cursor costs more than PostgreSQL does for a page of cards.

Measured on a page of 20 cards: 16 us of client CPU against 31 for a binary cursor (performance, section 2).
Parameters go as text and are cast in the statement; results come binary and are decoded here, column by column.
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connections
from django.db.utils import DatabaseError
from psycopg import pq

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from psycopg.pq.abc import PGconn, PGresult

Value = str | int | bool | uuid.UUID | Sequence[int] | Sequence[str] | Sequence[uuid.UUID]
# Bytes, or None for NULL; each reader knows the type of its columns.
Row = tuple[Any, ...]

# Statements kept prepared on a connection; a service that asks more shapes prepares the rest each time.
PREPARED_MAX = 300
_RESULT_BINARY = 1
# The statement is gone (26000) or its tables changed under it (0A000): both are mended by preparing again.
_PREPARE_AGAIN = ("26000", "0A000")

_names = itertools.count()
_prepared: WeakKeyDictionary[Any, dict[str, bytes]] = WeakKeyDictionary()


def encode(value: Value) -> bytes:
    """A parameter as PostgreSQL's text form."""
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, str | int | uuid.UUID):
        return str(value).encode()
    quoted = (f'"{item}"' if isinstance(item, str) else str(item) for item in value)
    return f"{{{','.join(quoted)}}}".encode()


def read(sql: str, parameters: Sequence[bytes], *, is_frequent: bool = True) -> list[Row]:
    """Rows of a statement with `$1` placeholders, as raw binary values.

    :param is_frequent: prepare it, with the plan that PostgreSQL finds good for all values; else plan for these values.
    :raises DatabaseError: Django's own, of the kind that its cursors raise; after a second try on a new connection when the
        old one was lost outside a transaction.
    """
    started = time.perf_counter()
    # Not by Django's `connection`: it looks for the thread's connection again at each attribute.
    connection = connections["default"]
    # Inside a transaction a failing prepared statement would take the transaction with it, so none is used there.
    is_retried = not connection.in_atomic_block
    try:
        with connection.wrap_database_errors:
            rows = _read(connection, sql, parameters, is_prepared=is_frequent and is_retried)
    except DatabaseError as error:
        if not is_retried or not _is_mended(connection, error):
            raise
        with connection.wrap_database_errors:
            rows = _read(connection, sql, parameters, is_prepared=False)
    if connection.queries_logged:
        connection.queries_log.append({"sql": sql, "time": f"{time.perf_counter() - started:.3f}"})
    return rows


def _is_mended(connection: BaseDatabaseWrapper, error: Exception) -> bool:
    """Whether a second try can succeed: a lost connection is closed, a stale statement forgotten."""
    driver = connection.connection
    if driver is None or driver.pgconn.status != pq.ConnStatus.OK:
        connection.close()
        return True
    if getattr(error.__cause__, "sqlstate", None) in _PREPARE_AGAIN:
        _prepared.pop(driver, None)
        return True
    return False


def _read(connection: BaseDatabaseWrapper, sql: str, parameters: Sequence[bytes], *, is_prepared: bool) -> list[Row]:
    connection.ensure_connection()
    driver = connection.connection
    libpq: PGconn = driver.pgconn
    if is_prepared:
        names = _prepared.setdefault(driver, {})
        name = names.get(sql)
        if name is None and len(names) < PREPARED_MAX:
            name = f"cards_{next(_names)}".encode()
            _check(libpq.prepare(name, sql.encode()), pq.ExecStatus.COMMAND_OK)
            names[sql] = name
        if name is not None:
            return _rows(libpq.exec_prepared(name, parameters, None, _RESULT_BINARY))
    return _rows(libpq.exec_params(sql.encode(), parameters, None, None, _RESULT_BINARY))


def _rows(result: PGresult) -> list[Row]:
    _check(result, pq.ExecStatus.TUPLES_OK)
    value, columns = result.get_value, range(result.nfields)
    return [tuple([value(row, column) for column in columns]) for row in range(result.ntuples)]


def _check(result: PGresult, wanted: pq.ExecStatus) -> None:
    if result.status == wanted:
        return
    error = psycopg.errors.error_from_result(result)
    # Without a code the server said nothing: it is libpq that lost it.
    raise error if error.sqlstate else psycopg.OperationalError(str(error))
