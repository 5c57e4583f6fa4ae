"""How many hits there are, counted no further than somebody asked."""

from __future__ import annotations

from apps.search.backends.postgres.conditions import Asked
from apps.search.backends.postgres.reading import Reader
from apps.search.backends.postgres.sources import BoxProbe, fetched

# A statistic of an hour ago that says so much more than was asked settles it; of a sample, when so many of it are hits.
SURE, _SURE_HITS = 1.5, 100


def count_hits(reader: Reader, asked: Asked, box: BoxProbe, *, at_least: int) -> int:
    """The number of hits, or any number above `counted_max` when there are more.

    :param at_least: so many are known to be.
    """
    maximum = asked.query.counted_max
    part = asked.everything()
    if at_least > maximum:
        return at_least
    columns = asked.columns()
    is_counted = len(part.keys) == 1 and len(columns) == len(asked.filters) and asked.least == len(asked.anywhere)
    if is_counted and asked.known.at_least(part.keys[0].numbers) >= SURE * maximum:
        return maximum + 1
    # To count a thousand of what a filter leaves of many may be to look at many thousands.
    found = asked.sampled() if part.guess.high >= SURE * maximum else None
    if found is not None and found.count >= _SURE_HITS and found.total >= SURE * maximum:
        return maximum + 1
    source = fetched(asked, part, box=box)
    conditions = " AND ".join([*part.left(source.keys), *columns]) or "true"
    return reader.number(f"SELECT count(*) FROM (SELECT 1 FROM {source.sql} WHERE {conditions} LIMIT {maximum + 1}) c", asked.values)
