"""Text search over what is published. The search issue replaces the inside; callers keep `find_cards`."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.catalog import selectors as catalog
from apps.catalog.gazetteer import fold
from apps.catalog.holidays import current_holidays
from apps.catalog.selectors.reference import snapshot
from apps.core.process_cache import ProcessCache

WORDS_MAX = 12
# How much a paid place may weigh against the words: less than a match in the name against one in the text.
PLAN_BOOST = 0.05
# Ranking reads every match, so it stops at this many, whichever they are: nobody pages through more.
RANKED_MAX = 5_000
OPEN_SCAN_MAX = 1_000
COUNT_LIVE_S = 30

_counts: ProcessCache[int] = ProcessCache(maxsize=512, ttl_s=lambda: COUNT_LIVE_S)


@dataclass(frozen=True, slots=True)
class FoundCards:
    """One page of results. `count` is exact up to the caller's maximum, and one more beyond it.

    :ivar matches: with words, the best of all that was found; None without: then the filters alone decide.
    """

    cards: Sequence[catalog.Card]
    count: int
    matches: Sequence[uuid.UUID] | None = None


def text_query(text: str) -> str:
    """What people typed as a `tsquery` of all its words, the last one as a prefix; empty when there is no word."""
    words = re.findall(r"\w+", fold(text[:200]))[:WORDS_MAX]
    return " & ".join([*words[:-1], f"{words[-1]}:*"]) if words else ""


def find_cards(
    filters: catalog.CardFilter,
    *,
    text: str,
    sort: str,
    language: str,
    at: dt.datetime,
    limit: int,
    offset: int = 0,
    count_max: int,
) -> FoundCards:
    """Published cards that meet the filters and hold every word of the text, in either language.

    Order: the exact name first, then how well the words match with a small weight for the plan, then newest. Without words
    it is the order of lists. `sort` "newest" orders by publication alone.

    :param count_max: counting stops one beyond it.
    """
    query = text_query(text)
    if filters.is_impossible or (text.strip() and not query):
        return FoundCards([], 0, [])
    if not query:
        page = catalog.list_cards(filters, language=language, at=at, limit=limit, offset=offset, is_newest=sort == "newest")
        return FoundCards(page.cards, _list_count(filters, page, language=language, at=at, offset=offset, count_max=count_max))
    rows = OPEN_SCAN_MAX if filters.open_now else max(count_max + 1, offset + limit)
    ids = _ranked(filters, query, fold(text), language=language, is_newest=sort == "newest", rows=rows)
    if filters.open_now:
        holidays = current_holidays()
        cards = [card for card in catalog.cards_by_ids(ids, language=language) if card.open_status(at, holidays).state == "open"]
        return FoundCards(cards[offset : offset + limit], min(len(cards), count_max + 1), [card.id for card in cards])
    return FoundCards(catalog.cards_by_ids(ids[offset : offset + limit], language=language), min(len(ids), count_max + 1), ids)


def count_matches(matches: Sequence[uuid.UUID], *, language: str) -> tuple[list[catalog.Facet], list[catalog.Facet]]:
    """Categories and quarters of these entries, most entries first."""
    if not matches:
        return [], []
    sql = """
        SELECT category_number, quarter_id, count(*) FROM resource_card
        WHERE language = %s AND resource_id = ANY(%s) GROUP BY category_number, quarter_id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [language, list(matches)])
        rows = cursor.fetchall()
    categories: Counter[int] = Counter()
    quarters: Counter[uuid.UUID] = Counter()
    for category, quarter, count in rows:
        categories[category] += count
        if quarter is not None:
            quarters[quarter] += count
    known = snapshot()
    by_id = {row.id: row for found in known.quarters.values() for row in found}
    return (
        [
            catalog.Facet(known.by_number[number].slug, known.by_number[number].name_in(language), count)
            for number, count in categories.most_common()
            if number in known.by_number
        ],
        [catalog.Facet(by_id[pk].slug, by_id[pk].name, count) for pk, count in quarters.most_common() if pk in by_id],
    )


def _list_count(filters: catalog.CardFilter, page: catalog.CardPage, *, language: str, at: dt.datetime, offset: int, count_max: int) -> int:
    """How many cards a list holds, without asking when the page itself tells."""
    if not page.has_more and (page.cards or not offset):
        return min(offset + len(page.cards), count_max + 1)
    minute = at.replace(second=0, microsecond=0) if filters.open_now else None
    question = (filters, language, count_max, minute)
    known = _counts.get(question)
    if known is not None:
        return known
    if filters.open_now:
        counted = len(catalog.list_cards(filters, language=language, at=at, limit=count_max + 1).cards)
    else:
        counted = catalog.count_cards(filters, language=language, maximum=count_max + 1)
    return _counts.set(question, counted)


def _ranked(filters: catalog.CardFilter, query: str, name: str, *, language: str, is_newest: bool, rows: int) -> list[uuid.UUID]:
    """Ids of the matching entries, best first, in one statement."""
    conditions, values = _conditions(filters)
    order = "published_at DESC, resource_id DESC" if is_newest else "is_name DESC, score DESC, published_at DESC, resource_id DESC"
    sql = f"""
        SELECT resource_id FROM (
            SELECT c.resource_id, c.published_at,
                   ts_rank(s.vector, w.q) + {PLAN_BOOST} * c.plan_rank AS score,
                   %(name)s IN ({_folded("r.name")}, {_folded("r.name_en")}) AS is_name
            FROM to_tsquery('fr_u', %(query)s) AS w(q)
            JOIN resource_search s ON s.vector @@ w.q
            JOIN resource_card c ON c.resource_id = s.resource_id AND c.language = %(language)s
            JOIN api_resources r ON r.id = s.resource_id
            {"WHERE " + " AND ".join(conditions) if conditions else ""}
            LIMIT {RANKED_MAX}
        ) found
        ORDER BY {order} LIMIT %(rows)s
    """  # noqa: S608  constants and named parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, {**values, "query": query, "name": name, "language": language, "rows": rows})
        return [row[0] for row in cursor.fetchall()]


def _folded(column: str) -> str:
    """SQL that folds a name as `gazetteer.fold` does."""
    return f"btrim(regexp_replace(lower(unaccent({column})), '[^[:alnum:]]+', ' ', 'g'))"


def _conditions(filters: catalog.CardFilter) -> tuple[list[str], dict[str, Any]]:
    """The filter as conditions on `resource_card c`, with their parameters."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    columns: list[tuple[str, Sequence[object] | None, str]] = [
        ("category_number", filters.categories, "int2[]"),
        ("city_number", filters.cities, "int2[]"),
        ("quarter_id", filters.quarters, "uuid[]"),
        ("resource_type", filters.resource_types, "text[]"),
        ("plan_rank", filters.plan_ranks, "int2[]"),
    ]
    for column, wanted, kind in columns:
        if wanted is not None:
            conditions.append(f"c.{column} = ANY(%({column})s::{kind})")
            values[column] = list(wanted)
    if filters.verified is not None:
        conditions.append("c.verified" if filters.verified else "NOT c.verified")
    if filters.open_now:
        conditions.append("c.hours IS NOT NULL")
    for number, group in enumerate(filters.has):
        conditions.append(f"c.attributes && %(has{number})s::varchar[]")
        values[f"has{number}"] = list(group)
    if filters.bbox is not None:
        west, south, east, north = filters.bbox
        conditions.append("c.geo <@ box(point(%(east)s, %(north)s), point(%(west)s, %(south)s))")
        values |= {"east": east, "north": north, "west": west, "south": south}
    return conditions, values
