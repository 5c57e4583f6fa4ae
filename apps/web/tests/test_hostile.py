"""No address makes a page fail: whatever is typed, the answer is a page, a redirect to one, or 404."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.web.questions import Question, read_question

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

PARAMETERS = ["q", "location", "type", "category", "region", "city", "quarter", "open_now", "verified", "has", "sort", "page", "x"]
WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "douala",
            "akwa",
            "restaurants",
            "terrace",
            "newest",
            "business",
            "1",
            "0",
            "-1",
            "99999",
            "1e9",
            "\x00",
            "%00",
            "../..",
            "a" * 500,
        ]
    ),
)
WITHOUT_RESET = settings(max_examples=60)
PATHS = ["/fr/recherche/", "/en/douala/", "/fr/c/restauration/", "/fr/douala/akwa/restaurants/", "/fr/", "/fr/fiche/chez-wouri/"]


@WITHOUT_RESET
@given(path=st.sampled_from(PATHS), pairs=st.lists(st.tuples(st.sampled_from(PARAMETERS), WORDS), max_size=6))
def test_no_query_string_breaks_a_page(client: Client, path: str, pairs: list[tuple[str, str]]) -> None:
    encoded = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs])
    response = client.get(f"{path}?{encoded}", follow=True)
    assert response.status_code in {200, 404}
    # A redirect leads to the one address of the question and ends there.
    assert len(response.redirect_chain) <= 2


@WITHOUT_RESET
@given(raw=st.binary(max_size=60))
def test_no_raw_bytes_break_a_page(client: Client, raw: bytes) -> None:
    query = quote(raw, safe="=&+%")
    assert client.get(f"/fr/recherche/?q={query}", follow=True).status_code in {200, 404}
    assert client.get("/fr/recherche/", QUERY_STRING=raw.decode("latin-1")).status_code in {200, 302}


@WITHOUT_RESET
@given(parts=st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=4))
def test_no_path_breaks_a_page(client: Client, parts: list[str]) -> None:
    path = "/".join(quote(part.encode("utf-8", "surrogatepass"), safe="") for part in parts)
    assert client.get(f"/fr/{path}/", follow=True).status_code in {200, 404, 405}


@WITHOUT_RESET
@given(pairs=st.lists(st.tuples(st.sampled_from(PARAMETERS), WORDS), max_size=6))
def test_a_question_survives_its_own_address(pairs: list[tuple[str, str]]) -> None:
    """What is read, written as an address and read again is the same question."""
    from django.http import QueryDict

    question = read_question(QueryDict(urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs])))
    again = read_question(QueryDict(urlencode(question.pairs())))
    assert again == question


def test_places_in_words_replace_the_place_of_the_address() -> None:
    assert read_question({"location": "Douala"}) == Question(city="douala")
    assert read_question({"location": "edea", "city": "douala"}) == Question(city="edea")
    assert read_question({"location": "nulle part", "city": "douala"}) == Question(location="nulle part", unknown=("nulle part",))
    assert read_question({"city": "douala"}, city="edea") == Question(city="edea")
