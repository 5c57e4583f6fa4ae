"""Counts of values among hits, each facet without its own filter, from one reading of the hits.

Exact up to `COUNTED_MAX` hits. Above, a sample of the table's pages is counted and multiplied: within a few percent for the large
values, which are those that are shown, and the same for the same question.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apps.search.backends.base import COUNTED_MAX, EngineQuery, FacetCounts, FacetValue
from apps.search.backends.postgres.conditions import Asked
from apps.search.backends.postgres.estimates import statistics
from apps.search.backends.postgres.reading import Reader
from apps.search.backends.postgres.sources import fetched, probe

# The filter that a facet goes without, if any, and the column.
_FACETS: dict[str, tuple[str | None, str]] = {
    "category": ("categories", "category"), "city": ("cities", "city"), "quarter": ("quarters", "quarter"),
    "type": ("resource_types", "resource_type"), "plan": ("plan_ranks", "plan_rank"), "verified": ("verified", "verified"),
    "has": (None, "attributes"),
}  # fmt: skip
_SAMPLE_ROWS = 25_000


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
    asked = Asked(query, statistics())
    part = asked.everything()
    columns = ", ".join(_FACETS[name][1] for name in names)
    # What holds three times as much by the lower guess will not turn out to be countable.
    if part.guess.low < 3 * COUNTED_MAX or asked.boxes():
        source = fetched(asked, part, box=probe(reader, asked, asked.boxes()))
        conditions = " AND ".join([*part.left(source.keys), *asked.columns()]) or "true"
        hits = f"SELECT {columns} FROM {source.sql} WHERE {conditions} LIMIT {COUNTED_MAX + 1}"
        counts, total = _read(reader, asked, hits, names)
        if total <= COUNTED_MAX:
            return counts, True
    percent = min(100.0, 100.0 * _SAMPLE_ROWS / max(1, asked.known.documents))
    conditions = " AND ".join([*part.left(), *asked.columns()]) or "true"
    sample = f"SELECT {columns} FROM resource_search s TABLESAMPLE SYSTEM ({percent}) REPEATABLE (7) WHERE {conditions}"
    counts, _total = _read(reader, asked, sample, names)
    return {name: [(value, round(count * 100 / percent)) for value, count in counts[name]] for name in names}, False


def _read(reader: Reader, asked: Asked, hits: str, names: Sequence[str]) -> tuple[dict[str, list[tuple[FacetValue, int]]], int]:
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
