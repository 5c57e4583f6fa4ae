"""A paid listing is merged by staff, and parted again: ingestion, catalogue and billing together."""

from __future__ import annotations

import pytest

from apps.accounts.tests.factories import make_user
from apps.billing.choices import Product
from apps.billing.models import Subscription
from apps.billing.tests.world import open_shop
from apps.catalog.models import Category, Resource
from apps.core.clock import now
from apps.core.events import sweep
from apps.ingestion.services.merges import merge_entries, undo_merge

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_subscription_follows_the_survivor_and_returns() -> None:
    kept, gone = open_shop(description_fr="Une adresse pleine.", po_box="BP 1", verified=True), open_shop(owner=make_user())
    Category.objects.create(slug="autres", name_fr="Autres", name_en="Others", icon="store")
    when = now()
    kept.buys(Product.LISTING_FEATURED, at=when)
    lesser = gone.buys(Product.LISTING_PREMIUM, at=when)
    made = merge_entries(first_id=kept.listing.pk, second_id=gone.listing.pk, at=when, actor=kept.owner)
    assert made.survivor_id == kept.listing.pk
    sweep(at=now())
    assert Subscription.objects.get(pk=lesser.pk).end_reason == "listing_merged"
    undo_merge(merge_id=made.pk, at=now())
    sweep(at=now())
    assert Subscription.objects.get(pk=lesser.pk).state == "active"
    assert dict(Resource.objects.values_list("pk", "plan")) == {kept.listing.pk: "featured", gone.listing.pk: "premium"}
