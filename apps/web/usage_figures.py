"""Usage of the API as its pages show it: periods, chart, month against quota."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import get_resolver
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.accounts.choices import Entitlement
from apps.accounts.models import User
from apps.accounts.selectors.entitlements import entitlements_of
from apps.accounts.selectors.usage import Counts, UsageReport, forecast_day, units_of_month, usage_report
from apps.analytics.selectors.latency import Latency, LatencyReport
from apps.core.charts import Point, StackedBars, stacked_bars
from apps.core.numbers import group_thousands, per_cent
from apps.core.templatetags.eco import date_short, day_label, decimal, month_label

PERIODS = (("7d", gettext_lazy("7 jours")), ("30d", gettext_lazy("30 jours")), ("12m", gettext_lazy("12 mois")))
DEFAULT_PERIOD = "30d"
DAYS = {"7d": 7, "30d": 30}


@dataclass(frozen=True)
class UsageChart:
    """A chart, the sentence that says it, and its numbers: name, calls, refused, errors."""

    bars: StackedBars
    sentence: str
    rows: list[tuple[str, int, int, int]]


@dataclass(frozen=True)
class Quota:
    """The month's units against the quota; `percent` is whole and at most 100."""

    used: int
    most: int
    percent: int
    forecast: dt.date | None
    renewal: dt.date


def asked_period(request: HttpRequest) -> str:
    """The period that the address names, or a month."""
    asked = request.GET.get("period", "")
    return asked if asked in dict(PERIODS) else DEFAULT_PERIOD


def period_links(period: str) -> list[dict[str, Any]]:
    """The choice of periods."""
    return [{"value": value, "label": label, "is_current": value == period} for value, label in PERIODS]


def first_day(period: str, today: dt.date) -> dt.date:
    """The first day of a period that ends today; twelve months are whole ones and this one."""
    if period in DAYS:
        return today - dt.timedelta(days=DAYS[period] - 1)
    months = today.year * 12 + today.month - 12
    return dt.date(months // 12, months % 12 + 1, 1)


def calls_by_key(user: User, *, today: dt.date) -> dict[uuid.UUID | None, int]:
    """Calls of thirty days, by key."""
    report = usage_report(user, first=first_day(DEFAULT_PERIOD, today), last=today)
    return {key: counts.calls for key, _name, counts in report.by_key}


def usage_chart(report: UsageReport, period: str) -> UsageChart:
    """A bar for each day, or each month of a year: answered, refused, failed."""
    groups = [(day_label(day), date_short(day), counts) for day, counts in report.by_day]
    if period not in DAYS:
        groups = [(month_label(day), date_format(day, "F Y"), counts) for day, counts in _by_month(report.by_day)]
    points = [Point(label, name, (counts.calls - counts.errors, counts.refused, counts.errors)) for label, name, counts in groups]
    total = report.total
    sentences = [_counted(ngettext("%(calls)s appel répondu.", "%(calls)s appels répondus.", total.calls), total.calls)]
    if total.errors:
        sentences.append(_counted(_("%(calls)s en erreur de notre côté."), total.errors))
    if total.refused:
        sentences.append(
            _counted(ngettext("%(calls)s refusé par une limite.", "%(calls)s refusés par une limite.", total.refused), total.refused)
        )
    if total.calls > 1:
        _label, name, most = max(groups, key=lambda group: group[2].calls)
        sentences.append(_("Le plus : %(calls)s, %(name)s.") % {"calls": group_thousands(most.calls), "name": name})
    return UsageChart(stacked_bars(points), " ".join(sentences), [(name, c.calls, c.refused, c.errors) for _label, name, c in groups])


def _counted(text: str, number: int) -> str:
    return text % {"calls": group_thousands(number)}


def quota_of(user: User, *, at: dt.datetime) -> Quota:
    """The month's units, as counted a minute ago at most."""
    today = timezone.localdate(at)
    used = units_of_month(user.pk, month=today.replace(day=1))
    most = entitlements_of(user, at=at)[Entitlement.MONTHLY_QUOTA]
    days = calendar.monthrange(today.year, today.month)[1]
    return Quota(
        used=used,
        most=most,
        percent=min(100, used * 100 // max(most, 1)),
        forecast=forecast_day(used=used, quota=most, today=today),
        renewal=today.replace(day=days) + dt.timedelta(days=1),
    )


def operations(report: UsageReport) -> list[tuple[str, Counts]]:
    """Operations by their path where the API has one."""
    return [(_paths().get(name, name), counts) for name, counts in report.by_operation]


@dataclass(frozen=True)
class SpeedRow:
    """A key or an operation: its calls and what they cost as usage counts them, and how fast they were, in words; "" where not known."""

    name: str
    calls: int
    units: int
    p50: str
    p95: str
    errors: str


def key_rows(report: UsageReport, speeds: LatencyReport) -> list[SpeedRow]:
    """By key, with its name."""
    known = {key: speed for key, _name, speed in speeds.by_key}
    return [
        _speed_row((name or _("Clé supprimée")) if key else _("Sans clé (navigateur, jeton)"), counts, known.get(key))
        for key, name, counts in report.by_key
    ]


def operation_rows(report: UsageReport, speeds: LatencyReport) -> list[SpeedRow]:
    """By operation, as its path where the API has one."""
    known = dict(speeds.by_operation)
    return [
        _speed_row(path, counts, known.get(name))
        for (name, counts), (path, _same) in zip(report.by_operation, operations(report), strict=True)
    ]


def speed_words(ms: float | None) -> str:
    """`142 ms`, `1,3 s`; "" when no call was timed."""
    if ms is None:
        return ""
    return f"{decimal(ms / 1000)}\u00a0s" if ms >= 1000 else f"{round(ms)}\u00a0ms"


def _speed_row(name: str, counts: Counts, speed: Latency | None) -> SpeedRow:
    calls = counts.calls
    share = per_cent(decimal(100 * counts.errors / calls)) if calls else ""
    return SpeedRow(
        name, calls, counts.units, speed_words(speed.p50_ms if speed else None), speed_words(speed.p95_ms if speed else None), share
    )


def _by_month(days: Iterable[tuple[dt.date, Counts]]) -> list[tuple[dt.date, Counts]]:
    grouped = itertools.groupby(days, key=lambda row: row[0].replace(day=1))
    return [(month, _sum(counts for _day, counts in rows)) for month, rows in grouped]


def _sum(several: Iterable[Counts]) -> Counts:
    rows = list(several)
    return Counts(*(sum(getattr(row, name) for row in rows) for name in ("calls", "units", "refused", "errors")))


@cache
def _paths() -> dict[str, str]:
    """Path templates of the API by the name of their operation: `/api-resources/{identifier}`."""
    _prefix, resolver = get_resolver().namespace_dict["v1"]
    names = [name for name in resolver.reverse_dict if isinstance(name, str)]
    templates = {name: resolver.reverse_dict.getlist(name)[-1][0][0] for name in names}
    return {name: "/" + path % {part: f"{{{part}}}" for part in parts} for name, (path, parts) in templates.items()}
