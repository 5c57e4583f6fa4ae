"""Cards follow the names of what they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from apps.catalog.models import Resource, ResourceCard
from apps.catalog.services import card_upkeep, categories, places
from apps.catalog.tests.factories import make_category, make_city, make_quarter, make_region, make_resource

pytestmark = pytest.mark.django_db


def shown(resource: Resource, member: str) -> str:
    card = ResourceCard.objects.get(resource=resource, language="fr")
    name: str = msgspec.json.decode(bytes(card.body) + b"}")[member]["name"]
    return name


@pytest.mark.parametrize("kind", ["category", "region", "city", "quarter"])
def test_it_works(kind: str, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_upkeep, "BATCH_SIZE", 2)
    region, category = make_region(), make_category()
    city = make_city(region=region)
    quarter = make_quarter(city=city)
    resources = [make_resource(category=category, city=city, quarter=quarter) for _ in range(5)]
    other = make_resource(city=make_city(), category=make_category())
    before = ResourceCard.objects.get(resource=other, language="fr").body
    saves: dict[str, Callable[[], None]] = {
        "category": lambda: categories.save_category(category=category),
        "region": lambda: places.save_place(place=region),
        "city": lambda: places.save_place(place=city),
        "quarter": lambda: places.save_place(place=quarter),
    }
    quarter.name = category.name_fr = region.name_fr = city.name_fr = "Nouveau nom"
    with django_capture_on_commit_callbacks(execute=True):
        saves[kind]()
    assert {shown(resource, kind) for resource in resources} == {"Nouveau nom"}
    assert ResourceCard.objects.get(resource=other, language="fr").body == before


def test_only_published_entries_are_written() -> None:
    category = make_category()
    make_resource(category=category, status="pending")
    make_resource(category=category)
    assert categories.rewrite_cards_of_category(category_id=category.pk) == 1
