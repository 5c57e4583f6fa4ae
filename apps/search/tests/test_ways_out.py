"""Ways out of an empty answer: one condition to drop, or two when none helps alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.catalog.selectors import card_filter
from apps.catalog.tests.factories import AT, make_category, make_city, make_quarter, make_resource
from apps.search.backends.base import Circle, EngineQuery, Hits
from apps.search.questions import Dropped, SearchQuestion, WayOut
from apps.search.selectors import finding
from apps.search.selectors.ways_out import PAIRS_MAX, WAYS_MAX
from apps.search.tests.factories import make_found
from apps.search.tests.memory import Memory

pytestmark = pytest.mark.django_db


@pytest.fixture
def index() -> Memory:
    """Two towns with a garage in one of them, and a florist in the other."""
    made = Memory()
    douala = make_city(slug="douala", name_fr="Douala", name_en="Douala")
    yaounde = make_city(slug="yaounde", name_fr="Yaoundé", name_en="Yaounde")
    garages, florists = make_category(slug="garages"), make_category(slug="fleuristes")
    akwa = make_quarter(slug="akwa", name="Akwa", city=douala)
    made.add(make_resource(name="Atelier Kamga", city=douala, quarter=akwa, category=garages, latitude=4.05, longitude=9.7))
    made.add(make_resource(name="Roses du Wouri", city=yaounde, category=florists, verified=True, plan="premium"))
    return made


def ways(index: Memory, text: str = "", **fields: Any) -> list[WayOut]:
    return list(finding.search(SearchQuestion(text=text, **fields), at=AT, sources=index.sources()).ways_out)


def test_it_works(index: Memory) -> None:
    assert ways(index, "atelier", chosen=card_filter(city="yaounde")) == [WayOut("city", "yaounde", 1), WayOut("q", "atelier", 1)]


@pytest.mark.parametrize(
    ("asked", "drop", "value"),
    [
        ({"verified": True}, "verified", "true"), ({"plan": ("featured", "premium")}, "plan", "premium,featured"),
        ({"has": (("wifi", "parking"),)}, "has", "wifi,parking"), ({"open_now": True}, "open_now", "true"),
        ({"bbox": (11.0, 3.0, 12.0, 4.0)}, "bbox", "11,3,12,4"), ({"resource_type": ("service",)}, "type", "service"),
        ({"category": "fleuristes"}, "category", "fleuristes"), ({"city": "yaounde"}, "city", "yaounde"),
    ],
)  # fmt: skip
def test_each_condition_can_be_dropped(index: Memory, asked: dict[str, Any], drop: str, value: str) -> None:
    found = ways(index, "atelier", chosen=card_filter(**asked))
    assert (found[0].drop, found[0].count, found[0].also) == (drop, 1, ())
    assert set(found[0].value.split(",")) == set(value.split(","))


def test_a_circle_is_dropped_by_its_radius(index: Memory) -> None:
    assert ways(index, "atelier", circle=Circle(5.0, 10.0, 500))[0] == WayOut("radius", "500", 1)


def test_two_are_dropped_when_none_helps_alone(index: Memory) -> None:
    found = ways(index, "atelier", chosen=card_filter(city="yaounde", category="fleuristes", verified=False))
    assert found == [
        WayOut("city", "yaounde", 1, (Dropped("category", "fleuristes"),)), WayOut("verified", "false", 1, (Dropped("q", "atelier"),)),
    ]  # fmt: skip


def test_the_two_that_are_given_up_most_easily_come_first(index: Memory) -> None:
    found = ways(index, "zzz", chosen=card_filter(verified=True, resource_type=("service",)))
    assert [(way.drop, [one.drop for one in way.also]) for way in found] == [("type", ["q"])]


def test_two_groups_of_attributes_are_dropped_one_after_the_other(index: Memory) -> None:
    found = ways(index, "atelier", chosen=card_filter(has=(("wifi",), ("parking",))))
    assert found == [WayOut("has", "wifi", 1, (Dropped("has", "parking"),))]


def test_nothing_is_proposed_when_nothing_helps(index: Memory) -> None:
    assert ways(index, chosen=card_filter(plan=("featured",), has=(("wifi",),), resource_type=("api",))) == []


def test_an_answer_with_hits_has_no_ways_out(index: Memory) -> None:
    assert ways(index, "atelier") == []


def test_an_empty_answer_asks_a_bounded_number_of_questions(index: Memory) -> None:
    asked: list[EngineQuery] = []
    search = index.engine.search

    def count(query: EngineQuery) -> Hits:
        asked.append(query)
        return search(query) if query.groups and len(asked) < 4 else Hits([])

    index.engine.search = count  # type: ignore[method-assign]
    many = card_filter(
        city="yaounde", category="garages", verified=True, resource_type=("api",), plan=("featured",), bbox=(11.0, 3.0, 12.0, 4.0),
        open_now=True, has=(("wifi",), ("parking",), ("delivery",), ("card_payment",)),
    )  # fmt: skip
    assert ways(index, "zzz", chosen=many, circle=Circle(5.0, 10.0, 500)) == []
    assert len(asked) <= 4 + WAYS_MAX + PAIRS_MAX


def test_the_page_links_to_the_question_without_both(client: Client) -> None:
    douala = make_city(slug="douala", name_fr="Douala", name_en="Douala")
    make_city(slug="yaounde", name_fr="Yaoundé", name_en="Yaounde")
    make_category(slug="fleuristes", name_fr="Fleuristes", name_en="Florists")
    make_found(name="Atelier Kamga", city=douala)
    page = client.get(reverse("web:search"), {"q": "atelier", "city": "yaounde", "category": "fleuristes", "type": "business"})
    text = page.content.decode()
    assert "Yaoundé, Fleuristes" in text
    assert "?q=atelier&amp;type=business" in text
