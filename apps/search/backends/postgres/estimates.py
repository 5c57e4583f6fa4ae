"""How many entries a question finds, guessed from how many hold each term, and what each way of finding them would cost.

Two ways lead to a page. *Fetching* reads the GIN index for what holds the rarest terms, looks at each and sorts: dear when many
match. *Walking* looks at all entries in the order of the answer until the page is full: dear when few match. They cost the same at
about sqrt(page x entries) matches. The guess of several words lies between the rarest word (each is said of the same entries) and the
product of their shares (they have nothing to do with each other); each way is judged by the end that is worse for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from apps.core.process_cache import ProcessCache

# Microseconds of a machine twice as fast as that on which they were measured at a million entries: only their ratios matter. A list of
# the index that is met with another is read from end to end, but for a few of its pages: to meet 140 entries with a list of 200,000 took
# 2.3 ms, and 0.5 to fetch and look at each of them.
POSTING_US, FETCH_US, WALK_US, NEAR_US = 0.0075, 1.5, 2.0, 4.0
STATISTICS_LIVE_S = 300
DOCUMENTS_TERM = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """Entries in all, and how many hold each frequent term. `rare` is a guess for any other. `listed` have a list of the best (`bests`)."""

    documents: int
    frequent: Mapping[int, int]
    rare: int
    listed: frozenset[int] = frozenset()

    def holding(self, numbers: Iterable[int]) -> int:
        """At most so many entries hold one of these terms."""
        return min(self.documents, sum(self.frequent.get(number, self.rare) for number in numbers))

    def at_least(self, numbers: Iterable[int]) -> int:
        """No fewer entries than this hold one of these terms: a word's own term goes with its stems, so that their sum says too much."""
        return max((self.frequent.get(number, 0) for number in numbers), default=0)


_cache: ProcessCache[Statistics] = ProcessCache(maxsize=1, ttl_s=lambda: STATISTICS_LIVE_S)


def statistics() -> Statistics:
    """What `refresh_statistics` counted, kept in this process for minutes: guesses need no more."""
    known = _cache.get(None)
    if known is not None:
        return known
    with connection.cursor() as cursor:
        cursor.execute("SELECT term, df FROM search_term")
        counted = dict(cursor.fetchall())
        cursor.execute("SELECT term FROM search_best_list")
        listed = frozenset(row[0] for row in cursor.fetchall())
    documents = counted.pop(DOCUMENTS_TERM, 0)
    # Terms below the least that is kept hold between one and that many.
    rare = min(counted.values(), default=2) // 2
    return _cache.set(None, Statistics(documents, counted, rare, listed))


@dataclass(frozen=True, slots=True)
class Guess:
    """Between `low` and `high` entries match."""

    low: float
    high: float

    @staticmethod
    def of_all(counts: Sequence[int], documents: int) -> Guess:
        """Of conditions that all hold, by how many entries meet each."""
        if not counts or not documents:
            return Guess(documents, documents)
        low = documents * math.prod(count / documents for count in counts)
        return Guess(max(low, 1.0), min(counts))
