"""What the catalogue holds and lacks, for staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from apps.catalog.choices import ContactKind, HoursKind, Status
from apps.catalog.models import ContactPoint, Resource
from apps.catalog.selectors.reference import snapshot


@dataclass(frozen=True)
class Quality:
    """Entries that visitors see, and how many of them lack something; `pending` wait for staff."""

    published: int
    pending: int
    owned: int
    unconfirmed: int
    without_position: int
    without_hours: int
    without_phone: int


@dataclass(frozen=True)
class Supply:
    """Published entries of a town and a category (slugs, "" for none)."""

    city: str
    category: str
    entries: int


def quality() -> Quality:
    """Counted now. Two statements."""
    phone = Exists(ContactPoint.objects.filter(resource=OuterRef("pk"), kind=ContactKind.PHONE))
    found = Resource.objects.published().aggregate(
        published=Count("pk"),
        owned=Count("pk", filter=Q(user__isnull=False)),
        unconfirmed=Count("pk", filter=Q(metadata__unconfirmed=True)),
        without_position=Count("pk", filter=Q(latitude__isnull=True)),
        without_hours=Count("pk", filter=Q(hours_kind=HoursKind.UNKNOWN)),
        without_phone=Count("pk", filter=~Q(phone)),
    )
    pending = Resource.objects.kept().filter(status=Status.PENDING, livemode=True).count()
    return Quality(pending=pending, **found)


def supply(pairs: Sequence[tuple[str, str]]) -> list[Supply]:
    """How many entries each pair of town and category has; "" stands for any. One statement.

    :param pairs: slugs. A category's entries are those of its children too.
    """
    known = snapshot()
    counts: dict[tuple[str, int], int] = {}
    cities = sorted({city for city, _category in pairs if city})
    rows = Resource.objects.published()
    if all(city for city, _category in pairs):
        rows = rows.filter(city__slug__in=cities)
    for city, category, number in rows.values_list("city__slug", "category__number").annotate(number=Count("pk")):
        counts[(city or "", category)] = number
    found = []
    for city, category in pairs:
        row = known.categories.get(category)
        wanted = set(row.numbers) if row else None
        total = sum(
            number
            for (town, one), number in counts.items()
            if (not city or town == city) and (not category or (wanted is not None and one in wanted))
        )
        found.append(Supply(city, category, total))
    return found
