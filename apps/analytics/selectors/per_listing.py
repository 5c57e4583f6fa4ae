"""What each of several listings brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Sum

from apps.analytics.figures import Period
from apps.analytics.models import ListingDay


def listing_sums(numbers: Sequence[int], *, period: Period) -> Mapping[int, tuple[int, int]]:
    """Views and contacts of each over the period; a listing that nothing happened with is not there. One statement."""
    days = ListingDay.objects.filter(resource_number__in=numbers, day__range=(period.first, period.last))
    rows = days.values("resource_number").annotate(seen=Sum("views"), reached=Sum("contacts"))
    return {row["resource_number"]: (row["seen"], row["reached"]) for row in rows}
