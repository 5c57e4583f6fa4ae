"""Makes the lists of the best entries of frequent words (`backends.postgres.bests`), and makes anew those that have grown or shrunk.

One list at a time, while writers wait their turn for some milliseconds: what they write goes into every list that is there. A catalogue
in which few entries hold any word has none.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from apps.catalog.models import Category, City
from apps.search.analysis import sought, terms_of
from apps.search.backends.base import EngineQuery, Group, Order, Tier
from apps.search.backends.postgres import terms
from apps.search.backends.postgres.bests import END, TIER
from apps.search.backends.postgres.pages import find_page
from apps.search.backends.postgres.reading import reading
from apps.search.models import SearchTerm, SearchWord
from apps.search.services.locks import INDEX, take_lock

# What fewer entries hold is fetched: a list would save little.
LISTED_MIN = 500
# A term of no more entries than this is listed whole, so that its list also counts a thousand; of others the first so many are.
WHOLE_MAX, BEST = 1_600, 400
# A list that reaches no page of the ranking, or has grown to so many times its length, is made anew.
LEAST, GROWTH = 250, 2
_NOBODY = uuid.UUID(int=0)
_LENGTHS = "SELECT l.term, l.rank, (SELECT count(*) FROM search_best b WHERE b.term = l.term) FROM search_best_list l"
_BEGIN = "INSERT INTO search_best_list (term, named, rank, resource_id) VALUES (%s, %s, %s, %s)"
_ALL = """
INSERT INTO search_best (term, rank, resource_id)
SELECT %(term)s, e.quality + CASE WHEN e.terms && ARRAY[%(named)s] THEN %(tier)s ELSE 0 END, e.resource_id
FROM (SELECT * FROM resource_search s WHERE s.terms && ARRAY[%(term)s] OFFSET 0) e
ORDER BY 2, 3
"""
_SOME = """
INSERT INTO search_best (term, rank, resource_id)
SELECT %(term)s, p.rank, p.resource_id FROM unnest(%(ranks)s::smallint[], %(ids)s::uuid[]) AS p(rank, resource_id) ORDER BY 2, 3
"""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A term that is worth a list: its number in names, and how it is asked for."""

    named: int
    group: Group


def refresh_lists() -> int:
    """Bring the lists in line with how many entries hold each term, as it was counted last; returns how many were made or ended."""
    counts = dict(SearchTerm.objects.values_list("term", "df"))
    with connection.cursor() as cursor:
        cursor.execute(_LENGTHS)
        lists = {term: (rank == END, length) for term, rank, length in cursor.fetchall()}
    candidates = {number: listed for number, listed in _candidates() if number in counts}
    done = 0
    for number in lists.keys() - candidates.keys():
        with transaction.atomic():
            take_lock(INDEX)
            _end(number)
        done += 1
    for number, listed in candidates.items():
        if counts[number] < LISTED_MIN:
            continue
        is_whole, length = lists.get(number, (False, 0))
        if length > GROWTH * (WHOLE_MAX if is_whole else BEST) or (not is_whole and length < LEAST):
            _make(number, listed, counts[number])
            done += 1
    return done


def _candidates() -> Iterator[tuple[int, _Listed]]:
    for form in SearchWord.objects.values_list("form", flat=True):
        for term in sought(terms_of(form)):
            yield terms.anywhere(term), _Listed(terms.in_name(term), Group((term,)))
    # Who means a category or a town by a word finds what is of it as if it were so called.
    for key in Category.objects.values_list("number", flat=True):
        yield (number := terms.value("category", key)), _Listed(number, Group((), categories=(key,)))
    for key in City.objects.values_list("number", flat=True):
        yield (number := terms.value("city", key)), _Listed(number, Group((), cities=(key,)))


@transaction.atomic
def _make(number: int, listed: _Listed, count: int) -> None:
    take_lock(INDEX)
    _end(number)
    last = (END, _NOBODY)
    with connection.cursor() as cursor:
        if count <= WHOLE_MAX:
            # What holds an array is always read by its index, as questions read it.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(_ALL, {"term": number, "named": listed.named, "tier": TIER})
            cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
        else:
            query = EngineQuery(groups=(listed.group,), order=Order.RELEVANCE, limit=BEST)
            with reading() as reader:
                hits = find_page(reader, query, by_lists=False)
            places = [(place.quality + TIER * (place.tier - Tier.ANYWHERE), place.id) for place in hits.places]
            ranks, ids = ("{" + ",".join(map(str, column)) + "}" for column in zip(*places, strict=True)) if places else ("{}", "{}")
            cursor.execute(_SOME, {"term": number, "ranks": ranks, "ids": ids})
            last = places[-1] if hits.has_more else last
        cursor.execute(_BEGIN, [number, listed.named, *last])
        if last[0] == END:
            cursor.execute(_SOME, {"term": number, "ranks": f"{{{END}}}", "ids": f"{{{_NOBODY}}}"})


def _end(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_best_list WHERE term = %s", [number])
        cursor.execute("DELETE FROM search_best WHERE term = %s", [number])
