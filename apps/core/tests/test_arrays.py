"""Arrays as one text come back as they were."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.core.arrays import array_literal

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))


def _read(values: list[object], kind: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [array_literal(values)])  # type: ignore[arg-type]  # the test chooses the pairs
        return [bytes(one) if kind == "bytea" else one for one in cursor.fetchone()[0]]


@pytest.mark.django_db
def test_it_works() -> None:
    ids: list[object] = [uuid.uuid4(), uuid.uuid4()]
    assert _read(ids, "uuid") == ids
    assert _read([-(2**63), 0, 2**63 - 1], "bigint") == [-(2**63), 0, 2**63 - 1]
    assert _read([], "text") == []
    assert _read(["", "NULL", "null", " a ", '"', "\\", "{a,b}", "%s"], "text") == ["", "NULL", "null", " a ", '"', "\\", "{a,b}", "%s"]
    assert _read([b"", b'\x00\\"\xff'], "bytea") == [b"", b'\x00\\"\xff']


class AnyValue(TestCase):
    """Whatever the texts and bytes."""

    @given(TEXTS)
    def test_texts(self, values: list[object]) -> None:
        assert _read(values, "text") == values

    @given(st.lists(st.binary()))
    def test_bytes(self, values: list[object]) -> None:
        assert _read(values, "bytea") == values
