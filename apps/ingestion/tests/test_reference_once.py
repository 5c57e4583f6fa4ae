"""Towns, quarters and categories are read again when they changed, and only then."""

from __future__ import annotations

import pytest

from apps.catalog.models import Category, City
from apps.core.clock import now
from apps.ingestion.models import CategoryWord, Source
from apps.ingestion.services.cleaning import read_context

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_it_works(source: Source) -> None:
    first = read_context(source, is_fresh=True)
    CategoryWord.objects.create(word="circuit", last_seen_at=now())
    assert read_context(source, is_fresh=True).gazetteer is first.gazetteer, "a question to staff changes nothing"

    City.objects.filter(slug="douala").update(aliases=["Port de la côte"])
    renamed = read_context(source, is_fresh=True)
    found = renamed.gazetteer.city("port de la cote")
    assert found is not None
    assert found.slug == "douala"

    category = Category.objects.get(slug="restaurants")
    CategoryWord.objects.update(category=category)
    assert read_context(source, is_fresh=True).category_words == {"circuit": str(category.pk)}
