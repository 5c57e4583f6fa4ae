"""Which words are one or two typing errors apart, after SymSpell (https://github.com/wolfgarbe/SymSpell).

A word is kept under every form that one letter left out of its first eight gives. Two words that share such a form are near each
other, so that a few look-ups of exact values replace a comparison with every word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from apps.search.documents import term_id

# Letters in which an error is looked for; behind them words are compared only.
DELETED_FROM = 8
# One error from four letters on, two from eight.
ONE_FROM, TWO_FROM = 4, 8


def errors_allowed(form: str) -> int:
    """How many typing errors a word of this length may have; none in one with digits."""
    if not form.isalpha() or len(form) < ONE_FROM:
        return 0
    return 1 if len(form) < TWO_FROM else 2


def deletions(form: str) -> list[int]:
    """Numbers of the word's beginning and of each form that leaves out one of its letters, sorted."""
    start = form[: DELETED_FROM + 1]
    kept = {start[:DELETED_FROM]} | {(start[:place] + start[place + 1 :])[:DELETED_FROM] for place in range(min(len(start), DELETED_FROM))}
    return sorted({term_id("-" + left) & 0x7FFF_FFFF for left in kept})


def distance(one: str, other: str, *, most: int) -> int:
    """Letters put in, left out, changed or swapped with their neighbour, between two words; `most` + 1 when there are more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    # Words that are compared share nearly all of their letters.
    start, end, shorter = 0, 0, min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    shorter -= start
    while end < shorter and one[-1 - end] == other[-1 - end]:
        end += 1
    one, other = one[start : len(one) - end], other[start : len(other) - end]
    before: Sequence[int] = ()
    row: Sequence[int] = range(len(other) + 1)
    for i, letter in enumerate(one, 1):
        line = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(row[j] + 1, line[j - 1] + 1, row[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            line.append(cost)
        if min(line) > most:
            return most + 1
        before, row = row, line
    return min(row[-1], most + 1)


class WordList:
    """A few thousand words kept in the process, found by those that are typing errors apart. Filled once, then only read."""

    def __init__(self, forms: Iterable[str] = ()) -> None:
        self._by_deletion: dict[int, list[str]] = {}
        for form in sorted(set(forms)):
            if errors_allowed(form):
                for number in deletions(form):
                    self._by_deletion.setdefault(number, []).append(form)

    def near(self, form: str) -> list[str]:
        """Words within the errors that are allowed, never itself, the nearest first."""
        allowed = errors_allowed(form)
        if not allowed:
            return []
        met = {other for number in deletions(form) for other in self._by_deletion.get(number, ())} - {form}
        judged = sorted((distance(form, other, most=allowed), other) for other in met)
        return [other for away, other in judged if away <= allowed]
