"""Entries by the beginning of a word of their name, from the first letter on.

Beginnings of one to eight letters are terms of the same GIN index, so a new entry is suggested as soon as it is written and nothing is
rebuilt. Rare ones are fetched and sorted in one statement. Of common ones the best are read alone: a first letter and a weight together
are a term, too, so that the list of the beginning meets those of the highest weights, a few dozen entries, and goes down from there
until there are enough: names that begin so first, then those that hold it further on, if there is room. Longer beginnings, and several
words, are compared with the stored names of what the terms let through, of the best two thousand at most: to compare fifty thousand
takes seconds.
"""

from __future__ import annotations

import bisect
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from apps.search.backends.postgres import terms
from apps.search.backends.postgres.estimates import FETCH_US, Statistics, statistics
from apps.search.backends.postgres.reading import Parameters, Reader
from apps.search.backends.postgres.sources import fenced

_ORDER = "s.plan_rank DESC, s.quality DESC, s.resource_id DESC"
_PLAN_RANKS = (2, 1, 0)
# A stored name that is compared costs a look into another table.
_COMPARED_US = 3.0
_COMPARED_MAX = 2_000
# As much as a second statement.
_AT_ONCE_US = 1_500
# So many times the weights that are likely to hold enough are read first; then each time so many times those read before.
_MARGIN, _GROWTH = 2.0, 4


@dataclass(frozen=True, slots=True)
class _Part:
    """Entries that hold all of some terms.

    :ivar letter: the term of their first letter, which there is with each weight, too. :ivar is_letter: it says all that `numbers` do.
    :ivar without: a term that they do not hold. :ivar named: what some name of theirs is like. :ivar unnamed: what none is like.
    """

    numbers: Sequence[int]
    letter: int = 0
    is_letter: bool = False
    without: int | None = None
    named: str = ""
    unnamed: str = ""


@dataclass(frozen=True, slots=True)
class _Some:
    """Entries in order, and how many were compared by name to find them."""

    ids: list[uuid.UUID]
    compared: int = 0


def suggest(reader: Reader, prefix: str, *, limit: int) -> list[uuid.UUID]:
    """See `SearchBackend.suggest`."""
    words = prefix.split(" ")
    # All words but the last are whole.
    numbers = [*(terms.in_name(word) for word in words[:-1] if word), *(terms.word_begins(word) for word in words[-1:] if word)]
    if not words[0]:
        return _fetched(reader, _Part(numbers), limit).ids
    known = statistics()
    first, letter = terms.name_begins(words[0]), words[0][0]
    is_decided = len(words) == 1 and len(prefix) <= terms.PREFIX_MAX
    rarest = min(known.holding([number]) for number in numbers)
    if (FETCH_US if is_decided else FETCH_US + _COMPARED_US) * rarest <= _AT_ONCE_US:
        return _at_once(reader, prefix, numbers, first if is_decided else None, limit)
    begins, holds = ("", "") if is_decided else (f"{_escaped(prefix)}%", f"% {_escaped(prefix)}%")
    is_letter = is_decided and len(prefix) == 1
    found = _best(reader, known, _Part([first, *numbers], terms.name_begins(letter), named=begins, is_letter=is_letter), limit)
    if len(found) < limit:
        others = _Part(
            numbers, terms.word_begins(letter), without=first if is_decided else None, named=holds, unnamed=begins, is_letter=is_letter
        )
        found += _best(reader, known, others, limit - len(found))
    return found


def _best(reader: Reader, known: Statistics, part: _Part, wanted: int) -> list[uuid.UUID]:
    """The best of a part by weight, as many as are wanted or there are; of names to compare, among the best two thousand."""
    count = min(known.holding([number]) for number in part.numbers)
    each_us = FETCH_US + _COMPARED_US if part.named else FETCH_US
    if each_us * count <= _AT_ONCE_US:
        return _fetched(reader, part, wanted).ids
    found: list[uuid.UUID] = []
    weights, shares = _weights(known)
    read, passed, compared, margin = 0, 0.0, 0, _MARGIN
    while read < len(weights) and len(found) < wanted and compared < _COMPARED_MAX:
        # As far down as so many are likely to be, and that some way beyond what was read.
        end = bisect.bisect_left(shares, passed + margin * (wanted - len(found)) / count) + 1
        end = max(end, _GROWTH * read)
        some = _fetched(reader, part, wanted - len(found), weights[read:end])
        found += some.ids
        compared += some.compared
        read, passed, margin = end, shares[min(end, len(shares)) - 1], margin * _GROWTH
    return found


