"""Entries in the order of distance in the plane of degrees, of all or of some categories alone.

Who looks for the nearest pharmacy would walk over everything else that is nearer: at a million entries 60,000 rows, 50 ms. An index of
category and position gives the nearest of one category in order, and the nearest of several are the first of each, merged. The index is of
the position taken apart and put together again: of the column itself the planner would read it for boxes without a category, too, for
which it is no good.
"""

from __future__ import annotations

from apps.search.backends.postgres.conditions import Asked

_POSITION = "point(s.geo[0], s.geo[1])"
# More categories than this are so many entries that walking over the others costs less than a scan of the index for each.
_CATEGORIES_MAX = 16


def categories_of(asked: Asked) -> tuple[int, ...]:
    """The categories that alone are walked; none when all entries are."""
    wanted = asked.query.filters.categories
    return wanted if wanted is not None and len(wanted) <= _CATEGORIES_MAX else ()


def nearest_first(asked: Asked, area: str, point: str, rows: int) -> str:
    """SQL: a table expression `s` of at most so many entries of an area, nearest first.

    :param point: SQL of where to measure from.
    """
    categories = categories_of(asked)
    away = f"{_POSITION if categories else 's.geo'} <-> {point}"
    area = _of_index(area) if categories else area
    each = [
        f"(SELECT *, {away} AS away FROM resource_search s WHERE {condition} ORDER BY {away} LIMIT {rows})"
        for condition in [f"s.category = {asked.values.bind(number, 'int2')} AND {area}" for number in categories] or [area]
    ]
    if len(each) == 1:
        return f"{each[0]} s"
    return f"(SELECT * FROM ({' UNION ALL '.join(each)}) s ORDER BY s.away LIMIT {rows}) s"


def within_reach(asked: Asked, area: str) -> str:
    """SQL: the condition by which an index finds all entries of an area that may be among the nearest."""
    categories = categories_of(asked)
    return f"s.category = ANY({asked.values.bind(list(categories), 'int2[]')}) AND {_of_index(area)}" if categories else area


def _of_index(area: str) -> str:
    """The same condition as the index of category and position understands it."""
    return area.replace("s.geo ", f"{_POSITION} ")
