"""Counts of values among hits, each facet without its own filter, from one reading of the hits.

Exact up to `COUNTED_MAX` hits. Above, those of a sample are counted and multiplied (`samples`): within a few percent for the large
values, which are those that are shown, and the same for the same question. Where the sample leaves no doubt, nothing is read first.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apps.search.backends.base import COUNTED_MAX, EngineQuery, FacetCounts, FacetValue
from apps.search.backends.postgres.conditions import Asked, Part
from apps.search.backends.postgres.reading import Reader
from apps.search.backends.postgres.sources import fetched, probe

# The filter that a facet goes without, if any, and the column.
_FACETS: dict[str, tuple[str | None, str]] = {
    "category": ("categories", "category"), "city": ("cities", "city"), "quarter": ("quarters", "quarter"),
    "type": ("resource_types", "resource_type"), "plan": ("plan_ranks", "plan_rank"), "verified": ("verified", "verified"),
    "has": (None, "attributes"),
}  # fmt: skip
# A sample that says so much more than is counted settles it.
_SURE = 1.1


def count_facets(reader: Reader, query: EngineQuery, names: Sequence[str]) -> FacetCounts:
    """See `SearchBackend.facets`."""
    # Facets whose filter is not set are counted among the same hits.
    together: dict[EngineQuery, list[str]] = {}
    for name in dict.fromkeys(names):
        member = _FACETS[name][0]
        own: dict[str, Any] = {member: None} if member else {}
        wide = replace(query, filters=replace(query.filters, **own))
        together.setdefault(wide, []).append(name)
    counts: dict[str, Sequence[tuple[FacetValue, int]]] = {}
    is_exact = True
    for wide, counted in together.items():
        found, is_whole = _count(reader, wide, counted)
        counts |= found
        is_exact = is_exact and is_whole
    return FacetCounts({name: counts[name] for name in names}, is_exact)


def _count(reader: Reader, query: EngineQuery, names: Sequence[str]) -> tuple[dict[str, list[tuple[FacetValue, int]]], bool]:
    if Asked.is_impossible(query):
        return {name: [] for name in names}, True
    asked = Asked.of(query).draw(reader, is_tiered=False)
    part = asked.everything()
    found = asked.sampled() if part.guess.high > COUNTED_MAX else None
    if found is None or found.total <= _SURE * COUNTED_MAX:
        counts, total = _read(reader, asked, part, names)
        if total <= COUNTED_MAX:
            return counts, True
        found = found or asked.sampled()
        if found is None:
            return counts, False
    counted = found.counts([_FACETS[name][1] for name in names])
    return {name: counted[_FACETS[name][1]] for name in names}, False


def _read(reader: Reader, asked: Asked, part: Part, names: Sequence[str]) -> tuple[dict[str, list[tuple[FacetValue, int]]], int]:
    """Counts of the hits, and how many these are; of one more than `COUNTED_MAX` at most."""
    source = fetched(asked, part, box=probe(reader, asked, asked.boxes()))
    conditions = " AND ".join([*part.left(source.keys), *asked.columns()]) or "true"
    columns = ", ".join(_FACETS[name][1] for name in names)
    hits = f"SELECT {columns} FROM {source.sql} WHERE {conditions} LIMIT {COUNTED_MAX + 1}"
    each = [
        f"SELECT {place}, to_jsonb(v) #>> '{{}}', count(*) FROM (SELECT {_value(name)} AS v FROM hits) h WHERE v IS NOT NULL GROUP BY v"
        for place, name in enumerate(names)
    ]
    sql = f"WITH hits AS MATERIALIZED ({hits}) SELECT -1, NULL::text, count(*) FROM hits UNION ALL {' UNION ALL '.join(each)}"
    counts: dict[str, list[tuple[FacetValue, int]]] = {name: [] for name in names}
    total = 0
    for place, text, count in reader.rows(sql, asked.values):
        if place < 0:
            total = count
        else:
            counts[names[place]].append((_parsed(names[place], text), count))
    for values in counts.values():
        values.sort(key=lambda item: (-item[1], str(item[0])))
    return counts, total


def _value(name: str) -> str:
    column = _FACETS[name][1]
    return f"unnest({column})" if name == "has" else column


def _parsed(name: str, text: str) -> FacetValue:
    if name in {"category", "city", "plan"}:
        return int(text)
    if name == "quarter":
        return uuid.UUID(text)
    return text == "true" if name == "verified" else text
