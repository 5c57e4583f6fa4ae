"""Corrections of regions, towns and quarters."""

from __future__ import annotations

import uuid

from django.db import transaction

from apps.catalog import events as catalog_events
from apps.catalog.models import City, Quarter, Region
from apps.catalog.services.card_upkeep import rewrite_cards_where
from apps.core import events
from apps.core.cache_keys import CATEGORIES
from apps.core.caching import bump

# How the entries of a place are found, by the kind of place.
_LOOKUPS = {"region": "city__region", "city": "city", "quarter": "quarter"}


@transaction.atomic
def save_place(*, place: Region | City | Quarter) -> None:
    """Save a place that a form has validated, and have the cards that show it rewritten in the background."""
    place.save()
    kind = type(place).__name__.lower()
    events.publish(catalog_events.place_changed, key=place.pk, kind=kind, place_id=str(place.pk))
    bump(CATEGORIES)


def rewrite_cards_of_place(*, kind: str, place_id: uuid.UUID) -> int:
    """Rewrite the cards that show a place; returns how many entries.

    :param kind: region, city or quarter.
    """
    return rewrite_cards_where(key=place_id, **{_LOOKUPS[kind]: place_id})