_known_weights: tuple[Statistics, Sequence[int], Sequence[float]] | None = None


def _weights(known: Statistics) -> tuple[Sequence[int], Sequence[float]]:
    """Weights, the highest first, and which share of the entries has each or a higher one, if plan and completeness are no relatives."""
    global _known_weights  # noqa: PLW0603  kept for as long as the statistics are: three hundred look-ups are a third of a question
    if _known_weights is None or _known_weights[0] is not known:
        documents = max(1, known.documents)
        of_plans = {plan_rank: known.holding([terms.value("plan", plan_rank)]) / documents for plan_rank in _PLAN_RANKS}
        of_qualities = {
            quality: known.holding([terms.value("quality", quality)]) / documents for quality in range(terms.QUALITY_MAX, -1, -1)
        }
        pairs = list(itertools.product(of_plans, of_qualities))
        shares = itertools.accumulate(of_plans[plan_rank] * of_qualities[quality] for plan_rank, quality in pairs)
        _known_weights = known, [terms.weight(*pair) for pair in pairs], list(shares)
    return _known_weights[1:]


def _fetched(reader: Reader, part: _Part, wanted: int, weights: Sequence[int] = ()) -> _Some:
    """The first of a part in the order of weight, of all weights or of these."""
    values = Parameters()
    indexed = [] if weights and part.is_letter else [_holds(values, number) for number in part.numbers]
    if weights:
        indexed.insert(0, f"s.terms && {values.bind([terms.weighted(part.letter, weight) for weight in weights], 'int[]')}")
    source = fenced(" AND ".join(indexed) or "true")
    conditions = [f"NOT {_holds(values, part.without)}"] if part.without is not None else []
    if part.named:
        conditions.append(_is_named(values, part.named))
    if part.unnamed:
        conditions.append(f"NOT {_is_named(values, part.unnamed)}")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    if not part.named:
        rows = reader.rows(f"SELECT s.resource_id FROM {source}{where} ORDER BY {_ORDER} LIMIT {wanted}", values)
        return _Some([row[0] for row in rows])
    sql = (
        f"WITH s AS MATERIALIZED (SELECT s.* FROM {source} ORDER BY {_ORDER} LIMIT {_COMPARED_MAX})"
        f" SELECT NULL, count(*) FROM s"
        f" UNION ALL (SELECT s.resource_id, 0 FROM s{where} ORDER BY {_ORDER} LIMIT {wanted})"
    )
    (_nobody, compared), *rows = reader.rows(sql, values)
    return _Some([row[0] for row in rows], compared)


def _at_once(reader: Reader, prefix: str, numbers: Sequence[int], first: int | None, limit: int) -> list[uuid.UUID]:
    """All that have a word that begins so, sorted.

    :param first: the term of a name that begins with it, None when names are to be compared.
    """
    values = Parameters()
    source = fenced(" AND ".join(_holds(values, number) for number in numbers))
    if first is not None:
        begins = _holds(values, first)
        sql = f"SELECT s.resource_id FROM {source} ORDER BY {begins} DESC, {_ORDER} LIMIT {limit}"
    else:
        begins, holds = values.bind(f"{_escaped(prefix)}%", "text"), values.bind(f"% {_escaped(prefix)}%", "text")
        sql = (
            f"SELECT s.resource_id FROM (SELECT * FROM {source} ORDER BY {_ORDER} LIMIT {_COMPARED_MAX}) s"
            f" CROSS JOIN LATERAL (SELECT bool_or(n.name LIKE {begins}) AS first"
            f" FROM resource_search_document d, unnest(d.names) AS n(name)"
            f" WHERE d.resource_id = s.resource_id AND ' ' || n.name LIKE {holds}) b"
            f" WHERE b.first IS NOT NULL ORDER BY b.first DESC, {_ORDER} LIMIT {limit}"
        )
    return [row[0] for row in reader.rows(sql, values)]


def _holds(values: Parameters, number: int) -> str:
    return f"s.terms && {values.bind([number], 'int[]')}"


def _is_named(values: Parameters, pattern: str) -> str:
    """SQL: some name of `s`, behind a space, is like it, or without one when the pattern begins otherwise."""
    name = "' ' || n.name" if pattern.startswith("% ") else "n.name"
    of = "SELECT FROM resource_search_document d, unnest(d.names) AS n(name) WHERE d.resource_id = s.resource_id"
    return f"EXISTS ({of} AND {name} LIKE {values.bind(pattern, 'text')})"


def _escaped(prefix: str) -> str:
    return prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
