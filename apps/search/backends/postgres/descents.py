"""The best of very many: entries of the highest completeness alone, by terms of the same index, as many values as a page needs.

A broad word has tens of thousands of hits, of which a page shows the most complete. To fetch them all is dear, and so is to walk
all entries in order until enough of them hold the word: both take 30 ms where one entry of fifty does. The index of terms also has
each entry's completeness: the list of the word meets those of a few values, and some hundred entries are fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from apps.search.backends.postgres import terms
from apps.search.backends.postgres.conditions import Asked, Key, Part
from apps.search.backends.postgres.sources import BoxProbe, Source, fetched

QUALITY_MAX = 100
# So many times the entries that are likely to hold enough are looked at first, and when that was too few.
_MARGINS = (1.5, 6.0)


def descents(asked: Asked, part: Part, *, wanted: int, box: BoxProbe) -> Iterator[Source]:
    """Sources of the most complete entries, each larger than the one before; a page that one fills is right: all others rank lower."""
    after = asked.query.after
    best = after.quality if after is not None and (part.tier is None or after.tier == part.tier) else QUALITY_MAX
    likely = wanted * asked.known.documents / max((part.guess.low * part.guess.high) ** 0.5, 1.0)
    for margin in _MARGINS:
        numbers, count = [], 0
        for quality in range(best, -1, -1):
            numbers.append(terms.value("quality", quality))
            count += asked.known.holding(numbers[-1:])
            if count >= margin * likely:
                break
        else:
            # The whole table: that is no choice.
            return
        yield fetched(asked, replace(part, keys=[*part.keys, Key(tuple(sorted(numbers)), count)]), box=box)
