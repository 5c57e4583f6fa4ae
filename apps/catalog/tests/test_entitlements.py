"""Rights of entries: what was paid for, while it lasts."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from apps.catalog.choices import ListingRight
from apps.catalog.exceptions import TooManyImages
from apps.catalog.models import ListingEntitlement, Resource, ResourceCard, ResourceImage
from apps.catalog.selectors.entitlements import entitlements_of, plans_out_of_date
from apps.catalog.services.entitlements import refresh_plans, set_entitlements
from apps.catalog.services.images import add_image
from apps.catalog.tests.factories import AT, make_resource
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db
END = AT.replace(year=2027)


def give(resource: Resource, weight: int, **values: Any) -> str:
    rights = {ListingRight.RANK_WEIGHT: weight, **{ListingRight(key): value for key, value in values.items()}}
    return set_entitlements(resource_id=resource.pk, values=rights, valid_until=END, at=AT)


def test_it_works() -> None:
    resource = make_resource()
    assert entitlements_of(resource, at=AT)[ListingRight.PHOTOS] == 5
    assert give(resource, 2, photos=40) == "featured"
    rights = entitlements_of(resource, at=AT)
    assert (rights[ListingRight.PHOTOS], rights[ListingRight.RANK_WEIGHT], rights[ListingRight.OFFERS]) == (40, 2, 0)
    resource.refresh_from_db()
    assert (resource.plan, resource.plan_rank, resource.version) == ("featured", 2, 2)
    assert set(ResourceCard.objects.filter(resource=resource).values_list("plan_rank", "version")) == {(2, 2)}
    assert OutboxEvent.objects.filter(name="catalog.resource_updated", key=str(resource.pk)).count() == 1


def test_repeating_it_changes_nothing() -> None:
    resource = make_resource()
    for _ in range(2):
        give(resource, 1)
    resource.refresh_from_db()
    assert (resource.version, ListingEntitlement.objects.count()) == (2, 1)


def test_a_right_ends_by_itself() -> None:
    resource = make_resource()
    give(resource, 2, photos=40)
    assert entitlements_of(resource.pk, at=END)[ListingRight.PHOTOS] == 5
    assert refresh_plans(at=AT) == 0
    assert refresh_plans(at=END) == 1
    resource.refresh_from_db()
    assert (resource.plan, set(ResourceCard.objects.values_list("plan_rank", flat=True))) == ("free", {0})
    assert refresh_plans(at=END) == 0


@pytest.mark.parametrize(("weight", "plan"), [(0, "free"), (1, "premium"), (2, "featured"), (7, "featured")])
def test_plans_follow_the_weight(weight: int, plan: str) -> None:
    typed, right = make_resource(plan="premium" if plan != "premium" else "featured"), make_resource(plan=plan)
    for resource in (typed, right):
        ListingEntitlement.objects.create(resource=resource, key=ListingRight.RANK_WEIGHT, value=weight)
    assert plans_out_of_date(at=AT, after=uuid.UUID(int=0), limit=10) == [typed.pk]
    assert refresh_plans(at=AT) == 1
    typed.refresh_from_db()
    assert typed.plan == plan


def test_many_are_repaired_in_few_statements(django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        make_resource()
    with django_assert_max_num_queries(2):
        assert refresh_plans(at=AT) == 0


def test_the_number_of_photos_is_a_right() -> None:
    resource = make_resource()
    for number in range(5):
        ResourceImage.objects.create(resource=resource, external_url=f"https://exemple.cm/{number}.jpg", created_at=AT, order_index=number)
    add: dict[str, Any] = {"resource_id": resource.pk, "external_url": "https://exemple.cm/neuf.jpg", "at": AT}
    with pytest.raises(TooManyImages) as refused:
        add_image(**add)
    assert refused.value.extensions == {"limit": 5}
    give(resource, 0, photos=6)
    add_image(**add)
