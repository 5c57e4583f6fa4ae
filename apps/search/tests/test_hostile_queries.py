"""Whatever is typed gets a clear answer from every engine: never a failure, never a walk through everything."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.catalog.tests.factories import make_category, make_city, make_quarter
from apps.search.tests.factories import make_found

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_engine")]
SEARCH, NEARBY, SUGGESTIONS = "/api/v1/search", "/api/v1/search/nearby", "/api/v1/search/suggestions"
MANY = settings(max_examples=60)

TEXTS = (
    "", " ", "a", "à", "le la les", "de de de du", "the of and", "?!…", "---", "***", "\"'\"'", "\\", "\\\\'",
    "a' OR '1'='1", "'; DROP TABLE resource_search; --", "1=1", "%", "_", "%%%", "a & b | !c", "a <-> b", "a:*", ":*",
    "!!", "()", "((((", "name:hotel", "+hotel -bar", "hotel~2", "hotel^5", "[1 TO 9]", "{a TO b}", "/ho.*el/",
    "hotel AND", "NOT", "OR OR", "*:*", "_exists_:name", "\u202ehotel", "مطعم", "בית קפה", "😀", "👩🏾‍🍳 restaurant",
    "hôtel\u0301", "h\u0301\u0302\u0303\u0304\u0305otel", "\ufeffhotel", "\u200bhotel", "ｈｏｔｅｌ", "ß", "ﷺ", "½",
    "x" * 200, "é" * 200, "😀" * 200, "a " * 100, "1" * 200, "+237 6 99 99 99 99", "699999999", "00237699999999",
    "ouvert maintenant près de moi", "pharmacie de garde", "${jndi:ldap://x}", "{{7*7}}", "<script>alert(1)</script>",
    "../../etc/passwd", "null", "undefined", "true", "NaN", "a.b.c.d.e.f", "l'l'l'l'", "C.N.P.S.",
)  # fmt: skip


@pytest.fixture(autouse=True)
def catalogue(each_engine: str) -> None:  # noqa: ARG001  the engine comes first
    """Something to find, so that no question ends for want of it."""
    city = make_city(slug="douala", name_fr="Douala", name_en="Douala")
    quarter = make_quarter(slug="akwa", name="Akwa", city=city)
    category = make_category(slug="hotels", name_fr="Hôtels", name_en="Hotels")
    make_found(name="Hôtel du Port", category=category, city=city, quarter=quarter, latitude=4.05, longitude=9.7, hours_kind="always")
    make_found(name="Bar 24/24", city=city, latitude=4.06, longitude=9.71, attributes=["wifi"])


def ask(client: Client, path: str, pairs: list[tuple[str, str]]) -> Any:
    """The answer: a page, or a problem that names what is wrong."""
    response = client.get(f"{path}?{urlencode(pairs, errors='surrogatepass')}")
    body = response.json()
    if response.status_code == 200:
        assert isinstance(body["data"], list)
        assert len(body["data"]) <= 100
    else:
        assert response.status_code in {400, 410}, (pairs, response.content)
        assert body["code"] in {"invalid_parameter", "invalid_cursor", "cursor_expired"}, body
        assert body["detail"]
    return body


@pytest.mark.parametrize("texts", [TEXTS[first : first + 10] for first in range(0, len(TEXTS), 10)], ids=repr)
def test_it_works(client: Client, texts: tuple[str, ...]) -> None:
    for text in texts:
        assert_answered(client, text)


def assert_answered(client: Client, text: str) -> None:
    everything = [("facets", "category,city,quarter,type,plan,verified,has"), ("explain", "true"), ("include", "count")]
    for pairs in (
        [("q", text)],
        [("q", text), *everything],
        [("q", text), ("understand", "false"), ("city", "douala"), ("sort", "newest")],
    ):
        assert "data" in ask(client, SEARCH, pairs)
    assert "data" in ask(client, SUGGESTIONS, [("q", text)])


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "a\nb", "\ud800", "x" * 201, "x" * 10_000])
def test_what_is_no_text_is_refused(client: Client, text: str) -> None:
    for path in (SEARCH, SUGGESTIONS):
        assert ask(client, path, [("q", text)])["errors"][0]["parameter"] == "q"


def test_facet_bombs(client: Client) -> None:
    """A long list of facets is the closed list again, or refused for its length; long lists of filters are bounded alike."""
    assert "data" in ask(client, SEARCH, [("facets", ",".join(["category", "city", "has"] * 10))])
    for pairs in (
        [("facets", ",".join(["category"] * 1000))], [("facets", "category")] * 50, [("category", ",".join(["hotels"] * 1000))],
        [("fields", ",".join(["name"] * 1000))],
    ):  # fmt: skip
        assert ask(client, SEARCH, pairs)["code"] == "invalid_parameter"
    assert "data" in ask(client, SEARCH, [("has", "wifi,parking")] * 300)
    assert "data" in ask(client, SEARCH, [("category", ",".join(["hotels"] * 70)), ("facets", "category")])


_texts = (
    st.text(max_size=40)
    | st.lists(st.sampled_from(TEXTS), max_size=3).map(" ".join)
    | st.text("hotelbarakw aéà'-*:\"()|&!~\\", max_size=30)
)
_numbers = st.one_of(st.integers(-(10**12), 10**12), st.floats(), st.sampled_from(["", "4.05", "9.7", "1e5", "٣", "-0", "+4", "4."])).map(
    str
)
_values = {
    "q": _texts, "category": _texts | st.just("hotels"), "city": st.just("douala") | _texts,
    "quarter": st.just("akwa") | _texts, "region": _texts, "location": _texts | st.just("akwa"),
    "type": st.sampled_from(["business", "api,data", "x", ""]),
    "plan": st.sampled_from(["free", "featured,premium", "9"]), "verified": st.sampled_from(["true", "0", "x"]),
    "open_now": st.sampled_from(["true", "1", "x"]), "has": st.sampled_from(["wifi", "wifi,parking", "%", ""]),
    "bbox": st.lists(_numbers, min_size=3, max_size=5).map(",".join) | st.just("9,3,12,6"), "lat": _numbers,
    "lng": _numbers, "radius": _numbers, "sort": st.sampled_from(["relevance", "distance", "newest", "price"]),
    "limit": _numbers, "offset": _numbers, "cursor": _texts,
    "facets": st.sampled_from(["category", "has,type", "quarter,plan,verified,city", "x"]),
    "include": st.sampled_from(["count", "x"]), "explain": st.sampled_from(["true", "x"]),
    "understand": st.sampled_from(["false", "true"]), "fields": st.sampled_from(["name", "x", ","]),
    "lang": st.sampled_from(["fr", "en", "de"]),
}  # fmt: skip
_pairs = st.lists(st.sampled_from(sorted(_values)).flatmap(lambda name: _values[name].map(lambda value: (name, value))), max_size=6)


@MANY
@given(_pairs, st.sampled_from([SEARCH, NEARBY, SUGGESTIONS]))
def test_any_query_has_a_clear_answer(client: Client, pairs: list[tuple[str, str]], path: str) -> None:
    ask(client, path, pairs)


@MANY
@given(_texts, st.sampled_from(["", "douala"]), st.integers(1, 100))
def test_any_words_have_a_clear_answer(client: Client, text: str, city: str, limit: int) -> None:
    ask(client, SEARCH, [("q", text), ("city", city), ("limit", str(limit)), ("facets", "category,has"), ("explain", "true")])
    ask(client, SUGGESTIONS, [("q", text)])
