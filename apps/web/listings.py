"""Cards as the components of pages take them: the API's JSON plus the address of the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from apps.catalog import selectors
from apps.search.questions import FoundHit
from apps.web.maps import PlanPoint


def as_listings(cards: Iterable[selectors.Card], *, at: dt.datetime, first_number: int | None = None) -> list[dict[str, Any]]:
    """Decoded cards with `url` and `sponsored`, numbered from `first_number` when they stand beside a plan."""
    listings = []
    for card in cards:
        data = card.data(at)
        data["url"] = reverse("web:detail", args=[data["slug"]])
        data["number"] = None
        data["sponsored"] = data["plan"] == "featured"
        if first_number is not None and data["latitude"] is not None:
            data["number"] = first_number
            first_number += 1
        listings.append(data)
    return listings


def as_results(hits: Sequence[FoundHit], *, at: dt.datetime, first_rank: int = 1, tells_place: bool = False) -> list[dict[str, Any]]:
    """Hits of a search, numbered: with `rank`, `sponsored`, `distance_m`, `reasons`, and where the words stand (`marks`, by member).

    :param first_rank: of the first hit in all the list. :param tells_place: the links of cards tell it (`place`), and nothing else.
    """
    listings = as_listings([hit.card for hit in hits], at=at, first_number=1)
    for number, (listing, hit) in enumerate(zip(listings, hits, strict=True)):
        listing["rank"] = first_rank + number
        listing["place"] = listing["rank"] if tells_place else None
        listing["sponsored"], listing["distance_m"], listing["reasons"] = hit.is_sponsored, hit.distance_m, hit.reasons
        listing["marks"] = {mark.member: mark.ranges for mark in hit.highlights}
    return listings


def plan_points(listings: Iterable[dict[str, Any]]) -> list[PlanPoint]:
    """The numbered listings as pins."""
    return [
        PlanPoint(
            lat=listing["latitude"],
            lng=listing["longitude"],
            name=listing["name"],
            place=", ".join(part["name"] for part in (listing["quarter"], listing["city"]) if part),
            url=listing["url"],
            number=listing["number"],
            sponsored=listing["sponsored"],
            icon=(listing["category"] or {}).get("icon") or "map-pin",
        )
        for listing in listings
        if listing["number"] is not None
    ]
