"""Periods that people ask for."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from apps.analytics.constants import COUNTER_MONTHS, ZONE
from apps.analytics.figures import Period
from apps.core.templatetags.eco import date_short

NAMES = ("7d", "30d", "12m")
DEFAULT = "30d"


def today(at: dt.datetime) -> dt.date:
    """The day in Cameroon."""
    return at.astimezone(ZONE).date()


def named_period(name: str, last: dt.date) -> Period:
    """The last 7 or 30 days, or the month of `last` with the eleven before it."""
    if name == "12m":
        return Period(months_before(last, 11), last)
    return Period(last - dt.timedelta(days={"7d": 6, "30d": 29}[name]), last)


def months_before(day: dt.date, months: int) -> dt.date:
    """The first of the month so many months before."""
    number = day.year * 12 + day.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)


def first_day_kept(at: dt.datetime) -> dt.date:
    """The first day whose counters are kept: the first of a month, 25 months back."""
    return months_before(today(at), COUNTER_MONTHS)


def refusal(first: dt.date, last: dt.date, *, at: dt.datetime) -> tuple[str, str] | None:
    """Why a period cannot be asked: which end is wrong ("first" or "last"), and a sentence with the bound."""
    kept, until = first_day_kept(at), today(at)
    if last < first:
        return "last", _("La fin de la période vient avant son début.")
    if first < kept:
        bounds = {"months": COUNTER_MONTHS, "day": date_short(kept)}
        return "first", _("Les statistiques sont gardées %(months)s mois : la période commence au plus tôt le %(day)s.") % bounds
    if last > until:
        return "last", _("La période finit au plus tard aujourd’hui, le %(day)s.") % {"day": date_short(until)}
    return None
