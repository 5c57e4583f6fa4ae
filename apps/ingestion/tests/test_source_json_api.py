"""JSON APIs that list entries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingestion.sources import UnreadableRow, json_api
from apps.ingestion.sources.recipes import JsonApiRecipe, read_recipe
from apps.ingestion.tests.saved_pages import SITE, SavedPages, page, split

MEMBERS = {
    "items": "data.places", "next": "links.next",
    "fields": {"source_id": "id", "name": "title.fr", "lat": "geo.1", "lon": "geo.0", "phone": "phones", "extra.tags": "tags"},
}  # fmt: skip


def recipe(**changes: Any) -> JsonApiRecipe:
    made = read_recipe("json_api", {**MEMBERS, **changes})
    assert isinstance(made, JsonApiRecipe)
    return made


def answer(*ids: int, following: object = None) -> str:
    places = [{"id": n, "title": {"fr": f"Lieu {n}"}, "geo": [9.7, 4.05], "phones": ["677000001", "x"], "tags": {"a": 1}} for n in ids]
    return json.dumps({"data": {"places": places}, "links": {"next": following}})


def test_it_works() -> None:
    fetch = SavedPages({"/places": answer(1, 2, following="?page=2"), "/places?page=2": answer(3)})
    rows, unreadable = split(json_api.read_api(f"{SITE}/places", recipe(), fetch))
    assert unreadable == []
    assert [row["source_id"] for row in rows] == [1, 2, 3]
    assert rows[0] == {
        "source_id": 1, "name": "Lieu 1", "lat": 4.05, "lon": 9.7, "phone": "677000001; x", "extra": {"tags": '{"a": 1}'},
        "source_url": f"{SITE}/places",
    }  # fmt: skip


def test_numbered_pages_end_with_an_empty_one() -> None:
    fetch = SavedPages({"/p?q=a&page=0": answer(1), "/p?q=a&page=1": answer(2), "/p?q=a&page=2": answer()})
    made = recipe(next=None, page_parameter="page", first_page=0)
    rows, _unreadable = split(json_api.read_api(f"{SITE}/p?q=a&page=7", made, fetch))
    assert [row["source_id"] for row in rows] == [1, 2]


@pytest.mark.parametrize("following", ["https://169.254.169.254/", "file:///etc/passwd", 7, "http://[", "", "/places"])
def test_it_goes_on_nowhere_else(following: object) -> None:
    fetch = SavedPages({"/places": answer(1, following=following)})
    rows, unreadable = split(json_api.read_api(f"{SITE}/places", recipe(), fetch))
    assert (len(rows), unreadable, fetch.asked) == (1, [], ["/places"])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "not_json"), (b"\xff\xfe", "not_json"), (b"[" * 100_000, "not_json"), (b"", "not_json"), (b'{"data": 1}', "no_list"),
        (b'{"data": {"places": [1]}}', "not_an_object"), (b'{"data": {"places": {}}}', "no_list"), (b"NaN", "not_json"),
    ],
)  # fmt: skip
def test_answers_that_are_none(body: bytes, reason: str) -> None:
    assert [one.reason for one in json_api.read_answer(page(body), recipe()) if isinstance(one, UnreadableRow)] == [reason]


def test_more_rows_than_an_answer_may_have() -> None:
    rows, unreadable = split(json_api.read_answer(page(answer(*range(5001))), recipe()))
    assert (len(rows), [one.reason for one in unreadable]) == (5000, ["too_many_rows"])


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)), st.text())
def test_any_path_in_anything_is_found_or_none(value: Any, path: str) -> None:
    found = json_api.at_path(value, path)
    assert found is None or json.dumps(found, sort_keys=True) in json.dumps(value, sort_keys=True)
