"""Gives the demonstration owner something to manage."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.catalog import events as catalog_events
from apps.catalog.cards import write_cards
from apps.catalog.choices import ListingPlan
from apps.catalog.models import ListingEntitlement, Resource
from apps.catalog.services.demo import DEMO_SOURCE
from apps.core import events

LISTINGS = 3


@transaction.atomic
def assign_demo_listings(*, owner: User) -> list[Resource]:
    """The owner's demonstration entries: the first three fictional ones, given to him once, free at first: plans are for him to try."""
    owned = list(Resource.objects.kept().filter(user=owner).order_by("source_id")[:LISTINGS])
    if owned:
        return owned
    chosen = list(
        Resource.objects.kept()
        .filter(source=DEMO_SOURCE, is_fictional=True, user__isnull=True)
        .order_by("source_id")
        .select_for_update()[:LISTINGS]
    )
    ListingEntitlement.objects.filter(resource__in=chosen).delete()
    for resource in chosen:
        resource.user, resource.plan = owner, ListingPlan.FREE
        resource.version += 1
        resource.save(update_fields=["user", "plan", "version"])
    ids = [resource.pk for resource in chosen]
    write_cards(ids)
    if ids:
        events.publish(catalog_events.resources_changed, key=DEMO_SOURCE, resource_ids=[str(pk) for pk in ids])
    return chosen
