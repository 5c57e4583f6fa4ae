"""Rights of entries: the only place that writes them, and the plan that an entry shows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

import structlog
from django.db import transaction

from apps.catalog.choices import ListingPlan, ListingRight
from apps.catalog.models import ListingEntitlement, Resource
from apps.catalog.selectors.entitlements import entitlements_of, plan_of, plans_out_of_date
from apps.catalog.services.records import lock_resource, save_change

logger = structlog.get_logger(__name__)

BATCH = 500


@transaction.atomic
def set_entitlements(
    *, resource_id: uuid.UUID, values: Mapping[ListingRight, int], valid_until: dt.datetime | None, at: dt.datetime
) -> ListingPlan:
    """Give an entry these rights until then (None: without end), and refresh its plan and card; returns the plan.

    Harmless when repeated. Rights that are not named stay as they are. Search follows by the event of the edit.
    """
    resource = lock_resource(resource_id)
    ListingEntitlement.objects.bulk_create(
        [
            ListingEntitlement(resource=resource, key=key, value=value, valid_until=valid_until, created_at=at, updated_at=at)
            for key, value in values.items()
        ],
        update_conflicts=True, unique_fields=["resource", "key"], update_fields=["value", "valid_until", "updated_at"],
    )  # fmt: skip
    _refresh_plan(resource, at=at)
    return ListingPlan(resource.plan)


@transaction.atomic
def refresh_plan(*, resource_id: uuid.UUID, at: dt.datetime) -> bool:
    """Show the plan that the rights of an entry say now; whether it was another. Harmless when repeated."""
    return _refresh_plan(lock_resource(resource_id), at=at)


def refresh_plans(*, at: dt.datetime) -> int:
    """Bring every plan that is shown in line with the rights, for those that ended by time; returns how many were not.

    Each entry is a transaction, so that an interrupted run leaves nothing half done.
    """
    after, count = uuid.UUID(int=0), 0
    while ids := plans_out_of_date(at=at, after=after, limit=BATCH):
        for resource_id in ids:
            if refresh_plan(resource_id=resource_id, at=at):
                count += 1
                logger.info("listing_plan_refreshed", resource_id=str(resource_id))
        after = ids[-1]
    return count


def _refresh_plan(resource: Resource, *, at: dt.datetime) -> bool:
    plan = plan_of(entitlements_of(resource, at=at)[ListingRight.RANK_WEIGHT])
    if resource.plan == plan:
        return False
    resource.plan = plan
    save_change(resource, ["plan"], at=at, was_public=resource.is_public)
    return True
