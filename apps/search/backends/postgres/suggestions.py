"""Entries by the beginning of a word of their name, from the first letter on.

Beginnings of one to five letters are terms of the same GIN index, so a new entry is suggested as soon as it is written and nothing is
rebuilt. Rare ones are fetched and sorted in one statement. Common ones are walked in the order of weight, where ten are met at once:
names that begin so first, then those that hold it further on, if there is room. Longer ones, and several words, are compared with the
stored names of what the terms let through, of the best few thousand at most: to compare fifty thousand takes seconds.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from apps.search.backends.postgres import terms
from apps.search.backends.postgres.conditions import Key
from apps.search.backends.postgres.estimates import FETCH_US, POSTING_US, WALK_US, statistics
from apps.search.backends.postgres.reading import Parameters, Reader
from apps.search.backends.postgres.sources import fenced, walked

_ORDER = "s.plan_rank DESC, s.quality DESC, s.resource_id DESC"
_WALK_MAX = 40_000
# A stored name that is compared costs a look into another table.
_COMPARED_US = 3.0
_COMPARED_MAX = 5_000
# As much as a second statement.
_AT_ONCE_US = 1_500


def suggest(reader: Reader, prefix: str, *, limit: int) -> list[uuid.UUID]:
    """See `SearchBackend.suggest`."""
    words = prefix.split(" ")
    known = statistics()
    is_decided = len(words) == 1 and len(prefix) <= terms.PREFIX_MAX
    # All words but the last are whole.
    numbers = [*(terms.in_name(word) for word in words[:-1] if word), *(terms.word_begins(word) for word in words[-1:] if word)]
    first = terms.name_begins(words[0]) if words[0] else None
    if first is None:
        return _two_ways(reader, numbers, None, limit)
    rarest = min(known.holding([number]) for number in numbers)
    if is_decided:
        return (
            _at_once(reader, prefix, numbers, first, limit)
            if FETCH_US * rarest <= _AT_ONCE_US
            else _two_ways(reader, numbers, first, limit)
        )
    if (FETCH_US + _COMPARED_US) * rarest > _AT_ONCE_US:
        # Often there are enough names that begin so among those that are shown first anyway.
        values = Parameters()
        keys = [Key((number,), known.holding([number])) for number in (first, *numbers)]
        conditions = [*(_holds(values, key) for key in keys), _begins(values, prefix)]
        found = _walked(
            reader, values, conditions, min(key.count for key in keys), wanted=limit, dearer_than_us=_COMPARED_MAX * _COMPARED_US
        )
        if found is not None:
            return found
    return _at_once(reader, prefix, numbers, None, limit)


def _two_ways(reader: Reader, numbers: Sequence[int], first: int | None, limit: int) -> list[uuid.UUID]:
    """Names that begin with it, then those that hold it further on; each walked or fetched.

    :param first: the term of a name that begins with it; None when anything is wanted.
    """
    known = statistics()
    found: list[uuid.UUID] = []
    for is_first in (True, False) if first is not None else (True,):
        values = Parameters()
        keys = [Key((number,), known.holding([number])) for number in ([first, *numbers] if is_first and first is not None else numbers)]
        indexed = [_holds(values, key) for key in keys]
        conditions = [*indexed, f"NOT {_holds(values, Key((first,), 0))}"] if first is not None and not is_first else indexed
        rarest, wanted = min((key.count for key in keys), default=known.documents), limit - len(found)
        fetch_us = POSTING_US * sum(key.count for key in keys) + FETCH_US * rarest
        some = _walked(reader, values, conditions, rarest, wanted=wanted, dearer_than_us=fetch_us)
        found += _select(reader, values, fenced(" AND ".join(indexed) or "true"), conditions, wanted) if some is None else some
        if len(found) >= limit:
            break
    return found


def _holds(values: Parameters, key: Key) -> str:
    return f"s.terms && {values.bind(list(key.numbers), 'int[]')}"


def _at_once(reader: Reader, prefix: str, numbers: Sequence[int], first: int | None, limit: int) -> list[uuid.UUID]:
    """All that have a word that begins so, sorted.

    :param first: the term of a name that begins with it, None when names are to be compared.
    """
    values = Parameters()
    source = fenced(" AND ".join(_holds(values, Key((number,), 0)) for number in numbers))
    if first is not None:
        begins = _holds(values, Key((first,), 0))
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


def _escaped(prefix: str) -> str:
    return prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _begins(values: Parameters, prefix: str) -> str:
    """SQL: some name of `s` begins with it."""
    of = "SELECT FROM resource_search_document d, unnest(d.names) AS n(name) WHERE d.resource_id = s.resource_id"
    return f"EXISTS ({of} AND n.name LIKE {values.bind(_escaped(prefix) + '%', 'text')})"


def _walked(
    reader: Reader, values: Parameters, conditions: Sequence[str], rarest: int, *, wanted: int, dearer_than_us: float
) -> list[uuid.UUID] | None:
    """As many as are wanted in the order of weight; None when another way is cheaper, or a bounded walk met too few."""
    documents = statistics().documents
    if not documents or WALK_US * wanted * documents / max(1, rarest) >= dearer_than_us:
        return None
    rows = int(min(_WALK_MAX, max(1_000, 10 * wanted * documents / max(1, rarest))))
    found = _select(reader, values, walked(_ORDER, behind="", rows=rows), conditions, wanted)
    return found if len(found) == wanted else None


def _select(reader: Reader, values: Parameters, source: str, conditions: Sequence[str], wanted: int) -> list[uuid.UUID]:
    condition = " AND ".join(conditions) or "true"
    rows = reader.rows(f"SELECT s.resource_id FROM {source} WHERE {condition} ORDER BY {_ORDER} LIMIT {wanted}", values)
    return [row[0] for row in rows]
