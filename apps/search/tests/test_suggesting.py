"""Suggestions from any engine: beginnings first, then words wherever they stand in a name."""

from __future__ import annotations

import pytest

from apps.catalog.tests.factories import AT, make_category, make_city, make_quarter
from apps.search import selectors
from apps.search.selectors.suggesting import NAMES_MAX
from apps.search.tests.factories import make_found

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_engine")]


def names(text: str, *, limit: int = 8, kind: str = "resource") -> list[str]:
    return [one.name for one in selectors.suggest(text, language="fr", limit=limit, at=AT) if one.kind == kind]


def test_it_works() -> None:
    make_found(name="Hôtel Akwa Palace Douala")
    make_found(name="Hôtel du Lac")
    assert names("hotel akwa") == ["Hôtel Akwa Palace Douala"]


@pytest.mark.parametrize(
    "typed", ["hotel douala akwa", "douala palace", "akwa hôtel", "palace hot", "HOTEL  palace dou", "hotel de douala", "akwa dou"]
)
def test_words_need_not_stand_together_nor_in_order(typed: str) -> None:
    make_found(name="Hôtel Akwa Palace Douala")
    make_found(name="Hôtel du Lac")
    assert names(typed) == ["Hôtel Akwa Palace Douala"]


def test_what_begins_so_comes_first_and_nothing_comes_twice() -> None:
    make_found(name="Garage Pont")
    make_found(name="Pont Garage Moderne")
    assert names("garage pont") == ["Garage Pont", "Pont Garage Moderne"]
    assert names("pont gar") == ["Pont Garage Moderne", "Garage Pont"]


def test_all_the_words_must_be_there() -> None:
    make_found(name="Garage du Pont")
    assert names("garage pont neuf") == []


def test_the_place_and_the_category_count_after_the_name() -> None:
    hotels = make_category(slug="hotels", name_fr="Hôtels", name_en="Hotels")
    city = make_city(slug="douala", name_fr="Douala", name_en="Douala")
    make_found(name="Akwa Palace", category=hotels, city=city, quarter=make_quarter(slug="akwa", name="Akwa", city=city))
    make_found(name="Hôtel Palace de Douala", category=hotels)
    assert names("hotel palace douala") == ["Hôtel Palace de Douala", "Akwa Palace"]


def test_categories_and_places_leave_room_for_entries() -> None:
    for number in range(6):
        make_category(slug=f"pont-{number}", name_fr=f"Ponts {number}", name_en=f"Bridges {number}")
        make_found(name=f"Pont {number}")
    assert len(names("pont", limit=8, kind="category")) == NAMES_MAX
    assert len(names("pont", limit=8)) == 5


def test_the_last_word_is_put_right_when_nothing_begins_so() -> None:
    make_found(name="Hôtel Akwa Palace Douala")
    assert names("hotel akwa palase") == names("douala palase") == ["Hôtel Akwa Palace Douala"]
    assert names("12345678") == []
