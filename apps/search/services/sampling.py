"""Draws the sample from which large counts are made (`backends.postgres.samples`): entries in random order, what they have, what they hold.

One reading of the table and a few seconds at a million entries, with the statistics. Readers keep the former sample until the new one
is there. A catalogue that is counted exactly has none.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from apps.search.backends.base import COUNTED_MAX
from apps.search.backends.postgres.samples import DEGREE, NOWHERE

SAMPLE_SIZE = 65_536
# A term that fewer entries of the sample hold is no part of a question with very many hits.
TERM_MIN = 16
# Each row is as likely as any other: places of one page of the table were often imported together.
_DRAW = """
CREATE TEMPORARY TABLE sampled ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY uuid_hash(resource_id), resource_id)::int - 1 AS place, terms, geo, {columns}
FROM resource_search TABLESAMPLE BERNOULLI (%(percent)s)
"""
_TERMS = """
INSERT INTO search_sample_term (term, version, places)
SELECT t.term, %(version)s, string_agg(int4send(t.place), ''::bytea)
FROM (SELECT place, unnest(terms) AS term FROM sampled) t JOIN counted c ON c.term = t.term AND c.df >= %(least)s
GROUP BY t.term HAVING count(*) >= %(term_min)s
"""
# Of each entry the number of its value among all different ones.
_VALUES = """
INSERT INTO search_sample_column (name, version, documents, vals, numbers)
WITH numbered AS (SELECT place, dense_rank() OVER (ORDER BY {column})::int - 1 AS number, {column} AS value FROM sampled)
SELECT %(name)s, %(version)s, %(documents)s,
    (SELECT jsonb_agg(to_jsonb(value) ORDER BY number) FROM (SELECT DISTINCT number, value FROM numbered) d),
    (SELECT string_agg(int4send(number), ''::bytea ORDER BY place) FROM numbered)
WHERE EXISTS (SELECT FROM sampled)
"""
_POSITIONS = """
INSERT INTO search_sample_column (name, version, documents, numbers)
SELECT %(name)s, %(version)s, %(documents)s,
    (SELECT string_agg(int4send(coalesce((geo[{axis}] * %(degree)s)::int, %(nowhere)s)), ''::bytea ORDER BY place) FROM sampled)
WHERE EXISTS (SELECT FROM sampled)
"""
COLUMNS = ("category", "city", "quarter", "resource_type", "plan_rank", "verified", "attributes", "schedule")


def draw_sample(cursor: CursorWrapper, documents: int) -> None:
    """Replace the sample, inside the caller's transaction, whose table `counted` has the frequent terms."""
    cursor.execute("SELECT coalesce(max(version), 0) + 1 FROM search_sample_column")
    values = {
        "version": cursor.fetchone()[0], "documents": documents, "percent": min(100.0, 100.0 * SAMPLE_SIZE / max(1, documents)),
        "term_min": TERM_MIN, "least": TERM_MIN * documents // (2 * SAMPLE_SIZE), "degree": DEGREE, "nowhere": NOWHERE,
    }  # fmt: skip
    cursor.execute("DELETE FROM search_sample_term")
    cursor.execute("DELETE FROM search_sample_column")
    if documents <= COUNTED_MAX:
        return
    cursor.execute("DROP TABLE IF EXISTS sampled")
    cursor.execute(_DRAW.format(columns=", ".join(COLUMNS)), values)
    cursor.execute("SET LOCAL work_mem = '64MB'")
    cursor.execute(_TERMS, values)
    for name in COLUMNS:
        cursor.execute(_VALUES.format(column=name), {**values, "name": name})
    for axis, name in enumerate(("longitude", "latitude")):
        cursor.execute(_POSITIONS.format(axis=axis), {**values, "name": name})
    cursor.execute("SET LOCAL work_mem TO DEFAULT")
