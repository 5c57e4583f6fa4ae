"""When a paid period ends: calendar days, months and years of Cameroon's clock (UTC+1, without summer time)."""

from __future__ import annotations

import calendar
import datetime as dt
from zoneinfo import ZoneInfo

from apps.billing.choices import Period

DOUALA = ZoneInfo("Africa/Douala")
_MORNING, _EVENING = dt.time(8), dt.time(18)
_DAYS: dict[str, int] = {Period.DAY: 1, Period.WEEK: 7}
_MONTHS: dict[str, int] = {Period.MONTH: 1, Period.YEAR: 12}


def period_end(start: dt.datetime, period: str, *, anchor_day: int | None = None) -> dt.datetime:
    """The end of a period that begins at `start`, at the same time of the day in Douala; aware, in UTC.

    A month that lacks the day ends on its last one: 31 January and a month is 28 or 29 February.

    :param anchor_day: day of the month that the subscription began on, so that the 31st comes back after February; None: that of `start`.
    """
    local = start.astimezone(DOUALA)
    if period in _DAYS:
        return (local + dt.timedelta(days=_DAYS[period])).astimezone(dt.UTC)
    years, month = divmod(local.month - 1 + _MONTHS[period], 12)
    year, month = local.year + years, month + 1
    day = min(anchor_day or local.day, calendar.monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(dt.UTC)


def local_day(at: dt.datetime) -> dt.date:
    """The day in Douala."""
    return at.astimezone(DOUALA).date()


def reminder_time(end: dt.datetime, *, days_before: int) -> dt.datetime:
    """When somebody is told that a period ends in so many days: at eight in the morning in Douala, or at the end's own hour before it.

    A last day that is over by eight has no morning left: it is told at six in the evening before.
    """
    day = local_day(end) - dt.timedelta(days=days_before)
    morning = dt.datetime.combine(day, _MORNING, tzinfo=DOUALA)
    if days_before == 0 and morning >= end:
        return dt.datetime.combine(day - dt.timedelta(days=1), _EVENING, tzinfo=DOUALA)
    return min(morning, end - dt.timedelta(days=days_before))
