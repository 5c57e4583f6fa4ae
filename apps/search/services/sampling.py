"""Draws the sample from which large counts are made (`backends.postgres.samples`): entries in random order, what they have, what they hold.

One reading of the table and some seconds at a million entries, with the statistics. Places are counted in two orders, in which entries of
one category, or of one town and quarter, stand together: there counting is cheap (`backends.postgres.sample_counts`). Readers keep the
former sample until the new one is there. A catalogue that is counted exactly has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from apps.search.backends.base import COUNTED_MAX
from apps.search.backends.postgres.sample_bits import integers, packed_bits, stored
from apps.search.backends.postgres.sample_counts import BY_TOWN
from apps.search.backends.postgres.samples import DEGREE, NOWHERE

SAMPLE_SIZE = 65_536
# A term that fewer entries of the sample hold is no part of a question with very many hits.
TERM_MIN = 16
# So many terms at a time: the most frequent ones have half a megabyte each.
_TERMS_BATCH = 500
# Each row is as likely as any other: places of one page of the table were often imported together. Within a category and a town their order
# is that of a hash, so that every second place is a sample, too.
_DRAW = """
CREATE TEMPORARY TABLE sampled ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY category, uuid_hash(resource_id), resource_id)::int - 1 AS place,
    row_number() OVER (ORDER BY city, quarter, uuid_hash(resource_id), resource_id)::int - 1 AS by_town, terms, geo, {columns}
FROM resource_search TABLESAMPLE BERNOULLI (%(percent)s)
"""
_TERMS = """
SELECT t.term, string_agg(int4send(t.place), ''::bytea), string_agg(int4send(t.by_town), ''::bytea)
FROM (SELECT place, by_town, unnest(terms) AS term FROM sampled) t JOIN counted c ON c.term = t.term AND c.df >= %(least)s
GROUP BY t.term HAVING count(*) >= %(term_min)s
"""
# Of each entry the number of its value among all different ones.
_VALUES = """
INSERT INTO search_sample_column (name, version, documents, vals, numbers)
WITH numbered AS (SELECT {place} AS place, dense_rank() OVER (ORDER BY {column})::int - 1 AS number, {column} AS value FROM sampled)
SELECT %(name)s, %(version)s, %(documents)s,
    (SELECT jsonb_agg(to_jsonb(value) ORDER BY number) FROM (SELECT DISTINCT number, value FROM numbered) d),
    (SELECT string_agg(int4send(number), ''::bytea ORDER BY place) FROM numbered)
WHERE EXISTS (SELECT FROM sampled)
"""
_NUMBERS = """
INSERT INTO search_sample_column (name, version, documents, numbers)
SELECT %(name)s, %(version)s, %(documents)s, (SELECT string_agg(int4send({number}), ''::bytea ORDER BY place) FROM sampled)
WHERE EXISTS (SELECT FROM sampled)
"""
COLUMNS = ("category", "city", "quarter", "resource_type", "plan_rank", "verified", "attributes", "schedule")


def draw_sample(cursor: CursorWrapper, documents: int) -> None:
    """Replace the sample, inside the caller's transaction, whose table `counted` has the frequent terms."""
    cursor.execute("SELECT coalesce(max(version), 0) + 1 FROM search_sample_column")
    values: dict[str, Any] = {
        "version": cursor.fetchone()[0], "documents": documents, "percent": min(100.0, 100.0 * SAMPLE_SIZE / max(1, documents)),
        "term_min": TERM_MIN, "least": TERM_MIN * documents // (2 * SAMPLE_SIZE), "degree": DEGREE, "nowhere": NOWHERE,
    }  # fmt: skip
    cursor.execute("DELETE FROM search_sample_bits")
    cursor.execute("DELETE FROM search_sample_column")
    if documents <= COUNTED_MAX:
        return
    cursor.execute("DROP TABLE IF EXISTS sampled")
    cursor.execute(_DRAW.format(columns=", ".join(COLUMNS)), values)
    # All rows of the cursor are read.
    cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL cursor_tuple_fraction = 1")
    for name in COLUMNS:
        cursor.execute(_VALUES.format(column=name, place="by_town" if name in BY_TOWN else "place"), {**values, "name": name})
    cursor.execute(_NUMBERS.format(number="by_town"), {**values, "name": "by_town"})
    for axis, name in enumerate(("longitude", "latitude")):
        number = f"coalesce((geo[{axis}] * %(degree)s)::int, %(nowhere)s)"
        cursor.execute(_NUMBERS.format(number=number), {**values, "name": name})
    for rows in _bits(cursor, values):
        cursor.executemany("INSERT INTO search_sample_bits (term, version, bits) VALUES (%s, %s, %s)", rows)
    cursor.execute("SET LOCAL work_mem TO DEFAULT; SET LOCAL cursor_tuple_fraction TO DEFAULT")


def _bits(cursor: CursorWrapper, values: dict[str, Any]) -> Iterator[list[tuple[int, int, bytes]]]:
    """Batches of terms, the version, and who holds each: in both orders of places."""
    cursor.execute("SELECT count(*) FROM sampled")
    size = cursor.fetchone()[0]
    with connection.chunked_cursor() as terms:
        terms.execute(_TERMS, values)
        while rows := terms.fetchmany(_TERMS_BATCH):
            yield [
                (term, values["version"], stored(b"".join(packed_bits(integers(places), size) for places in orders)))
                for term, *orders in rows
            ]
