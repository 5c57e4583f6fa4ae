"""Whether the copies of what is paid for say what is paid for; and their repair."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from django.db.models import Model, Q, QuerySet

from apps.accounts.choices import AccountPlan, Entitlement
from apps.accounts.models import AccountEntitlement, User
from apps.accounts.selectors.entitlements import entitlements_of as account_rights
from apps.accounts.services.entitlements import set_entitlements
from apps.billing.choices import SubscriptionState
from apps.billing.constants import ACCOUNT_PLANS
from apps.billing.models import Subscription
from apps.billing.selectors.prices import rights_by_product
from apps.billing.selectors.subscriptions import has_rights, rights_end
from apps.billing.services.rights import apply_rights
from apps.catalog.choices import ListingRight
from apps.catalog.models import ListingEntitlement
from apps.catalog.selectors.entitlements import plans_out_of_date
from apps.catalog.services.entitlements import refresh_plan

logger = structlog.get_logger(__name__)

BATCH = 500
Row = TypeVar("Row", bound=Model)
_PAID = (SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE)


@dataclass
class PlanReport:
    """What differed: ids of subscriptions whose rights were not given, of listings and of users whose copies were wrong."""

    rights: list[uuid.UUID] = field(default_factory=list)
    listings: list[uuid.UUID] = field(default_factory=list)
    users: list[uuid.UUID] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """How many in all."""
        return len(self.rights) + len(self.listings) + len(self.users)


def check_plans(*, at: dt.datetime, is_repairing: bool = True) -> PlanReport:
    """Compare rights with subscriptions, then `plan` and `api_quota` with rights; repair and log what differs."""
    report = PlanReport()
    for subscription in _unserved(at):
        report.rights.append(subscription.pk)
        if is_repairing:
            apply_rights(subscription, at=at)
    after = uuid.UUID(int=0)
    while ids := plans_out_of_date(at=at, after=after, limit=BATCH):
        report.listings += ids
        if is_repairing:
            for resource_id in ids:
                refresh_plan(resource_id=resource_id, at=at)
        after = ids[-1]
    for user, plan in _wrong_users(at):
        report.users.append(user.pk)
        if is_repairing:
            set_entitlements(user_id=user.pk, values={}, valid_until=None, plan=plan, at=at)
    for kind in ("rights", "listings", "users"):
        for pk in getattr(report, kind):
            logger.warning("plan_differs", kind=kind, id=str(pk), is_repaired=is_repairing)
    return report


def _unserved(at: dt.datetime) -> Iterator[Subscription]:
    """Paid subscriptions whose target lacks the first right of the product, or has it until another time."""
    book = rights_by_product()
    paid = Subscription.objects.filter(state__in=_PAID).filter(Q(livemode=True) | Q(resource__isnull=False))
    for rows in _batches(paid.select_related("resource", "user", "price")):
        listings = _stored(
            ListingEntitlement.objects.filter(resource__in=[one.resource_id for one in rows if one.resource_id]), "resource_id"
        )
        accounts = _stored(AccountEntitlement.objects.filter(user__in=[one.user_id for one in rows if not one.resource_id]), "user_id")
        for one in rows:
            rights = book.get(one.product, {})
            key = ListingRight.RANK_WEIGHT if one.resource_id else Entitlement.MONTHLY_QUOTA
            stored = listings.get((one.resource_id, key)) if one.resource_id else accounts.get((one.user_id, key))
            if key in rights and has_rights(one, at=at) and stored != (rights[key], rights_end(one)):
                yield one


def _wrong_users(at: dt.datetime) -> Iterator[tuple[User, AccountPlan]]:
    """Users whose plan is not what their account pays for, or whose quota is not their right."""
    paid = Subscription.objects.filter(state__in=_PAID, resource=None, livemode=True)
    holders = AccountEntitlement.objects.filter(key=Entitlement.MONTHLY_QUOTA).values("user")
    users = User.objects.filter(~Q(plan=AccountPlan.FREE) | Q(pk__in=paid.values("user")) | Q(pk__in=holders))
    for rows in _batches(users):
        held = {one.user_id: one for one in paid.filter(user__in=rows).select_related("resource")}
        for user in rows:
            one = held.get(user.pk)
            plan = ACCOUNT_PLANS[one.product] if one is not None and has_rights(one, at=at) else AccountPlan.FREE
            if user.plan != plan or user.api_quota != account_rights(user, at=at)[Entitlement.MONTHLY_QUOTA]:
                yield user, plan


def _stored(rows: QuerySet[Any], owner: str) -> dict[tuple[uuid.UUID, str], tuple[int, dt.datetime | None]]:
    return {(getattr(row, owner), row.key): (row.value, row.valid_until) for row in rows}


def _batches(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    after = uuid.UUID(int=0)
    while batch := list(rows.filter(pk__gt=after).order_by("pk")[:BATCH]):
        yield batch
        after = batch[-1].pk
