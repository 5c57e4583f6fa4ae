"""Counts how many entries hold each term and each word, so that questions can guess what they will find.

Large catalogues are counted by a sample of the table's pages: guesses need no more. A word that the sample missed is rare, and is looked
up in the index, so that a word which no entry holds any more is forgotten. Readers see the former counts until the new ones are there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import structlog
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.search.backends.postgres.estimates import DOCUMENTS_TERM
from apps.search.services.bests import refresh_lists
from apps.search.services.locks import INDEX, take_lock, try_lock
from apps.search.services.sampling import draw_sample

logger = structlog.get_logger(__name__)

SAMPLE_ROWS = 100_000
# A term is frequent when one entry of so many holds it, and at least so many do.
FREQUENT_SHARE, FREQUENT_MIN = 5_000, 20
# Nobody needs to know how often exactly a rare word stands there.
RARE_COUNTED_MAX = 1_000
WORDS_BATCH = 5_000

_SAMPLED = """
CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
SELECT term, (count(*) * %(times)s)::int AS df FROM (SELECT unnest(terms) AS term FROM resource_search TABLESAMPLE SYSTEM (%(percent)s)) t
GROUP BY term HAVING count(*) * %(times)s >= %(least)s
"""
_KEEP = """
WITH gone AS (DELETE FROM search_term t WHERE NOT EXISTS (SELECT FROM counted c WHERE c.term = t.term))
INSERT INTO search_term (term, df) SELECT term, df FROM counted
ON CONFLICT (term) DO UPDATE SET df = excluded.df WHERE search_term.df <> excluded.df
"""
_FREQUENT_WORDS = "UPDATE search_word w SET df = c.df FROM search_term c WHERE c.term = w.term AND w.df <> c.df"
_RARE_WORDS = """
SELECT w.form, (SELECT count(*) FROM (SELECT FROM resource_search s WHERE s.terms && ARRAY[w.term] LIMIT %(most)s) h)
FROM search_word w WHERE w.form > %(after)s AND NOT EXISTS (SELECT FROM search_term c WHERE c.term = w.term)
ORDER BY w.form LIMIT %(batch)s
"""
_SET_RARE = """
UPDATE search_word w SET df = c.df FROM unnest(%(forms)s::text[], %(counts)s::int[]) AS c(form, df)
WHERE w.form = c.form AND w.df <> c.df AND c.df > 0
"""
_FORGET = """
DELETE FROM search_word w
WHERE w.form = ANY(%(forms)s) AND NOT EXISTS (SELECT FROM resource_search s WHERE s.terms && ARRAY[w.term])
"""


@dataclass(frozen=True, slots=True)
class StatisticsReport:
    """What was counted, and how many lists of the best were made or ended."""

    documents: int
    terms: int
    words: int
    forgotten: int
    lists: int


def refresh_statistics() -> StatisticsReport | None:
    """Count anew; None when another process is counting. Never keeps a question or an edit waiting for more than an instant."""
    with transaction.atomic():
        if not try_lock("search.statistics"):
            return None
        documents, terms = _count_terms()
    words, forgotten = _count_rare_words()
    report = StatisticsReport(documents, terms, words, forgotten, refresh_lists())
    logger.info("search_statistics", **asdict(report))
    return report


def count_aside() -> None:
    """Count in tables that only this connection sees: nobody is to be kept out, nor told."""
    _count_terms()
    _count_rare_words()


def is_stale() -> bool:
    """Whether the number of entries has changed so much since the last count that guesses would be wrong. Costs nothing to ask."""
    sql = """
        SELECT coalesce((SELECT df FROM search_term WHERE term = %s), 0),
            coalesce((SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = 'resource_search'::regclass), 0)
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [DOCUMENTS_TERM])
        counted, now = cursor.fetchone()
    return bool(abs(now - counted) > 1_000 + counted // 4)


def _count_terms() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM resource_search")
        documents = cursor.fetchone()[0]
        percent = min(100.0, 100.0 * SAMPLE_ROWS / max(1, documents))
        least = max(FREQUENT_MIN, documents // FREQUENT_SHARE)
        cursor.execute("DROP TABLE IF EXISTS counted")
        cursor.execute(_SAMPLED, {"percent": percent, "times": 100 / percent, "least": least})
        cursor.execute("INSERT INTO counted (term, df) VALUES (%s, %s)", [DOCUMENTS_TERM, documents])
        cursor.execute(_KEEP)
        terms = cursor.rowcount
        cursor.execute(_FREQUENT_WORDS)
        draw_sample(cursor, documents)
    return documents, terms


def _count_rare_words() -> tuple[int, int]:
    """Batch by batch, each in a transaction of its own."""
    seen, forgotten, after = 0, 0, ""
    while True:
        with _reading_by_index() as cursor:
            cursor.execute(_RARE_WORDS, {"most": RARE_COUNTED_MAX, "after": after, "batch": WORDS_BATCH})
            rows = cursor.fetchall()
            cursor.execute(_SET_RARE, {"forms": [row[0] for row in rows], "counts": [row[1] for row in rows]})
        forgotten += _forget([form for form, count in rows if not count])
        seen += len(rows)
        if len(rows) < WORDS_BATCH:
            return seen, forgotten
        after = rows[-1][0]


def _forget(forms: list[str]) -> int:
    """Drop words that no entry holds. Whoever writes an entry with one of them now is waited for, or learns it anew afterwards."""
    if not forms:
        return 0
    with _reading_by_index() as cursor:
        take_lock(INDEX)
        cursor.execute(_FORGET, {"forms": forms})
        return int(cursor.rowcount)


@contextlib.contextmanager
def _reading_by_index() -> Iterator[CursorWrapper]:
    """The planner knows nothing of an array that comes from a row, and would read the whole table for each word."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield cursor
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
