"""What the selectors of analytics answer: figures of one listing, or of all of an owner, over a period."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.analytics.choices import Channel, EventType, SourceClass


class Granularity(enum.StrEnum):
    """What one point of a series stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included, in Cameroon."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """The period of the same length that ends the day before."""
        return Period(self.first - dt.timedelta(days=self.days), self.first - dt.timedelta(days=1))


@dataclass(frozen=True)
class Totals:
    """Counts of a period or a day, by type, and contacts by channel; `visitors` are daily ones, never summed over days."""

    by_type: Mapping[EventType, int]
    contacts: Mapping[Channel, int]


@dataclass(frozen=True)
class DayFigures:
    """One day of a series (or one month, where `day` is its first); `visitors` is None where days are summed."""

    day: dt.date
    totals: Totals
    visitors: int | None


@dataclass(frozen=True)
class Dashboard:
    """Everything the owner's page shows. Series have one row for each day of the period, also without events."""

    period: Period
    totals: Totals
    totals_before: Totals
    series: Sequence[DayFigures]
    series_before: Sequence[DayFigures]
    sources: Sequence[tuple[SourceClass, int]]  # views, most first
    campaigns: Sequence[tuple[str, int]]  # views, most first, at most 20
    cities: Sequence[tuple[int, int]]  # number of the city, views; most first, at most 20
    hours: Sequence[Sequence[int]]  # 7 weekdays (0 Monday) x 24 hours: views and contacts
    position: float | None  # mean rank of the impressions
    set_aside: Mapping[str, int]  # by Verdict's name, without COUNTED
    counted_until: dt.datetime | None  # the newest event in the counters
