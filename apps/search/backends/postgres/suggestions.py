"""Entries by the beginning of a word of their name, from the first letter on.

Beginnings of one to five letters are terms of the same GIN index, so a new entry is suggested as soon as it is written and nothing is
rebuilt. Rare ones are fetched and sorted in one statement. Common ones are walked in the order of weight, where ten are met at once:
names that begin so first, then those that hold it further on, if there is room. Longer ones, and several words, are compared with the
stored names of what the terms let through.
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
# As much as a second statement.
_AT_ONCE_US = 1_500


def suggest(reader: Reader, prefix: str, *, limit: int) -> list[uuid.UUID]:
    """See `SearchBackend.suggest`."""
    words = prefix.split(" ")
    known = statistics()
    numbers = [terms.word_begins(word) for word in words if word]
    first = terms.name_begins(words[0]) if words[0] else None
    is_decided = len(words) == 1 and len(prefix) <= terms.PREFIX_MAX
    rarest = min((known.holding([number]) for number in numbers), default=known.documents)
    if first is not None and (FETCH_US + (not is_decided) * _COMPARED_US) * rarest <= _AT_ONCE_US:
        return _at_once(reader, prefix, numbers, first if is_decided else None, limit)
    found: list[uuid.UUID] = []
    # Names that begin with it come first; then those that hold it further on.
    for is_first in (True, False) if prefix else (True,):
        wanted = limit - len(found)
        if wanted <= 0:
            break
        values = Parameters()
        keys = [Key((number,), known.holding([number])) for number in ([first, *numbers] if is_first and first else numbers)]
        conditions = [f"s.terms && {values.bind(list(key.numbers), 'int[]')}" for key in keys]
        if first is not None and not is_first and is_decided:
            conditions.append(f"NOT s.terms && {values.bind([first], 'int[]')}")
        elif not is_decided:
            begins = _compared(values, prefix)
            conditions.append(begins[0] if is_first else f"NOT {begins[0]} AND {begins[1]}")
        found += _read(reader, values, conditions, keys, wanted=wanted, is_compared=not is_decided)
    return found


def _at_once(reader: Reader, prefix: str, numbers: Sequence[int], first: int | None, limit: int) -> list[uuid.UUID]:
    """All that have a word that begins so, sorted.

    :param first: the term of a name that begins with it, None when names are to be compared.
    """
    values = Parameters()
    source = fenced(" AND ".join(f"s.terms && {values.bind([number], 'int[]')}" for number in numbers))
    if first is not None:
        begins = f"s.terms && {values.bind([first], 'int[]')}"
        sql = f"SELECT s.resource_id FROM {source} ORDER BY {begins} DESC, {_ORDER} LIMIT {limit}"
    else:
        begins, holds = values.bind(f"{_escaped(prefix)}%", "text"), values.bind(f"% {_escaped(prefix)}%", "text")
        sql = (
            f"SELECT s.resource_id FROM {source} CROSS JOIN LATERAL (SELECT bool_or(n.name LIKE {begins}) AS first"
            f" FROM resource_search_document d, unnest(d.names) AS n(name)"
            f" WHERE d.resource_id = s.resource_id AND ' ' || n.name LIKE {holds}) b"
            f" WHERE b.first IS NOT NULL ORDER BY b.first DESC, {_ORDER} LIMIT {limit}"
        )
    return [row[0] for row in reader.rows(sql, values)]


def _escaped(prefix: str) -> str:
    return prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _compared(values: Parameters, prefix: str) -> tuple[str, str]:
    """SQL: some name of `s` begins with it; some word of a name does."""
    escaped = _escaped(prefix)
    of = "EXISTS (SELECT FROM resource_search_document d, unnest(d.names) AS n(name) WHERE d.resource_id = s.resource_id AND"
    return (
        f"{of} n.name LIKE {values.bind(escaped + '%', 'text')})",
        f"{of} ' ' || n.name LIKE {values.bind('% ' + escaped + '%', 'text')})",
    )


def _read(
    reader: Reader, values: Parameters, conditions: Sequence[str], keys: Sequence[Key], *, wanted: int, is_compared: bool
) -> list[uuid.UUID]:
    documents = statistics().documents
    rarest = min((key.count for key in keys), default=documents)
    fetch_us = POSTING_US * sum(key.count for key in keys) + (FETCH_US + is_compared * _COMPARED_US) * rarest
    walk_us = WALK_US * wanted * documents / max(1, rarest)
    condition = " AND ".join(conditions) or "true"
    if documents and walk_us < fetch_us:
        rows = int(min(_WALK_MAX, max(1_000, 10 * wanted * documents / max(1, rarest))))
        found = _select(reader, values, walked(_ORDER, behind="", rows=rows), condition, wanted)
        if len(found) == wanted:
            return found
    indexed = " AND ".join(conditions[: len(keys)]) or "true"
    return _select(reader, values, fenced(indexed), condition, wanted)


def _select(reader: Reader, values: Parameters, source: str, condition: str, wanted: int) -> list[uuid.UUID]:
    rows = reader.rows(f"SELECT s.resource_id FROM {source} WHERE {condition} ORDER BY {_ORDER} LIMIT {wanted}", values)
    return [row[0] for row in rows]
