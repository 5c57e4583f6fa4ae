"""A page of hits: fetch and sort, descend by completeness, or walk the order of an index, whichever is cheapest.

Pages begin behind the values and the id of the last hit before them (keyset): none is skipped or repeated while entries come and go, and a
deep page costs what the first one does. A page behind a count is for those who ask for it: what it passes over is sorted, but not sent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.search.backends.base import Circle, EngineQuery, Hits, Order, Tier
from apps.search.backends.postgres import circles
from apps.search.backends.postgres.bests import read_best
from apps.search.backends.postgres.conditions import Asked, Part
from apps.search.backends.postgres.descents import descents
from apps.search.backends.postgres.estimates import NEAR_US, WALK_US, Guess
from apps.search.backends.postgres.nearest import categories_of, nearest_first, within_reach
from apps.search.backends.postgres.packed_places import PackedPlaces
from apps.search.backends.postgres.reading import Reader
from apps.search.backends.postgres.sources import BoxProbe, Source, fenced, fetched, probe, walked
from apps.search.backends.postgres.totals import count_hits

# All tiers are fetched and sorted at once, and counted, as long as that takes less than this: as much as a statement for each of them.
_AT_ONCE_US = 4_000
# A walk that has looked at so many times the rows it expected, or at so many, has met a question that it cannot answer.
_PATIENCE, _WALK_MIN, _WALK_MAX = 4, 2_000, 60_000
# So many hits of the sample say how many of them lie in a box.
_BOX_HITS = 1_500
_COLUMNS = "s.resource_id, s.quality, s.plan_rank, s.published_at"


@dataclass(frozen=True, slots=True)
class _Sorting:
    """Expressions that order hits, all descending; the index that is in this order, if any, has its name for walks."""

    keys: Sequence[tuple[str, str]]
    after: Sequence[object] | None
    is_near: bool = False

    def order(self) -> str:
        return ", ".join(f"{expression} DESC" for expression, _kind in self.keys)


def find_page(reader: Reader, query: EngineQuery, *, by_lists: bool = True) -> Hits:
    """See `SearchBackend.search`.

    :param by_lists: false for who makes the lists of the best.
    """
    if Asked.is_impossible(query):
        return Hits([])
    asked = Asked.of(query)
    if by_lists and (best := read_best(reader, asked, query.limit + 1)) is not None:
        found, total = best
        is_exact = total <= query.counted_max
        return Hits(found[: query.limit], min(total, query.counted_max), is_exact, len(found) > query.limit)
    page = _Page(reader, asked.draw(reader, is_tiered=False))
    places, passed = page.read(query.offset, query.limit + 1)
    has_more = len(places) > query.limit
    shown = places[: query.limit]
    if page.total is not None:
        counted = page.total
    elif not has_more and query.after is None and (bool(shown) or passed < query.offset or not query.offset):
        counted = passed + len(shown)
    else:
        counted = count_hits(reader, asked, page.box, at_least=passed + len(places))
    return Hits(shown, min(counted, query.counted_max), counted <= query.counted_max, has_more)


@dataclass(frozen=True, slots=True)
class _Some:
    """The next hits, and how many were passed over before them."""

    places: PackedPlaces
    passed: int = 0

    def are_whole(self, wanted: int, skipped: int) -> bool:
        """Whether there were as many as were wanted."""
        return len(self.places) == wanted and self.passed == skipped


class _Page:
    """Reads hits in order until there are enough. `total` is how many there are, when that came along."""

    def __init__(self, reader: Reader, asked: Asked) -> None:
        self.reader, self.asked, self.query = reader, asked, asked.query
        self.box: BoxProbe = probe(reader, asked, asked.boxes())
        self.total: int | None = None
        self._in_box: Guess | None = None

    def read(self, skipped: int, wanted: int) -> tuple[PackedPlaces, int]:
        """At most `wanted` places from where the page begins, without the first `skipped`; and how many of these there are."""
        whole = self.asked.everything()
        is_tiered = self.query.order is Order.RELEVANCE and bool(self.query.groups)
        if not is_tiered:
            some = self._read_part(whole, wanted, skipped)
            return some.places, some.passed
        source = fetched(self.asked, whole, box=self.box)
        if self._is_at_once(whole, source):
            some = self._select(whole, self._sorting(whole, is_tiered=True), source, wanted, skipped, is_counted=self.query.after is None)
            return some.places, some.passed
        tiers = self.asked.draw(self.reader).tiers()
        found, passed = PackedPlaces(), 0
        if not skipped and self.query.after is None and (first := self._first_two(tiers, wanted)) is not None:
            found, tiers = first, tiers[2:]
        for part in tiers if len(found) < wanted else ():
            begins = self.query.after.tier if self.query.after else Tier.WHOLE_NAME
            if part.tier is not None and part.tier <= begins:
                some = self._read_part(part, wanted - len(found), skipped - passed)
                found += some.places
                passed += some.passed
            if len(found) >= wanted:
                break
        return found, passed

    def _is_at_once(self, whole: Part, source: Source) -> bool:
        """Whether all tiers are fetched, sorted and counted in one statement."""
        if source.cost_us <= _AT_ONCE_US or not self.box.sql:
            return source.cost_us <= _AT_ONCE_US
        # The few hits of an area, which no statistic knows, would be fetched once more to be counted; all of a small one for each tier.
        is_read_again = not self.box.is_full or self._in_full_box(whole).guess.low < self.query.counted_max
        return is_read_again and source.cost_us <= 2 * _AT_ONCE_US

    def _first_two(self, tiers: Sequence[Part], wanted: int) -> PackedPlaces | None:
        """Those that are called so, and those with the words in their name, in one statement: often there are no others on a page.

        None where one of them is dear, or when a page of the most complete is not full.
        """
        whole, named = tiers[:2]
        sorting = self._sorting(whole, is_tiered=False)
        called, source = (fetched(self.asked, part, box=self.box) for part in (whole, named))
        if whole.tier is not Tier.WHOLE_NAME or sorting.is_near or self.box.is_full or called.cost_us > _AT_ONCE_US / 4:
            return None
        best = next(descents(self.asked, named, wanted=wanted, box=self.box), source)
        is_all = best.cost_us >= source.cost_us
        best = source if is_all else best
        if best.cost_us >= self._walk_us(named, wanted):
            return None
        rows = (self._rows(part, sorting, one, wanted) for part, one in ((whole, called), (named, best)))
        sql = f"SELECT * FROM ({' UNION ALL '.join(f'({one})' for one in rows)}) s LIMIT {wanted}"
        places, _number = self.reader.places(sql, self.asked.values)
        return places if is_all or len(places) == wanted else None

    def _walk_us(self, part: Part, rows: int) -> float:
        """What it takes to walk until so many hits were met, if they are as few as they may be."""
        return WALK_US * rows * self.asked.known.documents / max(part.guess.low, 1.0) if self.asked.known.documents else math.inf

    def _read_part(self, part: Part, wanted: int, skipped: int) -> _Some:
        sorting = self._sorting(part, is_tiered=False)
        source = fetched(self.asked, part, box=self.box)
        part = self._in_full_box(part)
        found = self._descend(part, sorting, wanted, skipped, dearer_than=source)
        if found is None:
            found = self._walk(part, sorting, wanted, skipped, dearer_than=source)
        return self._select(part, sorting, source, wanted, skipped) if found is None else found

    def _in_full_box(self, part: Part) -> Part:
        """With a guess that knows how rarely the words are said in a full box: a walk to the twentieth of them may be one to the end."""
        if not self.box.is_full or not part.keys:
            return part
        if self._in_box is None and (hits := self.asked.sampled(_BOX_HITS)) is not None:
            self._in_box = hits.guess()
        known = self._in_box
        return part if known is None else replace(part, guess=Guess(min(part.guess.low, known.low), min(part.guess.high, known.high)))

    def _sorting(self, part: Part, *, is_tiered: bool) -> _Sorting:
        """The order within a part, and where in it the page begins."""
        query, after = self.query, self.query.after
        is_near = query.order is Order.DISTANCE or (query.order is Order.RELEVANCE and query.point is not None)
        keys: list[tuple[str, str]] = []
        values: list[object] = []
        if is_tiered:
            keys.append(("s.tier", "int"))
            values.append(after.tier if after else None)
        if is_near:
            # Negative, so that every order is a descending one; what has no position comes last.
            keys.append(("coalesce(-s.distance, '-Infinity')", "float8"))
            values.append(float("-inf") if after is None or after.distance_m is None else -after.distance_m)
        elif query.order is Order.RELEVANCE:
            keys.append(("s.quality", "int2"))
            values.append(after.quality if after else None)
        else:
            if query.order is Order.PLAN:
                keys.append(("s.plan_rank", "int2"))
                values.append(after.plan_rank if after else None)
            keys.append(("s.published_at", "timestamptz"))
            values.append(after.published_at if after else None)
        keys.append(("s.resource_id", "uuid"))
        values.append(after.id if after else None)
        # A tier behind the one in which the page begins is read from its first hit.
        is_begun = after is not None and (part.tier is None or after.tier == part.tier)
        return _Sorting(keys, values if is_begun else None, is_near)

    def _behind(self, sorting: _Sorting) -> str:
        if sorting.after is None:
            return ""
        values = [self.asked.values.bind(value, kind) for (_expression, kind), value in zip(sorting.keys, sorting.after, strict=True)]
        return f"({', '.join(expression for expression, _kind in sorting.keys)}) < ({', '.join(values)})"

    def _select(self, part: Part, sorting: _Sorting, source: Source, wanted: int, skipped: int, *, is_counted: bool = False) -> _Some:
        """The first hits of a source in order.

        :param is_counted: they are all the hits there are, and read in any case: how many is told along with them.
        """
        sql = self._rows(part, sorting, source, skipped + wanted, "count(*) OVER ()" if is_counted else "0")
        places, number = self.reader.places(sql, self.asked.values, skipped=skipped)
        if is_counted and not skipped:
            self.total = number
        return _Some(places, min(number, skipped))

    def _rows(self, part: Part, sorting: _Sorting, source: Source, rows: int, total: str = "0") -> str:
        """SQL of the first hits of a source in order."""
        asked, point = self.asked, self.query.point
        distance = circles.distance_sql(asked.values, *point) if point else "NULL::float8"
        conditions = " AND ".join([*part.left(source.keys), *asked.columns()]) or "true"
        if part.tier is None and asked.query.groups:
            # What sorts and counts them does not carry all their numbers.
            narrow = f"SELECT {_COLUMNS}, {distance} AS distance, {asked.telling()} AS terms FROM {source.sql} WHERE {conditions} OFFSET 0"
            hits = f"SELECT {_COLUMNS}, {asked.tier()} AS tier, s.distance FROM ({narrow}) s"
        else:
            tier = Tier.ANYWHERE if part.tier is None else part.tier
            hits = f"SELECT {_COLUMNS}, {tier.value} AS tier, {distance} AS distance FROM {source.sql} WHERE {conditions}"
        behind = self._behind(sorting)
        return (
            f"SELECT s.resource_id, s.tier, s.quality, s.plan_rank, s.published_at, s.distance, {total} AS total FROM ({hits}) s"
            f"{f' WHERE {behind}' if behind else ''} ORDER BY {sorting.order()} LIMIT {rows}"
        )

    def _descend(self, part: Part, sorting: _Sorting, wanted: int, skipped: int, *, dearer_than: Source) -> _Some | None:
        """The page by completeness; None when another way is cheaper, or when the most complete were too few."""
        if self.query.order is not Order.RELEVANCE or sorting.is_near or not self.asked.known.documents:
            return None
        walk_us = self._walk_us(part, skipped + wanted)
        for source in descents(self.asked, part, wanted=skipped + wanted, box=self.box):
            if source.cost_us >= min(walk_us, dearer_than.cost_us):
                return None
            found = self._select(part, sorting, source, wanted, skipped)
            if found.are_whole(wanted, skipped):
                return found
        return None

    def _walk(self, part: Part, sorting: _Sorting, wanted: int, skipped: int, *, dearer_than: Source) -> _Some | None:
        """The page by walking; None when fetching is cheaper, or when the walk found too little to be sure of all."""
        documents = self.asked.known.documents
        low, high = part.guess.low, part.guess.high
        is_nearest_of_area = sorting.is_near and not part.keys
        if self.box.sql and not self.asked.area and self._in_box is None and not is_nearest_of_area:
            share = min(1.0, self.box.count / max(1, documents))
            low = low * share
            # Of a full box nothing more is known.
            high = high if self.box.is_full else high * share
        if sorting.is_near and categories_of(self.asked):
            # Others are not walked over.
            documents = max(self.asked.of_categories, 1)
        expected = (skipped + wanted) * documents / max(low, 1.0)
        if not self.asked.known.documents or (NEAR_US if sorting.is_near else WALK_US) * expected >= dearer_than.cost_us:
            return None
        likely = (skipped + wanted) * documents / max((low * high) ** 0.5, 1.0)
        rows = int(min(max(_PATIENCE * likely, _WALK_MIN), _WALK_MAX))
        if sorting.is_near:
            return self._walk_near(part, sorting, wanted, skipped, rows)
        source = Source(walked(sorting.order(), behind=self._behind(sorting), rows=rows), 0)
        found = self._select(part, replace(sorting, after=None), source, wanted, skipped)
        return found if found.are_whole(wanted, skipped) else None

    def _walk_near(self, part: Part, sorting: _Sorting, wanted: int, skipped: int, rows: int) -> _Some | None:
        """The nearest in the plane of degrees tell how far to look; all within that reach are then measured on the sphere.

        No point is further on the sphere than in the plane, so the nearest by the one are among the near by the other.
        """
        latitude, longitude = self.query.point or (0.0, 0.0)
        asked = self.asked
        point = asked.values.bind(f"({longitude!r},{latitude!r})", "point")
        area = self.box.sql or "s.geo IS NOT NULL"
        distance = circles.distance_sql(asked.values, latitude, longitude)
        conditions = " AND ".join([*part.left(), *asked.columns()]) or "true"
        behind = self._behind(sorting)
        sql = (
            f"SELECT count(*), max(n.away) FROM (SELECT s.away FROM ("
            f"SELECT s.resource_id, s.away, {distance} AS distance FROM {nearest_first(asked, area, point, rows)}"
            f" WHERE {conditions}) s{f' WHERE {behind}' if behind else ''} LIMIT {skipped + wanted}) n"
        )
        count, away = self.reader.rows(sql, asked.values)[0]
        if count < skipped + wanted:
            return None
        reach = circles.boxes(Circle(latitude, longitude, away * circles.DEGREE_M))
        source = Source(fenced(within_reach(asked, circles.inside(asked.values, reach))), 0)
        return self._select(part, sorting, source, wanted, skipped)
