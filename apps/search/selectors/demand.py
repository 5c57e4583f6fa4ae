"""What people search for, for staff: by day, by words, by the place of what they open."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from apps.search.models import SearchClicks, SearchDemand, SharedQueryDay

ROWS_MAX = 50
WEEK = dt.timedelta(days=7)
# Weeks that a week is compared with.
WEEKS_BEFORE = 4
# Places of the first page that are told apart; then the rest of the page, then all that follows.
PLACES_ALONE, PLACES_OF_PAGE = 10, 20


@dataclass(frozen=True, slots=True)
class Demand:
    """Counts of a day, or of several."""

    searches: int = 0
    empty: int = 0
    clicks: int = 0

    @property
    def empty_percent(self) -> int:
        """Searches without a result, of a hundred."""
        return round(100 * self.empty / self.searches) if self.searches else 0


@dataclass(frozen=True, slots=True)
class Words:
    """A query of several people. `place` is the mean place of what was opened; `before` a week's searches in the weeks before."""

    text: str
    language: str
    searches: int
    empty: int
    clicks: int
    place: float | None
    before: float | None = None


@dataclass(frozen=True, slots=True)
class DemandReport:
    """A period. `days` holds each of its days; `places` (first, last or None for open, clicks)."""

    days: Sequence[tuple[dt.date, Demand]]
    total: Demand
    previous: Demand
    top: Sequence[Words]
    rising: Sequence[Words]
    unanswered: Sequence[Words]
    places: Sequence[tuple[int, int | None, int]]


def demand_report(*, first: dt.date, last: dt.date, language: str = "") -> DemandReport:
    """What was searched from `first` to `last`, both included, in one language or ("") in all; seven statements.

    Rising is always the week that ends with `last` beside the four before.
    """
    length = last - first + dt.timedelta(days=1)
    by_day = {row["day"]: _demand(row) for row in _sums(_in(SearchDemand.objects, first, last, language).values("day"))}
    days = [first + dt.timedelta(days=number) for number in range(length.days)]
    words = _words(first, last, language)
    return DemandReport(
        days=[(day, by_day.get(day, Demand())) for day in days],
        total=_total(by_day.values()),
        previous=_demand(_in(SearchDemand.objects, first - length, first - dt.timedelta(days=1), language).aggregate(**_SUMS)),
        top=[_row(row) for row in words.order_by("-searches_sum", "query__text")[:ROWS_MAX]],
        rising=_rising(last, language),
        unanswered=[_row(row) for row in words.filter(empty_sum__gt=0).order_by("-empty_sum", "query__text")[:ROWS_MAX]],
        places=_places(first, last, language),
    )


def demand_between(*, first: dt.date, last: dt.date) -> Demand:
    """All searches from `first` to `last`, both included. One statement."""
    return _demand(_in(SearchDemand.objects, first, last, "").aggregate(**_SUMS))


_SUMS = {f"{name}_sum": Coalesce(Sum(name), 0) for name in ("searches", "empty", "clicks")}


def _in(rows: Any, first: dt.date, last: dt.date, language: str, *, column: str = "language") -> QuerySet[Any]:
    found: QuerySet[Any] = rows.filter(day__range=(first, last))
    return found.filter(**{column: language}) if language else found


def _sums(rows: QuerySet[Any]) -> QuerySet[Any]:
    found: QuerySet[Any] = rows.annotate(**_SUMS).order_by()
    return found


def _demand(row: Mapping[str, Any]) -> Demand:
    return Demand(row["searches_sum"], row["empty_sum"], row["clicks_sum"])


def _total(several: Any) -> Demand:
    rows = list(several)
    return Demand(*(sum(getattr(row, name) for row in rows) for name in ("searches", "empty", "clicks")))


def _words(first: dt.date, last: dt.date, language: str) -> QuerySet[Any]:
    """Each shared query of a period with its sums."""
    rows = _in(SharedQueryDay.objects, first, last, language, column="query__language")
    found: QuerySet[Any] = _sums(rows.values("query", "query__text", "query__language")).annotate(positions_sum=Sum("positions"))
    return found


def _row(row: Mapping[str, Any], before: float | None = None) -> Words:
    clicks = row["clicks_sum"]
    place = row["positions_sum"] / clicks if clicks else None
    return Words(row["query__text"], row["query__language"], row["searches_sum"], row["empty_sum"], clicks, place, before)


def _rising(last: dt.date, language: str) -> list[Words]:
    """By how far the week lies above the mean of the weeks before, in units of the chance spread of such a count (its square root).

    The plain difference would show what is always searched most, the plain ratio what was searched twice instead of once.
    """
    begin = last - WEEK + dt.timedelta(days=1)
    before = {
        row["query"]: row["searches_sum"] / WEEKS_BEFORE
        for row in _words(begin - WEEKS_BEFORE * WEEK, begin - dt.timedelta(days=1), language)
    }
    week = list(_words(begin, last, language))

    def rise(row: Mapping[str, Any]) -> float:
        usual = before.get(row["query"], 0.0)
        lift: float = (row["searches_sum"] - usual) / math.sqrt(usual + 1)
        return lift

    risen = sorted((row for row in week if rise(row) >= 1), key=lambda row: (-rise(row), row["query__text"]))
    return [_row(row, before.get(row["query"], 0.0)) for row in risen[:ROWS_MAX]]


def _places(first: dt.date, last: dt.date, language: str) -> list[tuple[int, int | None, int]]:
    rows = _in(SearchClicks.objects, first, last, language).values("position").annotate(sum=Sum("clicks")).order_by()
    counts = {row["position"]: row["sum"] for row in rows}
    bounds: list[tuple[int, int | None]] = [(place, place) for place in range(1, PLACES_ALONE + 1)]
    bounds += [(PLACES_ALONE + 1, PLACES_OF_PAGE), (PLACES_OF_PAGE + 1, None)]
    return [
        (low, high, sum(number for place, number in counts.items() if low <= place and (high is None or place <= high)))
        for low, high in bounds
    ]
