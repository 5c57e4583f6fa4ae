"""A process that dies: before a statement or a commit of its choice, with the connection, and with nothing in our code hearing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection


class Died(BaseException):
    """No `except Exception` of ours may see it: a dead process catches nothing."""


@dataclass
class Watch:
    """How many statements and commits there were, and whether one was the last."""

    seen: int = 0
    is_dead: bool = False


@contextmanager
def dying_before(number: int) -> Iterator[Watch]:
    """Die before the statement of this number (1 is the first; a commit counts as one), when the block comes so far.

    PostgreSQL sees its client go and rolls back. Afterwards this process goes on as another one that starts anew.
    """
    watch = Watch()
    connection.ensure_connection()

    def step() -> None:
        watch.seen += 1
        if watch.seen == number:
            watch.is_dead = True
            connection.connection.close()
            raise Died

    def before(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        step()
        return execute(sql, params, many, context)

    def commit() -> None:
        step()
        type(connection._connections[connection._alias])._commit(one)  # type: ignore[attr-defined]

    one = connection._connections[connection._alias]  # type: ignore[attr-defined]
    one._commit = commit
    try:
        with connection.execute_wrapper(before):
            yield watch
    except BaseException:  # what Django says while it leaves its blocks with a dead connection may hide ours
        if not watch.is_dead:
            raise
        connection.close()
    finally:
        del one._commit
