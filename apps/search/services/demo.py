"""Searches of a demonstration: written as a day's counts are, so that writing them again changes nothing."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from django.db import transaction

from apps.catalog.models import Resource
from apps.search.analysis import folded
from apps.search.constants import SHARED_FROM
from apps.search.services.demand import write_demand
from apps.search.services.demand_details import packed
from apps.search.tally import Tally

# What people of a town look for in vain, and in which of its quarters; by the town's slug, "" for any other.
_LACKING = {"douala": (("reparation frigo", "makepe", 9), ("coiffeur a domicile", "bonamoussadi", 6), ("nounou", "", 5)),
            "yaounde": (("plombier de nuit", "bastos", 6), ("reparation frigo", "", 5)),
            "": (("reparation frigo", "", 6), ("livraison de gaz", "", 5))}  # fmt: skip
# What leads to any entry beside its name: words with its category and town put in, how many people a day, and the place they find it at.
_LEADING = (
    ("{category}", 22, 4),
    ("{category} {city}", 16, 3),
    ("{category} {quarter}", 9, 2),
    ("{name}", 12, 1),
    ("{category} ouvert", 7, 5),
)


@transaction.atomic
def load_demo_queries(listings: Sequence[Resource], *, days: Sequence[dt.date]) -> int:
    """Write what led to these entries, and what their towns lack, on each day; returns how many words a day has at most."""
    most = 0
    for day in days:
        counted = _counted(listings, day)
        write_demand(day=day, counted=counted)
        most = max(most, len(counted.texts))
    return most


def _counted(listings: Sequence[Resource], day: dt.date) -> Tally:
    draw = random.Random(f"queries {day}")  # noqa: S311  a demonstration that is the same every time
    totals: dict[str, int] = {}
    texts: dict[str, dict[str, int]] = {}
    details: dict[str, dict[str, int]] = {}

    def add(names: dict[str, int], **counts: int) -> None:
        for name, number in counts.items():
            names[name] = names.get(name, 0) + number

    for listing in listings:
        for words, people, place in _LEADING:
            text = _words(words, listing)
            if not text:
                continue
            asked = max(SHARED_FROM, round(people * draw.uniform(0.6, 1.4)))
            opened = sum(draw.random() < 0.5 / place for _person in range(asked))
            add(texts.setdefault(text, {}), s=asked, c=opened, p=opened * place)
            positions = sum(max(1, place + draw.choice((-1, 0, 0, 1, 2))) for _person in range(asked))
            details.setdefault(text, {})[f"to|{listing.pk.hex}"] = packed(asked, positions, opened)
            city = listing.city.slug if listing.city else ""
            category = listing.category.slug if listing.category else ""
            add(totals, **{"fr|page|s": asked, "fr|page|c": opened, f"fr|at|{place}": opened, f"where|{city}|{category}|s": asked})
    for city in sorted({listing.city.slug for listing in listings if listing.city}):
        for text, quarter, people in _LACKING.get(city, _LACKING[""]):
            asked = max(SHARED_FROM, round(people * draw.uniform(0.7, 1.3)))
            add(texts.setdefault(f"fr|{text}", {}), s=asked, e=asked)
            add(details.setdefault(f"fr|{text}", {}), **{f"in|{city}|{quarter}": asked})
            add(totals, **{"fr|page|s": asked, "fr|page|e": asked, f"where|{city}||s": asked, f"where|{city}||e": asked})
    return Tally({name: number for name, number in totals.items() if name != "where|||s"}, texts, details)


def _words(words: str, listing: Resource) -> str:
    """`fr|restaurants douala`; "" when the entry lacks what the words need."""
    parts = {"category": listing.category, "city": listing.city, "quarter": listing.quarter}
    if any(f"{{{name}}}" in words and part is None for name, part in parts.items()):
        return ""
    named = {name: part.name_fr if hasattr(part, "name_fr") else str(part) for name, part in parts.items() if part}
    text = folded(words.format(name=listing.name.removeprefix("Exemple – "), **named))
    return f"fr|{text[:60].strip()}"
