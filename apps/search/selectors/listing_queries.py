"""The searches that led to entries, those that found nothing near them, and searches by place: for pages that analytics makes.

Only words that several people shared are known at all (decision 9).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from apps.search.constants import SHARED_FROM
from apps.search.models import ListingQueryDay, PlaceDemand, UnansweredDay

ROWS_MAX = 100


@dataclass(frozen=True, slots=True)
class ListingQuery:
    """Words that showed an entry: how often, at which place in the mean, and how often it was opened from there."""

    text: str
    language: str
    shown: int
    clicks: int
    place: float


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Words that found nothing in a place (slugs), and how many people asked; a person counts once a day."""

    text: str
    language: str
    city: str
    quarter: str
    searches: int


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """Searches that named a town and a category (slugs, "" for none), and those that found nothing."""

    city: str
    category: str
    searches: int
    empty: int


def listing_queries(numbers: Sequence[int], *, first: dt.date, last: dt.date, limit: int = 10) -> list[ListingQuery]:
    """The words that showed these entries most often. One statement."""
    rows = ListingQueryDay.objects.filter(resource_number__in=numbers, day__range=(first, last), shown__gt=0)
    found = rows.values("query__text", "query__language").annotate(all=Sum("shown"), opened=Sum("clicks"), places=Sum("positions"))
    return [
        ListingQuery(row["query__text"], row["query__language"], row["all"], row["opened"], row["places"] / row["all"])
        for row in found.order_by("-all", "query__text", "query__language")[: min(limit, ROWS_MAX)]
    ]


def unanswered(*, first: dt.date, last: dt.date, cities: Sequence[str] | None = None, limit: int = 10) -> list[Unanswered]:
    """What was searched for in vain in these towns (None: in all), the most first; a place where few asked is left out. One statement."""
    rows = UnansweredDay.objects.filter(day__range=(first, last))
    if cities is not None:
        rows = rows.filter(city__in=cities)
    found = rows.values("query__text", "query__language", "city", "quarter").annotate(all=Sum("searches")).filter(all__gte=SHARED_FROM)
    return [
        Unanswered(row["query__text"], row["query__language"], row["city"], row["quarter"], row["all"])
        for row in found.order_by("-all", "query__text", "city", "quarter")[: min(limit, ROWS_MAX)]
    ]


def place_counts(*, first: dt.date, last: dt.date) -> list[PlaceCount]:
    """Searches by town and category, the most first. One statement."""
    rows = PlaceDemand.objects.filter(day__range=(first, last)).values("city", "category")
    found = rows.annotate(all=Sum("searches"), none=Sum("empty")).order_by("-all", "city", "category")[: 20 * ROWS_MAX]
    return [PlaceCount(row["city"], row["category"], row["all"], row["none"]) for row in found]
