"""Edits of the category tree."""

from __future__ import annotations

import uuid

from django.db import transaction

from apps.catalog import events as catalog_events
from apps.catalog.models import Category
from apps.catalog.services.card_upkeep import rewrite_cards_where
from apps.core import events
from apps.core.cache_keys import CATEGORIES
from apps.core.caching import bump


@transaction.atomic
def save_category(*, category: Category) -> None:
    """Save a category that a form has validated, and have the cards that show it rewritten in the background.

    :raises django.db.IntegrityError: a parent that would close a cycle (constraint categories_no_cycle).
    """
    category.save()
    events.publish(catalog_events.category_changed, key=category.pk, category_id=str(category.pk))
    bump(CATEGORIES)


def rewrite_cards_of_category(*, category_id: uuid.UUID) -> int:
    """Rewrite the cards that show a category; returns how many entries."""
    return rewrite_cards_where(key=category_id, category=category_id)
