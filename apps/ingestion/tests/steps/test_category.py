"""Categories from tags and words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.ingestion.steps import Cleaned, Context
from apps.ingestion.steps.category import word_of

pytestmark = pytest.mark.django_db


def slug(cleaned: Cleaned, known: Context) -> str:
    """Of the category."""
    return known.gazetteer.category_slugs.get(cleaned.record.category_id or "", "")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("amenity=pharmacy", "pharmacies"),
        ("AMENITY=PHARMACY", "pharmacies"),
        ("Pharmacie de garde", "pharmacies"),
        ("pharmacies", "pharmacies"),
        ("Hôtels", "hotels"),
        ("hotel", "hotels"),
        ("Boulangerie", "boulangeries"),
        ("bakery", "boulangeries"),
        ("Centre de Santé Intégré", "centres-de-sante"),
        ("Accommodation;FoodEstablishment;Hotel;HotelTrade", "hotels"),
        ("truc;restaurant", "restaurants"),
        ("FastFood", "restauration-rapide"),
        ("AutoDealer", "auto-transport"),
        ("CafeOrCoffeeShop", "cafes"),
    ],
)
def test_it_works(place: Callable[..., Cleaned], known: Context, raw: str, expected: str) -> None:
    cleaned = place(category=raw)
    assert slug(cleaned, known) == expected
    assert cleaned.record.raw_category == raw
    assert cleaned.warnings == []


def test_an_unknown_word_is_kept_and_asked_about(place: Callable[..., Cleaned], known: Context) -> None:
    cleaned = place(category="Zythologue")
    assert (slug(cleaned, known), cleaned.record.raw_category) == ("", "Zythologue")
    assert [(warning.code, warning.detail) for warning in cleaned.warnings] == [("category_unmapped", "Zythologue")]


def test_staff_decides_first(place: Callable[..., Cleaned], known: Context) -> None:
    bars = next(pk for pk, name in known.gazetteer.category_slugs.items() if name == "bars")
    words = {word_of("  Zythologue "): bars, "restaurant": bars}
    assert slug(place(category="zythologue", context__category_words=words), known) == "bars"
    assert slug(place(category="Restaurant", context__category_words=words), known) == "bars"
    assert slug(place(category="inconnu total;Zythologue", context__category_words=words), known) == "bars"


def test_no_word_is_no_question(place: Callable[..., Cleaned], known: Context) -> None:
    cleaned = place(category="")
    assert (slug(cleaned, known), cleaned.warnings) == ("", [])
