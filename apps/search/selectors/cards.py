"""Text search over what is published. The search issue replaces the inside; callers keep `find_cards`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from apps.catalog import selectors as catalog
from apps.catalog.holidays import current_holidays
from apps.catalog.selectors.reference import snapshot
from apps.core.process_cache import ProcessCache
from apps.search.analysis import QUERY_LENGTH_MAX, QUERY_WORDS_MAX, STOP_WORDS, folded, forms, terms_of
from apps.search.backends import engine
from apps.search.backends.base import EngineQuery, Filters, Group, Order
from apps.search.selectors.vocabulary import completions

COMPLETIONS = 20
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

    Order: the exact name first, then words in the name, then words anywhere; within each by plan, then by completeness. Without words
    it is the order of lists. `sort` "newest" orders by publication alone.

    :param count_max: counting stops one beyond it.
    """
    groups = _groups(text)
    if filters.is_impossible or (text.strip() and not groups):
        return FoundCards([], 0, [])
    if not groups:
        page = catalog.list_cards(filters, language=language, at=at, limit=limit, offset=offset, is_newest=sort == "newest")
        return FoundCards(page.cards, _list_count(filters, page, language=language, at=at, offset=offset, count_max=count_max))
    rows = OPEN_SCAN_MAX if filters.open_now else max(count_max + 1, offset + limit)
    query = EngineQuery(
        groups=groups,
        whole_name=folded(text),
        filters=Filters(
            categories=filters.categories, cities=filters.cities, quarters=filters.quarters, resource_types=filters.resource_types,
            plan_ranks=filters.plan_ranks, verified=filters.verified, has=filters.has, bbox=filters.bbox,
        ),
        order=Order.NEWEST if sort == "newest" else Order.RELEVANCE,
        limit=rows,
    )  # fmt: skip
    places = engine().search(query).places
    if sort != "newest":
        places = sorted(places, key=lambda place: (-place.tier, -place.plan_rank))
    ids = [place.id for place in places]
    if filters.open_now:
        holidays = current_holidays()
        cards = [card for card in catalog.cards_by_ids(ids, language=language) if card.open_status(at, holidays).state == "open"]
        return FoundCards(cards[offset : offset + limit], min(len(cards), count_max + 1), [card.id for card in cards])
    return FoundCards(catalog.cards_by_ids(ids[offset : offset + limit], language=language), min(len(ids), count_max + 1), ids)


def _groups(text: str) -> tuple[Group, ...]:
    """A group for each word that says something; the last one may be unfinished."""
    typed = forms(text[:QUERY_LENGTH_MAX])[:QUERY_WORDS_MAX]
    kept = [form for form in typed if form not in STOP_WORDS] or typed
    groups = [terms_of(form) for form in kept]
    if kept:
        groups[-1] += tuple(word.form for word in completions(kept[-1], limit=COMPLETIONS))
    return tuple(Group(terms) for terms in groups)


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
