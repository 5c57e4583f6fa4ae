"""Usage of the API in a demonstration: keys that nobody holds, and believable calls of theirs, the same every time."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from apps.accounts.choices import Entitlement, Scope
from apps.accounts.limits.admission import ZONE, month_of
from apps.accounts.limits.costs import units_of
from apps.accounts.models import ApiKey, ApiUsage, User
from apps.accounts.selectors.entitlements import entitlements_of
from apps.accounts.services.keys import KeyInput, create_key

# The period that pages show first.
DAYS = 31
# How much of the month's quota goes in a month.
QUOTA_SHARE = 0.82
# On some days our side failed in the afternoon, on others a program ran into a limit: told by the date, so that a day stays what it was.
FAILED_EVERY, REFUSED_EVERY = 23, 17
FAILED_HOURS, REFUSED_HOUR = frozenset({14, 15}), 11

_WEEK = (1.1, 1.15, 1.1, 1.15, 1.2, 0.8, 0.5)
_HOURS = (1, 1, 1, 1, 1, 2, 4, 6, 9, 10, 10, 9, 7, 7, 9, 10, 10, 9, 8, 7, 6, 4, 3, 2)


@dataclass(frozen=True)
class DemoKey:
    """A key of the demonstration: what it may do, its part of all calls, and what it asks for, in parts of a hundred."""

    name: str
    scopes: tuple[Scope, ...]
    share: float
    operations: dict[str, int]


@dataclass(frozen=True)
class DemoCalls:
    """Calls of an hour, by a key and an operation. Failed ones are among `calls`, refused ones are not, as in `ApiUsage`."""

    hour: dt.datetime
    key_id: UUID
    operation: str
    calls: int
    refused: int
    errors: int


KEYS = (
    DemoKey(
        "Site vitrine", (Scope.RESOURCES_READ, Scope.SEARCH_READ), 0.55,
        {"resource_list": 46, "resource": 24, "search": 24, "category_list": 6},
    ),
    DemoKey(
        "Application mobile", (Scope.RESOURCES_READ, Scope.SEARCH_READ), 0.35,
        {"nearby": 38, "search": 30, "suggestions": 20, "resource": 12},
    ),
    DemoKey("Mise à jour du soir", (Scope.RESOURCES_READ,), 0.1, {"resource_list": 80, "category_list": 20}),
)  # fmt: skip


@transaction.atomic
def load_demo_usage(*, user: User, at: dt.datetime) -> list[DemoCalls]:
    """Make the keys that are missing, write what they called since the day written last; returns the calls that were written.

    Harmless when repeated: a day is written as it is, not added to. A key that its owner ended stays ended and calls no more.
    """
    User.objects.select_for_update().get(pk=user.pk)
    keys = [(made, key) for made in KEYS if (key := _ensure(made, user=user, at=at)).is_usable(at)]
    today = at.astimezone(ZONE).date()
    first = today - dt.timedelta(days=DAYS - 1)
    known = ApiUsage.objects.filter(user=user, key__in=[key.pk for _made, key in keys], day__gte=first).order_by("-day").first()
    # The day that was written last may have gone on.
    days = [first + dt.timedelta(days=number) for number in range(DAYS)]
    most = entitlements_of(user, at=at)[Entitlement.MONTHLY_QUOTA]
    calls = [
        one
        for day in days if known is None or day >= known.day
        for made, key in keys
        for one in _calls_of(made, key, day, a_day=most * QUOTA_SHARE / 30)
        if one.hour + dt.timedelta(hours=1) <= at
    ]  # fmt: skip
    _write(user, calls, at=at)
    return calls


def _ensure(made: DemoKey, *, user: User, at: dt.datetime) -> ApiKey:
    found = ApiKey.objects.filter(user=user, name=made.name).order_by("created_at").first()
    if found is not None:
        return found
    # Nobody learns its secret: what is counted for it is the demonstration's alone.
    key, _secret = create_key(user=user, data=KeyInput(made.name, scopes=list(made.scopes)), at=at)
    key.created_at = at - dt.timedelta(days=DAYS)
    key.save(update_fields=["created_at"])
    return key


def _calls_of(made: DemoKey, key: ApiKey, day: dt.date, *, a_day: float) -> Iterator[DemoCalls]:
    draw = random.Random(f"{made.name} {day}")  # noqa: S311  a demonstration that is the same every time
    calls = round(a_day * made.share * _WEEK[day.weekday()] * draw.uniform(0.8, 1.2))
    hours = draw.choices(range(24), _HOURS, k=calls)
    counts: dict[tuple[int, str], int] = defaultdict(int)
    for hour in hours:
        counts[hour, draw.choices(list(made.operations), list(made.operations.values()))[0]] += 1
    for (hour, operation), number in sorted(counts.items()):
        failed = number if day.toordinal() % FAILED_EVERY == 0 and hour in FAILED_HOURS else int(draw.random() < 0.004)
        refused = 4 * number if day.toordinal() % REFUSED_EVERY == 0 and hour == REFUSED_HOUR else 0
        yield DemoCalls(dt.datetime.combine(day, dt.time(hour), ZONE), key.pk, operation, number, refused, failed)


def _write(user: User, calls: list[DemoCalls], *, at: dt.datetime) -> None:
    sums: dict[tuple[dt.date, UUID, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in calls:
        counts = sums[one.hour.astimezone(ZONE).date(), one.key_id, one.operation]
        for place, number in enumerate((one.calls, one.refused, one.errors)):
            counts[place] += number
    ApiUsage.objects.bulk_create(
        [
            # What failed on our side takes nothing of the quota.
            ApiUsage(
                user=user, day=day, key_id=key, operation=operation, calls=answered, refused=refused, errors=errors,
                units=(answered - errors) * units_of(operation),
            )
            for (day, key, operation), (answered, refused, errors) in sums.items()
        ],
        update_conflicts=True, unique_fields=["user", "day", "key", "operation"], update_fields=["calls", "units", "refused", "errors"],
    )  # fmt: skip
    if calls:
        month = ApiUsage.objects.filter(user=user, day__gte=month_of(at)).aggregate(units=Sum("units"))["units"] or 0
        User.objects.filter(pk=user.pk).update(api_usage=month)
        for key_id in {one.key_id for one in calls}:
            last = max(one.hour for one in calls if one.key_id == key_id)
            ApiKey.objects.filter(pk=key_id).update(last_used_at=last + dt.timedelta(minutes=41))
