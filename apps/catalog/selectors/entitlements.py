"""What an entry has a right to at a moment."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import Exists, OuterRef, Q

from apps.catalog.choices import ListingPlan, ListingRight
from apps.catalog.constants import FREE_LISTING_RIGHTS, PLANS_BY_WEIGHT
from apps.catalog.models import ListingEntitlement, Resource


def entitlements_of(resource: Resource | uuid.UUID, *, at: dt.datetime) -> dict[ListingRight, int]:
    """Every right of this entry: its own while it lasts, else what every entry has. One statement."""
    pk = resource.pk if isinstance(resource, Resource) else resource
    own = dict(ListingEntitlement.objects.filter(_lasting(at), resource=pk).values_list("key", "value"))
    return {key: own.get(key, FREE_LISTING_RIGHTS[key]) for key in ListingRight}


def plan_of(weight: int) -> ListingPlan:
    """The plan that an entry of this rank weight shows."""
    return PLANS_BY_WEIGHT[min(weight, len(PLANS_BY_WEIGHT) - 1)]


def plans_out_of_date(*, at: dt.datetime, after: uuid.UUID, limit: int) -> list[uuid.UUID]:
    """Entries whose `plan` is not what their rights say, in the order of ids, behind `after`. Two statements.

    Only entries that show a plan or have a lasting weight are looked at, so that the many free ones cost nothing.
    """
    weights = ListingEntitlement.objects.filter(_lasting(at), key=ListingRight.RANK_WEIGHT, value__gt=0)
    free_ones = weights.filter(resource__gt=after, resource__plan=ListingPlan.FREE).order_by("resource")
    is_wrong: Any = Q()
    for weight, plan in enumerate(PLANS_BY_WEIGHT[1:], start=1):
        own = weights.filter(**{"value__gte" if plan == PLANS_BY_WEIGHT[-1] else "value": weight}, resource=OuterRef("pk"))
        is_wrong |= Q(plan=plan) & ~Exists(own)
    paid_ones = Resource.objects.filter(~Q(plan=ListingPlan.FREE), is_wrong, pk__gt=after).order_by("pk")
    return sorted({*free_ones.values_list("resource_id", flat=True)[:limit], *paid_ones.values_list("pk", flat=True)[:limit]})[:limit]


def _lasting(at: dt.datetime) -> Q:
    return Q(valid_until=None) | Q(valid_until__gt=at)
