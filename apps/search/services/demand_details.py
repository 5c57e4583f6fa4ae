"""What is counted beside shared words: the entries they showed, and the places where they found nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection

from apps.search.models import SharedQuery
from apps.search.questions import Where

# Of a day, the pairs of words and entry, or of words and place, that were counted most.
ROWS_MAX = 50_000
# Entries of a page that are counted: what stands below is on another page.
SHOWN_MAX = 20
# Three counts in one number, so that a search adds one number for each entry: how often it was shown, the sum of its places, openings.
# As many pairs as a day may have (`tally.PAIRS_MAX`) at place `SHOWN_MAX` stay within their bits, and all within 63.
_SHOWN_BITS, _PLACES_BITS = 18, 25
_SHOWN, _PLACE, _OPENED = 1, 1 << _SHOWN_BITS, 1 << (_SHOWN_BITS + _PLACES_BITS)

_LISTINGS = """
INSERT INTO search_listing_query_day (resource_number, query_id, day, shown, positions, clicks)
SELECT r.number, n.query_id, %s, n.shown, n.positions, n.clicks
FROM unnest(%s::uuid[], %s::bigint[], %s::int[], %s::int[], %s::int[]) n(resource_id, query_id, shown, positions, clicks)
JOIN api_resources r ON r.id = n.resource_id
ORDER BY r.number, n.query_id
ON CONFLICT (resource_number, query_id, day) DO UPDATE SET shown = greatest(search_listing_query_day.shown, excluded.shown),
    positions = greatest(search_listing_query_day.positions, excluded.positions),
    clicks = greatest(search_listing_query_day.clicks, excluded.clicks)
"""
_UNANSWERED = """
INSERT INTO search_unanswered_day (query_id, day, city, quarter, searches)
SELECT query_id, %s, city, quarter, searches
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::int[]) n(query_id, city, quarter, searches)
ORDER BY query_id, city, quarter
ON CONFLICT (query_id, day, city, quarter) DO UPDATE SET searches = greatest(search_unanswered_day.searches, excluded.searches)
"""
_PLACES = """
INSERT INTO search_place_demand (day, city, category, searches, empty)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[]) n(city, category, searches, empty) ORDER BY city, category
ON CONFLICT (day, city, category) DO UPDATE SET searches = greatest(search_place_demand.searches, excluded.searches),
    empty = greatest(search_place_demand.empty, excluded.empty)
"""


def details_of(shown: Sequence[uuid.UUID], where: Where, *, is_empty: bool) -> dict[str, int]:
    """What a search adds to the details of its words."""
    if is_empty:
        return {f"in|{where.city}|{where.quarter}": 1} if where.city else {}
    return {f"to|{pk.hex}": _SHOWN + place * _PLACE for place, pk in enumerate(shown[:SHOWN_MAX], start=1)}


def click_details(opened: uuid.UUID | None) -> dict[str, int]:
    """What opening an entry adds."""
    return {f"to|{opened.hex}": _OPENED} if opened else {}


def write_places(*, day: dt.date, totals: Mapping[str, int]) -> None:
    """Write searches by town and category over lower counts."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for name, number in totals.items():
        if name.startswith("where|"):
            _kind, city, category, letter = name.split("|")
            rows.setdefault((city, category), {})[letter] = number
    if rows:
        columns = [[place[column] for place in rows] for column in (0, 1)]
        counts = [[row.get(letter, 0) for row in rows.values()] for letter in "se"]
        with connection.cursor() as cursor:
            cursor.execute(_PLACES, [day, *columns, *counts])


def write_details(*, day: dt.date, details: Mapping[str, Mapping[str, int]]) -> None:
    """Write the details of words that are shared over lower counts. Of other words nothing is written down."""
    known = _shared(details)
    listings: list[tuple[uuid.UUID, int, int, int, int]] = []
    places: list[tuple[int, str, str, int]] = []
    for name, counts in details.items():
        query = known.get(name)
        if query is None:
            continue
        for detail, number in counts.items():
            kind, rest = detail.split("|", 1)
            if kind == "to":
                listings.append((uuid.UUID(rest), query, *_unpacked(number)))
            else:
                city, quarter = rest.split("|")
                places.append((query, city, quarter, number))
    listings.sort(key=lambda row: -row[2])
    places.sort(key=lambda row: -row[3])
    with connection.cursor() as cursor:
        if listings:
            cursor.execute(_LISTINGS, [day, *_columns(listings[:ROWS_MAX])])
        if places:
            cursor.execute(_UNANSWERED, [day, *_columns(places[:ROWS_MAX])])


def packed(shown: int, positions: int, clicks: int) -> int:
    """The one number of an entry's three counts. They must be within their bits."""
    return shown * _SHOWN + positions * _PLACE + clicks * _OPENED


def _shared(names: Iterable[str]) -> dict[str, int]:
    """Keys of the shared queries among `language|text`."""
    texts = {name.split("|", 1)[1] for name in names}
    rows = SharedQuery.objects.filter(text__in=texts).values_list("language", "text", "pk")
    return {f"{language}|{text}": pk for language, text, pk in rows}


def _unpacked(number: int) -> tuple[int, int, int]:
    """Shown, sum of places, openings."""
    shown = number & ((1 << _SHOWN_BITS) - 1)
    return shown, (number >> _SHOWN_BITS) & ((1 << _PLACES_BITS) - 1), number >> (_SHOWN_BITS + _PLACES_BITS)


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
