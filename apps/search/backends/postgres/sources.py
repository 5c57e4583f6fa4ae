"""Ways to come by the entries that may match, and the choice between them (see `estimates`).

Every statement reads `resource_search s` through one of these, behind a fence that keeps the planner from choosing again: its own
guesses of boxes and of arrays are constants. What each entry must hold is decided outside the fence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from apps.search.backends.base import Order
from apps.search.backends.postgres import circles
from apps.search.backends.postgres.conditions import Asked, Key, Part
from apps.search.backends.postgres.estimates import FETCH_US, NEAR_US, POSTING_US
from apps.search.backends.postgres.reading import Reader

# A box of more entries than this is not fetched while there is another way.
BOX_PROBE = 5_000
# An entry of a box is found by an index that is dearer to read than that of terms.
_BOXED_US = 2 * FETCH_US
# Another list of the GIN index is read as long as that costs less than looking at what it would leave out.
_KEY_PAYS = 0.9


@dataclass(frozen=True, slots=True)
class Source:
    """A fenced table expression named `s`, its cost in microseconds, and the keys that all of its entries hold."""

    sql: str
    cost_us: float
    keys: Sequence[Key] = ()


def fetched(asked: Asked, part: Part, *, box: BoxProbe) -> Source:
    """The cheapest way to have all that may match before it is sorted."""
    found = [_by_terms(asked, part)] if part.keys else []
    # What a full box holds nobody knows without a sample: anything up to all, so it is no bargain.
    if box.sql and not (box.is_full and found and box.sampled is None):
        count = math.sqrt(box.count * max(asked.known.documents, box.count)) if box.is_full else box.count
        count = count if box.sampled is None else max(box.sampled, box.count)
        found.append(Source(fenced(box.sql), _BOXED_US * count))
    if not found:
        return Source(fenced("true"), FETCH_US * asked.known.documents)
    return min(found, key=lambda source: source.cost_us)


def _by_terms(asked: Asked, part: Part) -> Source:
    keys, cost_us = _paying(asked, part.keys)
    condition = " AND ".join(asked.holds(key) for key in keys)
    if part.instead is not None:
        condition = f"({asked.holds(part.instead)} OR ({condition}))"
        cost_us += FETCH_US * part.instead.count
    return Source(fenced(condition), cost_us, keys)


def _paying(asked: Asked, keys: Sequence[Key]) -> tuple[list[Key], float]:
    """The rarest key, and each further one that saves more than reading its list costs; and the cost of the whole."""
    by_count = sorted(keys, key=lambda key: key.count)
    chosen, left = [by_count[0]], float(by_count[0].count)
    if (expected := asked.expected(chosen)) is not None:
        # Counts of a word and its stems together say too much: that is not what a further list would save.
        left = min(left, expected)
    reading_us = POSTING_US * by_count[0].count
    for key in by_count[1:]:
        share = min(1.0, key.count / max(1, asked.known.documents))
        expected = asked.expected([*chosen, key])
        saved = left * (1 - share) if expected is None else left - expected
        key_us = POSTING_US * key.count
        if key_us < _KEY_PAYS * FETCH_US * saved:
            chosen.append(key)
            reading_us += key_us
            # Words go together, so that a further one leaves more than its share.
            left = left * max(share, 0.25) if expected is None else expected
    return chosen, reading_us + FETCH_US * left


def fenced(condition: str) -> str:
    """The entries of an index condition, sorted by nobody."""
    return f"(SELECT * FROM resource_search s WHERE {condition} OFFSET 0) s"


def walked(order: str, *, behind: str, rows: int) -> str:
    """At most so many entries in the order of an index, from a place on."""
    where = f" WHERE {behind}" if behind else ""
    return f"(SELECT * FROM resource_search s{where} ORDER BY {order} LIMIT {rows}) s"


@dataclass(frozen=True, slots=True)
class BoxProbe:
    """The boxes of a question, and how many entries lie in them, or more when it is full. No box has an empty `sql`.

    `sampled` is what the sample says of a full box at most.
    """

    sql: str = ""
    count: int = 0
    is_full: bool = False
    sampled: float | None = None


def _otherwise_us(asked: Asked) -> float:
    """What a question in a box takes in another way than by the box: a look at it need go no further."""
    if asked.area:
        return _by_terms(asked, asked.everything()).cost_us
    if asked.query.order is Order.DISTANCE and not asked.query.groups and not asked.limits:
        # A walk over the nearest meets nobody who lies outside.
        rows = asked.query.offset + asked.query.limit + 1
        return NEAR_US * rows * asked.known.documents / max(asked.everything().guess.low, 1.0)
    return math.inf


def probe(reader: Reader, asked: Asked, found: list[circles.Box]) -> BoxProbe:
    """Count the entries in boxes, up to a bound: no guess of a box is safe, and a look is cheap."""
    if not found:
        return BoxProbe()
    sql = circles.inside(asked.values, found)
    most = int(min(BOX_PROBE, _otherwise_us(asked) / _BOXED_US + 1))
    bound = asked.values.bind(most, "int")
    count = reader.number(f"SELECT count(*) FROM (SELECT 1 FROM resource_search s WHERE {sql} LIMIT {bound}) b", asked.values)
    is_full = count >= most
    # Without words a full box is walked, whatever it holds; where cells are asked it is not fetched.
    sample = asked.drawn if is_full and asked.query.groups and not asked.area else None
    return BoxProbe(sql, count, is_full, None if sample is None else sample.in_boxes(found))
