"""How much an account used the API, as the flush wrote it (at most a minute ago)."""

from __future__ import annotations

import calendar
import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Sum

from apps.accounts.models import ApiUsage, User

DAYS_MAX = 366


@dataclass(frozen=True)
class Counts:
    """Calls that were answered, units of the quota they took, calls refused by a limit, answers that failed on our side."""

    calls: int = 0
    units: int = 0
    refused: int = 0
    errors: int = 0


@dataclass(frozen=True)
class UsageReport:
    """A period's counts: in all, by day (every day is there), by key (None for calls without one) and by operation."""

    first: dt.date
    last: dt.date
    total: Counts = field(default_factory=Counts)
    by_day: list[tuple[dt.date, Counts]] = field(default_factory=list)
    by_key: Sequence[tuple[uuid.UUID | None, str, Counts]] = field(default_factory=list)
    by_operation: list[tuple[str, Counts]] = field(default_factory=list)


def units_of_month(user_id: uuid.UUID, *, month: dt.date) -> int:
    """Units that a user took in a month, given by its first day."""
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    found = ApiUsage.objects.filter(user=user_id, day__range=(month, last)).aggregate(units=Sum("units"))["units"]
    return int(found or 0)


def usage_report(user: User, *, first: dt.date, last: dt.date) -> UsageReport:
    """Usage between two days, both included, at most `DAYS_MAX` of them. Three statements.

    :raises ValueError: the period is empty or too long.
    """
    if not 0 <= (last - first).days < DAYS_MAX:
        raise ValueError("the period is empty or too long")
    rows = ApiUsage.objects.filter(user=user, day__range=(first, last))
    sums = {name: Sum(name) for name in ("calls", "units", "refused", "errors")}
    days = {row["day"]: _counts(row) for row in rows.values("day").annotate(**sums)}
    every = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    by_key = [
        (row["key"], row["key__name"] or "", _counts(row))
        for row in rows.values("key", "key__name").annotate(**sums).order_by("-calls", "key")[:200]
    ]
    by_operation = [
        (row["operation"], _counts(row)) for row in rows.values("operation").annotate(**sums).order_by("-calls", "operation")[:100]
    ]
    total = Counts(*(sum(getattr(counts, name) for counts in days.values()) for name in ("calls", "units", "refused", "errors")))
    return UsageReport(first, last, total, [(day, days.get(day, Counts())) for day in every], by_key, by_operation)


def usage_rows(user: User, *, first: dt.date, last: dt.date) -> list[tuple[dt.date, str, str, Counts]]:
    """Day, key's name, operation and counts, for a CSV file; at most a hundred thousand rows."""
    rows = ApiUsage.objects.filter(user=user, day__range=(first, last)).select_related("key").order_by("day", "operation")[:100_000]
    return [
        (row.day, row.key.name if row.key else "", row.operation, Counts(row.calls, row.units, row.refused, row.errors)) for row in rows
    ]


def forecast_day(*, used: int, quota: int, today: dt.date) -> dt.date | None:
    """The day of this month on which the quota ends when use goes on as it was; None when it lasts."""
    days = calendar.monthrange(today.year, today.month)[1]
    if used <= 0:
        return None
    if used >= quota:
        return today
    day = -(-quota * today.day // used)
    return today.replace(day=day) if day <= days else None


def _counts(row: Any) -> Counts:
    return Counts(row["calls"], row["units"], row["refused"], row["errors"])
