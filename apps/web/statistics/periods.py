"""The periods that pages of figures offer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.analytics.figures import Period
from apps.core.templatetags.eco import date_short


@dataclass(frozen=True)
class Choice:
    """A period that can be asked for, by its word in addresses."""

    value: str
    label: str | Promise
    days: int


CHOICES = (
    Choice("7j", gettext_lazy("7 jours"), 7),
    Choice("30j", gettext_lazy("30 jours"), 30),
    Choice("12m", gettext_lazy("12 mois"), 365),
)
DEFAULT = CHOICES[1]
# Up to a month, a period is so many days and is said to be; a longer one is of whole months.
MONTH_DAYS_MAX = 31


def asked_choice(query: Mapping[str, str]) -> Choice:
    """What the address asks for; a month when it asks for nothing that there is."""
    return next((choice for choice in CHOICES if choice.value == query.get("periode")), DEFAULT)


def period_of(choice: Choice, today: dt.date) -> Period:
    """Days that end today; twelve months are whole ones and this one."""
    if choice.days <= MONTH_DAYS_MAX:
        return Period(today - dt.timedelta(days=choice.days - 1), today)
    months = today.year * 12 + today.month - 12
    return Period(dt.date(months // 12, months % 12 + 1, 1), today)


def period_words(period: Period) -> str:
    """`24 oct. 2026 – 22 nov. 2026, comparé aux 30 jours d’avant`; nobody counts those of a year."""
    told = _("%(first)s – %(last)s, comparé à autant de jours d’avant")
    if period.days <= MONTH_DAYS_MAX:
        told = ngettext(
            "%(first)s – %(last)s, comparé au jour d’avant", "%(first)s – %(last)s, comparé aux %(days)s jours d’avant", period.days
        )
    return told % {"first": date_short(period.first), "last": date_short(period.last), "days": period.days}
