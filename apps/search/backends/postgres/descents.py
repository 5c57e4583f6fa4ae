"""The best of very many: entries of the highest completeness alone, by terms of the same index, as many values as a page needs.

A broad word has tens of thousands of hits, of which a page shows the most complete. To fetch them all is dear, and so is to walk
all entries in order until enough of them hold the word: both take 30 ms where one entry of fifty does. The index of terms also has
a list of the entries of each completeness or more: the list of the word meets one of them, and some hundred entries are fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from apps.search.backends.postgres import terms
from apps.search.backends.postgres.conditions import Asked, Key, Part
from apps.search.backends.postgres.sources import BoxProbe, Source, fetched

# So many times the entries that are likely to hold enough are looked at first, and when that was too few.
_MARGINS = (1.5, 6.0)
# Every entry has the first step. Where fewer were counted some were written before there were steps, and are found in other ways until
# `rebuild_index` has written them anew; counts are of a sample of pages, and may be so much too small.
_WRITTEN_SHARE = 0.9


def descents(asked: Asked, part: Part, *, wanted: int, box: BoxProbe) -> Iterator[Source]:
    """Sources of the most complete entries, each larger than the one before; a page that one fills is right: all others rank lower."""
    after, known = asked.query.after, asked.known
    begins = after.quality if after is not None and (part.tier is None or after.tier == part.tier) else terms.QUALITY_MAX
    steps = [Key((number,), known.holding([number])) for number in terms.at_least(terms.QUALITY_MAX)]
    if steps[0].count < _WRITTEN_SHARE * known.documents:
        return
    hits = max((part.guess.low * part.guess.high) ** 0.5, 1.0)
    shares = _shares(asked, part, steps)
    # A page that begins further down has all that is more complete before it.
    passed = shares[begins // terms.QUALITY_STEP + 1] if begins < terms.QUALITY_MAX - terms.QUALITY_STEP else 0.0
    for margin in _MARGINS:
        enough = [key for key, share in zip(steps, shares, strict=True) if (share - passed) * hits >= margin * wanted]
        if not enough or enough[-1] is steps[0]:
            # The whole table: that is no choice.
            return
        yield fetched(asked, replace(part, keys=[*part.keys, enough[-1]]), box=box)


def _shares(asked: Asked, part: Part, steps: Sequence[Key]) -> Sequence[float]:
    """Of the hits those that reach each step: as many as the sample says, else as many as of all entries.

    Whoever says much is found by more words: of the hits of two frequent ones three times as many reach a step as of all entries.
    """
    held = asked.expected(part.keys)
    counts = [asked.expected([*part.keys, step]) for step in steps] if held else []
    if not held or counts[0] is None:
        return [step.count / asked.known.documents for step in steps]
    return [(count or 0.0) / held for count in counts]
