"""Gives the demonstration owner something to manage."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.catalog.cards import write_cards
from apps.catalog.models import Resource
from apps.catalog.services.demo import DEMO_SOURCE

LISTINGS = 3


@transaction.atomic
def assign_demo_listings(*, owner: User) -> list[Resource]:
    """The owner's demonstration entries: the first three fictional ones, given to him once."""
    owned = list(Resource.objects.kept().filter(user=owner).order_by("source_id")[:LISTINGS])
    if owned:
        return owned
    chosen = list(
        Resource.objects.kept()
        .filter(source=DEMO_SOURCE, is_fictional=True, user__isnull=True)
        .order_by("source_id")
        .select_for_update()[:LISTINGS]
    )
    for resource in chosen:
        resource.user = owner
        resource.version += 1
        resource.save(update_fields=["user", "version"])
    write_cards([resource.pk for resource in chosen])
    return chosen
