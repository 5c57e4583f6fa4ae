"""Where words stand in the texts of an answer: ranges in code points of what is shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.search.analysis import forms
from apps.search.selectors.groups import Kind, WordGroup
from apps.search.selectors.highlights import MEMBERS, RANGES_MAX, highlights


def groups(text: str, *, also: str = "") -> list[WordGroup]:
    """The words of a query; `also` may stand for each of them."""
    made = []
    for form in forms(text):
        group = WordGroup(form, 0, len(form))
        for one, kind in [(form, Kind.FORM), *((other, Kind.SYNONYM) for other in forms(also))]:
            group.add(one, kind)
        made.append(group)
    return made


def marked(query: str, **data: Any) -> dict[str, list[str]]:
    """The marked words of each member, as they are written."""

    def text(member: str) -> str:
        value: Any = data
        for name in member.split("."):
            value = value[name]
        return str(value)

    return {one.member: [text(one.member)[start:end] for start, end in one.ranges] for one in highlights(data, groups(query))}


def test_it_works() -> None:
    found = marked("pharmacie soleil", name="Pharmacie du Soleil", category={"name": "Pharmacies"}, city={"name": "Douala"})
    assert found == {"name": ["Pharmacie", "Soleil"], "category.name": ["Pharmacies"]}


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("hopital", "L’Hôpital général", ["Hôpital"]), ("ECOLE", "Écoles et e\u0301cole", ["Écoles", "e\u0301cole"]),
        ("cnps", "La C.N.P.S. de Douala", ["C.N.P.S."]), ("boeuf", "🐂 Bœuf 🐂", ["Bœuf"]), ("clinic", "Clinics", ["Clinics"]),
        ("soleil", "Soleilade", []), ("😀", "😀 Garage", []),
    ],
)  # fmt: skip
def test_words_are_marked_as_they_are_written(query: str, text: str, expected: list[str]) -> None:
    assert marked(query, name=text).get("name", []) == expected


def test_what_may_stand_for_a_word_is_marked_too() -> None:
    found = highlights({"name": "Blanchisserie du Port"}, groups("pressing", also="blanchisserie"))
    assert [(one.member, list(one.ranges)) for one in found] == [("name", [(0, 13)])]


def test_members_that_are_missing_or_of_another_kind_are_passed_over() -> None:
    assert highlights({"name": None, "category": None, "city": "Douala", "quarter": {"name": 4}}, groups("douala")) == []
    assert highlights({"name": "Garage"}, []) == []


def test_ranges_are_bounded() -> None:
    found = highlights({"description": "pont " * 500}, groups("pont"))
    assert len(found[0].ranges) == RANGES_MAX


@given(st.text(max_size=80), st.text(max_size=20))
def test_ranges_lie_in_the_text_in_order(text: str, query: str) -> None:
    for one in highlights(dict.fromkeys(MEMBERS, text), groups(query)):
        ends = [place for pair in one.ranges for place in pair]
        assert ends == sorted(ends)
        assert all(0 <= start < end <= len(text) for start, end in one.ranges)
