"""Edits of the category tree."""

from __future__ import annotations

import uuid

from django.db import transaction

from apps.catalog import events as catalog_events
from apps.catalog.cards import write_cards
from apps.catalog.models import Category, Resource
from apps.core import events
from apps.core.cache_keys import CATEGORIES
from apps.core.caching import bump

CARDS_PER_BATCH = 1000


@transaction.atomic
def save_category(*, category: Category) -> None:
    """Save a category that a form has validated, and have the cards that show it rewritten in the background.

    :raises django.db.IntegrityError: a parent that would close a cycle (constraint categories_no_cycle).
    """
    category.save()
    events.publish(catalog_events.category_changed, key=category.pk, category_id=str(category.pk))
    bump(CATEGORIES)


def rewrite_cards_of_category(*, category_id: uuid.UUID) -> int:
    """Rewrite the cards of a category's entries, a batch a transaction; returns how many entries.

    Harmless when repeated or interrupted: each batch stands alone, and cards are made from what is stored.
    """
    after, count = uuid.UUID(int=0), 0
    while True:
        with transaction.atomic():
            ids = list(
                Resource.objects.published()
                .filter(category=category_id, id__gt=after)
                .order_by("id")
                .values_list("id", flat=True)[:CARDS_PER_BATCH]
            )
            if not ids:
                return count
            write_cards(ids)
            events.publish(catalog_events.resources_changed, key=category_id, resource_ids=[str(i) for i in ids])
        after, count = ids[-1], count + len(ids)
