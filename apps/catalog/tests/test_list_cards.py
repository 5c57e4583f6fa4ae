from __future__ import annotations

import pytest

from apps.catalog import selectors
from apps.catalog.tests.factories import AT, make_resource

pytestmark = pytest.mark.django_db


def names(page: selectors.CardPage) -> list[str]:
    return [card.data(AT)["name"] for card in page.cards]


def listed(**options: object) -> list[str]:
    return names(selectors.list_cards(selectors.card_filter(**options), language="fr", at=AT, limit=50))  # type: ignore[arg-type]


def test_it_works() -> None:
    resource = make_resource(name="Pharmacie du Marché")
    page = selectors.list_cards(selectors.CardFilter(), language="fr", at=AT, limit=20)
    assert [card.id for card in page.cards] == [resource.pk]
    assert page.next_key is None
    assert page.previous_key is None
