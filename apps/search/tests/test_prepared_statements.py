"""Statements that were asked before go prepared, with the same answers, limits and traces as by the cursor."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.search.backends.base import EngineUnavailable, Place
from apps.search.backends.postgres import prepared
from apps.search.backends.postgres.packed_places import PackedPlaces
from apps.search.backends.postgres.reading import Parameters, reading

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 27, 5, 30, 15, 123_456, tzinfo=dt.UTC)


def places_of(rows: list[Place]) -> PackedPlaces:
    """These rows as a statement that is asked three times: by the cursor, when it is prepared, and prepared."""
    values = Parameters()
    kinds = ("uuid", "int2", "int2", "int2", "timestamptz", "float8")
    bound = [
        ", ".join(values.bind(value, kind) for value, kind in zip(
            (row.id, row.tier, row.quality, row.plan_rank, row.published_at, row.distance_m), kinds, strict=True
        ))
        for row in rows
    ]  # fmt: skip
    columns = "resource_id, tier, quality, plan_rank, published_at, distance, total"
    sql = f"SELECT * FROM (VALUES {', '.join(f'({one}, 7)' for one in bound)}) v({columns})"  # noqa: S608  placeholders
    with reading() as reader:
        found = [reader.places(sql, values) for _ in range(3)]
    assert found[0] == found[1] == found[2]
    assert found[0][1] == 7
    return found[0][0]


def text_of(value: Any, cast: str = "text") -> int:
    """The length of a value as the server understood it, asked twice."""
    values = Parameters()
    sql = f"SELECT octet_length(array_to_string(ARRAY[{values.bind(value, cast)}], '|'))"
    with reading() as reader:
        return [reader.number(sql, values) for _ in range(2)][-1]


def test_it_works() -> None:
    rows = [
        Place(uuid.UUID(int=2**128 - 1), 3, 100, 2, AT, 12.5),
        Place(uuid.UUID(int=1), 0, 0, 0, AT - dt.timedelta(days=20_000), None),
        Place(uuid.UUID(int=5 << 64), 1, 40, 1, AT, 0.0),
    ]
    found = places_of(rows)
    assert list(found) == rows
    assert found.ids == [row.id for row in rows]
    assert (len(found), found[-1], list(found[1:]), list(found[:2] + found[2:])) == (3, rows[2], rows[1:], rows)
    assert not found[3:]
    with pytest.raises(IndexError):
        found[3]


def test_what_was_asked_before_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whatever else was asked on this connection.
    monkeypatch.setattr(prepared, "PREPARED_MAX", 10**6)
    monkeypatch.setattr(prepared, "_SEEN_MAX", 10**6)
    text_of("one")
    names = [name for shape, name in prepared._prepared[connection.connection].items() if "octet_length" in shape and "::text]" in shape]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = ANY(%s)", [names])
        assert cursor.fetchone()[0] == len(names) == 1


@pytest.mark.parametrize("text", ["l'été", "'; DROP TABLE x; --", "\\' \\\\", "%(p0)s $1", "مرحبا 🙂", ""])
def test_a_text_stays_what_it_is(text: str) -> None:
    assert text_of(text) == len(text.encode())
    assert text_of([text, "a,b", '"'], "varchar[]") == len(text.encode()) + 6


def test_limits_hold_and_end_with_the_statement() -> None:
    values = Parameters()
    sql = f"SELECT count(*) FROM (SELECT pg_sleep({values.bind(0, 'float8')}) OFFSET 0) s"  # noqa: S608  likewise
    with reading() as reader:
        for _ in range(2):
            assert reader.number(sql, values) == 1
    slow: dict[str, Any] = {**values, "p0": 30}
    with pytest.raises(EngineUnavailable, match="timeout"), transaction.atomic(), reading() as reader:
        reader.number(sql, slow)
    with connection.cursor() as cursor:
        for name, default in (("statement_timeout", "0"), ("plan_cache_mode", "auto"), ("enable_seqscan", "on")):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone()[0] == default, name


def test_who_listens_to_the_cursor_hears_every_statement() -> None:
    text_of("one")
    with CaptureQueriesContext(connection) as caught:
        text_of("two")
    assert len(caught.captured_queries) == 2


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_is_gone_is_prepared_again() -> None:
    assert text_of("one") == 3
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert text_of("three") == 5
    assert text_of("seven") == 5
