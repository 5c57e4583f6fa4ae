"""The best of one word in one statement, by lists that are kept in the order of the answer: a page is a stretch of one index.

To find the two hundred most complete hits of a word in the table of entries is to read as many of its pages, wherever they are. So of each
frequent term `search_best` has the first some hundred hits, of less frequent ones all, by rank: in the name before anywhere, then
completeness. Writers keep the lists with the rows, in one statement (`writing`); `services.bests` makes them and cuts what has grown.

A list is right as far as it goes: it has every hit down to its last place (`search_best_list`), so that a page which it fills is the page,
whatever became of the list since this process learned of it. One that has all hits ends with an entry that is none (`END`), and so
tells how many there are. What it does not settle is found in the other ways.
"""

from __future__ import annotations

from apps.search.backends.base import Filters, Order, Tier
from apps.search.backends.postgres.conditions import Asked
from apps.search.backends.postgres.estimates import FETCH_US
from apps.search.backends.postgres.packed_places import PackedPlaces
from apps.search.backends.postgres.reading import Reader
from apps.search.backends.postgres.sources import fenced
from apps.search.backends.postgres.totals import SURE

# A rank is the completeness, and so much for each tier above `Tier.ANYWHERE`.
TIER = 1_000
# The rank of what ends a list that has all hits.
END = -1
# What has no list (rare synonyms, the whole name) is fetched beside them, as long as that takes no longer than this.
_BESIDE_US = 1_000
_NO_FILTERS = Filters()


def read_best(reader: Reader, asked: Asked, wanted: int) -> tuple[PackedPlaces, int] | None:
    """The first hits of a question of one word and nothing else, and how many there are (or any number above `counted_max`).

    None when it is another question, or one that the lists do not settle.
    """
    query, known, bind = asked.query, asked.known, asked.values.bind
    if len(query.groups) != 1 or asked.least != 1 or query.filters != _NO_FILTERS or query.order is not Order.RELEVANCE:
        return None
    if query.point is not None or query.offset or query.after is not None:
        return None
    word, named = asked.anywhere[0], asked.named[0]
    lists = [number for number in word.numbers if number in known.listed]
    beside = [number for number in word.numbers if number not in known.listed]
    beside += asked.whole.numbers if asked.whole else ()
    if (not lists and not beside) or FETCH_US * known.holding(beside) > _BESIDE_US:
        return None
    is_counted = known.at_least(word.numbers) < SURE * query.counted_max
    found, right = [], "true"
    if beside:
        whole = f"WHEN {asked.holds(asked.whole)} THEN {TIER * (Tier.WHOLE_NAME - Tier.ANYWHERE)} " if asked.whole else ""
        tier = f"CASE {whole}WHEN {asked.holds(named)} THEN {TIER} ELSE 0 END"
        source = fenced("s.terms && " + bind(beside, "int[]"))
        found.append(f"SELECT s.resource_id, s.quality + {tier} AS rank FROM {source}")
    if lists:
        # Of each list one more than is wanted or counted, and its end.
        length = max(wanted, query.counted_max + 1 if is_counted else 0) + 1
        found.append(f"SELECT resource_id, rank FROM best WHERE rank > {END}")
        # Each is long enough, or whole.
        right = f"(SELECT count(*) FROM (SELECT FROM best GROUP BY term HAVING count(*) = {length} OR min(rank) = {END}) r) = {len(lists)}"
    hits = " UNION ALL ".join(found)
    if len(found) > 1 or len(lists) > 1:
        hits = f"SELECT resource_id, max(rank) AS rank FROM ({hits}) a GROUP BY resource_id"
    sql = (
        f"SELECT h.resource_id, {Tier.ANYWHERE.value} + h.rank / {TIER} AS tier, mod(h.rank, {TIER})::int2 AS quality,"
        f" 0::int2 AS plan_rank, NULL::timestamptz AS published_at, NULL::float8 AS distance,"
        f" CASE WHEN {right} THEN count(*) OVER () ELSE 0 END AS total"
        f" FROM ({hits}) h ORDER BY h.rank DESC, h.resource_id DESC LIMIT {wanted}"
    )
    if lists:
        best = (
            f"SELECT l.* FROM unnest({bind(lists, 'int[]')}) AS t(term) CROSS JOIN LATERAL (SELECT b.term, b.rank, b.resource_id"
            f" FROM search_best b WHERE b.term = t.term ORDER BY b.term DESC, b.rank DESC, b.resource_id DESC LIMIT {length}) l"
        )
        sql = f"WITH best AS MATERIALIZED ({best}) {sql}"
    places, total = reader.places(sql, asked.values)
    if lists and not total:
        return None
    return places, total if is_counted or len(places) < wanted else max(total, query.counted_max + 1)


def listed(rows: str) -> str:
    """SQL: places of rows of `resource_search` (`resource_id`, `terms`, `quality`) in the lists that reach down to them."""
    # Most entries are below the end of most lists, even with the word in their name. The rank is worked out once, and only of the others.
    rank = f"(e.quality + CASE WHEN l.named = ANY(e.terms) THEN {TIER} ELSE 0 END)::smallint"
    return (
        f"SELECT r.term, r.rank, r.resource_id FROM (SELECT l.term, {rank} AS rank, e.resource_id, l.rank AS last, l.resource_id AS last_id"
        f" FROM {rows} e CROSS JOIN LATERAL unnest(e.terms) AS t(term)"
        f" JOIN search_best_list l ON l.term = t.term AND l.rank <= e.quality + {TIER} OFFSET 0) r"
        " WHERE (r.rank, r.resource_id) >= (r.last, r.last_id)"
    )


def dropped(places: str) -> str:
    """SQL that takes places out of the lists."""
    return f"DELETE FROM search_best b USING ({places}) o WHERE b.term = o.term AND b.rank = o.rank AND b.resource_id = o.resource_id"
