"""Places that pages declare."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.ingestion.sources import schema_org
from apps.ingestion.sources.recipes import SchemaOrgRecipe
from apps.ingestion.tests.saved_pages import SITE, SavedPages, page, split

RECIPE = SchemaOrgRecipe()
PLACE: dict[str, Any] = {
    "@context": "https://schema.org", "@type": ["Restaurant", "LocalBusiness"], "@id": "#saveurs", "name": "Exemple – Saveurs du Wouri",
    "description": "Poisson braisé,\n ndolé.", "telephone": ["+237 6 77 00 00 01", "+237 6 99 00 00 02"], "email": "mailto:a@exemple.cm",
    "url": "https://saveurs.example/", "priceRange": "2 000 – 5 000 F", "servesCuisine": ["Camerounaise", "Grillades"],
    "address": {"@type": "PostalAddress", "streetAddress": "Rue Joss", "addressLocality": "Douala", "addressRegion": "Littoral"},
    "geo": {"@type": "GeoCoordinates", "latitude": "4.0412", "longitude": 9.6903},
    "openingHoursSpecification": [
        {"dayOfWeek": ["Monday", "https://schema.org/Tuesday"], "opens": "08:00", "closes": "22:00:00"},
        {"dayOfWeek": "Sunday", "opens": "00:00", "closes": "00:00"},
        {"dayOfWeek": "Friday", "opens": "09:00", "closes": "12:00", "validFrom": "2026-12-25", "validThrough": "2026-12-25"},
    ],
}  # fmt: skip


def declared(*things: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(thing)}</script>' for thing in things)


def read(body: str, recipe: SchemaOrgRecipe = RECIPE) -> tuple[list[dict[str, Any]], list[Any]]:
    return split(schema_org.read_page(page(body), recipe))


def test_it_works() -> None:
    rows, unreadable = read(declared(PLACE))
    assert unreadable == []
    assert rows == [
        {
            "source_id": f"{SITE}/page#saveurs", "source_url": f"{SITE}/page", "name": "Exemple – Saveurs du Wouri",
            "description": "Poisson braisé, ndolé.", "category": "Restaurant", "lat": "4.0412", "lon": 9.6903, "address": "Rue Joss",
            "city": "Douala", "region": "Littoral", "phone": "+237 6 77 00 00 01; +237 6 99 00 00 02", "email": "a@exemple.cm",
            "website": "https://saveurs.example/", "opening_hours": "Mo,Tu 08:00-22:00; Su off",
            "extra": {"priceRange": "2 000 – 5 000 F", "servesCuisine": "Camerounaise; Grillades"},
        }
    ]  # fmt: skip


MICRODATA = """
<div itemscope itemtype="http://schema.org/Pharmacy"><h2 itemprop="name">Pharmacie de l’Exemple</h2>
<div itemprop="address" itemscope itemtype="http://schema.org/PostalAddress"><span itemprop="addressLocality">Yaoundé</span></div>
<span itemprop="telephone">22 23 45 67</span><meta itemprop="openingHours" content="Mo-Sa 08:00-19:00"></div>
"""


def test_microdata() -> None:
    rows, _unreadable = read(MICRODATA)
    assert rows == [
        {
            "source_id": f"{SITE}/page", "source_url": f"{SITE}/page", "name": "Pharmacie de l’Exemple", "category": "Pharmacy",
            "city": "Yaoundé", "phone": "22 23 45 67", "opening_hours": "Mo-Sa 08:00-19:00",
        }
    ]  # fmt: skip


def test_a_place_declared_twice_is_one() -> None:
    same = {"@type": "Pharmacy", "name": "Pharmacie de l’Exemple", "telephone": "22 23 45 67"}
    assert len(read(declared(same) + MICRODATA)[0]) == 1


def test_places_inside_other_things() -> None:
    listing = {
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "item": {"@type": "Hotel", "name": f"Hôtel {n}", "telephone": f"67700000{n}"}} for n in (1, 2)
        ],
    }
    concert = {"@type": "MusicEvent", "name": "Concert", "location": {"@type": "Place", "name": "Salle", "address": "Akwa, Douala"}}
    rows, _unreadable = read(declared({"@graph": [listing, concert]}))
    assert {row["name"] for row in rows} == {"Hôtel 1", "Hôtel 2", "Salle"}
    assert len({row["source_id"] for row in rows}) == 3


def test_people_events_and_pages_are_no_places() -> None:
    things = [
        {"@type": kind, "name": "X", "address": "Douala", "telephone": "677000001"} for kind in ("Person", "Product", "WebPage", "Event")
    ]
    assert read(declared(*things)) == ([], [])


def test_only_the_types_that_were_asked_for() -> None:
    things = [{"@type": kind, "name": kind, "telephone": "677000001"} for kind in ("Hotel", "Pharmacy")]
    rows, _unreadable = read(declared(*things), SchemaOrgRecipe(types=["Hotel"]))
    assert [row["name"] for row in rows] == ["Hotel"]


def test_constants_of_the_recipe_fill_what_is_empty() -> None:
    recipe = SchemaOrgRecipe(constants={"city": "Bafoussam", "category": "hôtel"})
    rows, _unreadable = read(declared({"@type": "LocalBusiness", "name": "A", "telephone": "677000001"}), recipe)
    assert (rows[0]["city"], rows[0]["category"]) == ("Bafoussam", "hôtel")


def test_the_next_page_is_followed_on_the_same_site_only() -> None:
    recipe = SchemaOrgRecipe(next_page="a[rel=next]")
    fetch = SavedPages({
        "/1": MICRODATA + '<a rel="next" href="/2#top">Suite</a>',
        "/2": MICRODATA + '<a rel="next" href="https://169.254.169.254/latest/">Suite</a>',
    })  # fmt: skip
    rows, unreadable = split(schema_org.read_pages(f"{SITE}/1", recipe, fetch))
    assert (len(rows), unreadable, fetch.asked) == (2, [], ["/1", "/2"])


@pytest.mark.parametrize(
    "body",
    [
        '<script type="application/ld+json">{"@type": "Hotel", "name": </script>',
        '<script type="application/ld+json">' + "[" * 100_000 + "</script>",
        '<script type="application/ld+json">' + '{"@graph":[' * 3000 + "1" + "]}" * 3000 + "</script>",
        "<div itemscope>" * 20_000,
        "\x00\x01\x02",
        "",
        declared(
            {"@type": "Hotel", "name": {"@value": ["X"]}, "telephone": {"a": "b"}, "geo": [1, 2], "address": [None], "url": "http://["}
        ),
    ],
)
def test_a_poisoned_page_stops_nothing(body: str) -> None:
    rows, unreadable = read(body)
    assert len(rows) <= 1
    assert len(unreadable) <= 1


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from([*PLACE, "@graph", "item"]) | st.text(max_size=5), children, max_size=5)
    ),
    max_leaves=15,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(sorted(PLACE)), _json, max_size=8))
def test_whatever_a_page_declares_gives_rows_or_none(thing: dict[str, Any]) -> None:
    rows, _unreadable = read(declared({"@type": "Hotel", "name": "X", **thing}).replace("</", "<\\/", 1).replace("<\\/script", "</script"))
    for row in rows:
        assert row["name"]
        assert len(row["source_id"]) <= 200
        json.dumps(row)
