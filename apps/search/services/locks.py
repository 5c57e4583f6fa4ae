"""Who writes the index now: locks of PostgreSQL that end with the transaction."""

from __future__ import annotations

from django.db import connection

# One writer at a time, who reads after the others have written: what was read before a category got its new name never
# follows what was read after.
INDEX = "search.index"


def take_lock(name: str) -> None:
    """Wait for a lock, and keep it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])


def try_lock(name: str) -> bool:
    """The same without waiting: whether it was free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [name])
        return bool(cursor.fetchone()[0])
