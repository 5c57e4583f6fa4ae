"""A question as SQL: what each hit must hold, which tier it is in, and the terms by which an index finds it.

Filters are always decided by columns. Their terms only help the GIN index to find fewer rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from apps.search.backends.base import EngineQuery, Filters, Group, Order, Tier
from apps.search.backends.postgres import circles, grid, terms
from apps.search.backends.postgres.estimates import Guess, Statistics, statistics
from apps.search.backends.postgres.reading import Parameters, Reader
from apps.search.backends.postgres.sample_counts import SampleHits
from apps.search.backends.postgres.samples import Drawn, drawn

# Share of entries that are open now, when nobody counts.
_OPEN_SHARE = 0.3
# Of fewer hits than this the counts of terms say enough.
_SAMPLED_FROM = 300


@dataclass(frozen=True, slots=True)
class Key:
    """Terms of which a hit holds at least one, and how many entries do."""

    numbers: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL that every hit meets. Who holds all of `settled_by`, or the key that counts instead, meets it; empty: it is to be looked at.

    To look at it twice costs a microsecond an entry, more than to fetch it.
    """

    sql: str
    settled_by: Sequence[Key] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Hits that are ordered together: of one tier, or all.

    `keys` are all held by every hit, except those that hold `instead`. None in `tier` is every tier, best first.
    """

    tier: Tier | None
    conditions: Sequence[Condition]
    keys: Sequence[Key]
    guess: Guess
    instead: Key | None = None

    def left(self, looked_up: Sequence[Key] = ()) -> list[str]:
        """SQL of the conditions that those who hold all these keys may not meet."""
        return [one.sql for one in self.conditions if not one.settled_by or any(key not in looked_up for key in one.settled_by)]


@dataclass
class Asked:
    """A question, taken apart once; each statement about it binds its values anew."""

    query: EngineQuery
    known: Statistics
    values: Parameters = field(default_factory=Parameters)
    drawn: Drawn | None = None

    @classmethod
    def of(cls, query: EngineQuery) -> Asked:
        """A question with what is counted of its terms."""
        return cls(query, statistics())

    def draw(self, reader: Reader, *, is_tiered: bool = True) -> Asked:
        """With what the sample knows of them, too, where that says more; of tiers and completeness only for who asks for them."""
        if self.everything().guess.high > _SAMPLED_FROM:
            others = [*([self.whole] if self.whole else ()), *(self.named if is_tiered else ())]
            numbers = {number for key in (*self.anywhere, *self.limits, *others) for number in key.numbers}
            numbers.update(terms.at_least(terms.QUALITY_MAX) if is_tiered else ())
            self.drawn = drawn(reader, numbers)
        return self

    def __post_init__(self) -> None:
        self.anywhere = [self._key(_numbers(group, terms.anywhere)) for group in self.query.groups]
        self.named = [self._key(_numbers(group, terms.in_name)) for group in self.query.groups]
        self.whole = self._key([terms.whole_name(self.query.whole_name)]) if self.query.groups and self.query.whole_name else None
        self.filters = [self._key(numbers) for numbers in _filter_numbers(self.query.filters)]
        self.area = self._area() if self.query.groups or self.filters else None
        # What every hit holds besides its words.
        self.limits = [*self.filters, *([self.area] if self.area else [])]

    def _area(self) -> Key | None:
        """Cells that hold the boxes; None where there are no boxes or they are too large, or while some entries have no cells."""
        # Both are counted in one sample. After an update entries are written anew bit by bit (`rebuild_index`).
        every, written = (self.known.frequent.get(number, 0) for number in (terms.at_least(0)[0], terms.written_with_cells()))
        found = grid.covering(self.boxes()) if 0 < every <= written else []
        return self._key(terms.value("cell", cell) for cell in found) if found else None

    @staticmethod
    def is_impossible(query: EngineQuery) -> bool:
        """Whether nothing can answer it."""
        west, south, east, north = query.filters.bbox or (0.0, 0.0, 0.0, 0.0)
        # PostgreSQL would turn such a box around.
        is_inverted = west > east or south > north
        return query.filters.is_impossible or is_inverted or (query.order is Order.DISTANCE and query.point is None)

    def _key(self, numbers: Iterable[int]) -> Key:
        kept = tuple(sorted(set(numbers)))
        return Key(kept, self.known.holding(kept))

    def holds(self, key: Key) -> str:
        """SQL: `s` holds one of the terms."""
        return f"s.terms && {self.values.bind(list(key.numbers), 'int[]')}"

    def _holds_all(self, keys: Sequence[Key]) -> str:
        return "(" + (" AND ".join(self.holds(key) for key in keys) or "true") + ")"

    def _held(self) -> str:
        return "(" + " + ".join(f"({self.holds(key)})::int" for key in self.anywhere) + ")"

    @property
    def least(self) -> int:
        """How many words a hit must hold at least."""
        everything = len(self.anywhere)
        return everything if self.query.minimum is None else min(self.query.minimum, everything)

    @property
    def of_categories(self) -> int:
        """At most so many entries are of the categories that are filtered for."""
        return self.known.holding([terms.value("category", number) for number in self.query.filters.categories or ()])

    def tier(self) -> str:
        """SQL: the tier of `s`, which is a hit of words."""
        whole = f"WHEN {self.holds(self.whole)} THEN {Tier.WHOLE_NAME.value} " if self.whole else ""
        # A hit that lacks a word is there only when not all are asked for.
        partly = f"WHEN NOT {self._holds_all(self.anywhere)} THEN {Tier.PARTLY.value} " if self.least < len(self.anywhere) else ""
        return f"CASE {whole}{partly}WHEN {self._holds_all(self.named)} THEN {Tier.IN_NAME.value} ELSE {Tier.ANYWHERE.value} END"

    def telling(self) -> str:
        """SQL: of the numbers of `s` those that tell its tier. To look for each among two hundred takes as long as to look for all."""
        keys = [*self.named, *(self.anywhere if self.least < len(self.anywhere) else ()), *([self.whole] if self.whole else ())]
        return f"s.terms & {self.values.bind(sorted({number for key in keys for number in key.numbers}), 'int[]')}"

    def everything(self) -> Part:
        """All hits."""
        if not self.query.groups:
            return Part(None, [], self.limits, self._guess(self.limits))
        if self.whole and self.least == len(self.anywhere) == 1:
            # One word: to hold it or to be called so is one question.
            either = self._key([*self.anywhere[0].numbers, *self.whole.numbers])
            keys = [either, *self.limits]
            return Part(None, [Condition(self.holds(either), [either])], keys, self._guess(keys))
        words = f"{self._held()} >= {self.least}" if self.least < len(self.anywhere) else self._holds_all(self.anywhere)
        condition = f"({self.holds(self.whole)} OR {words})" if self.whole else words
        if self.least < len(self.anywhere):
            return Part(None, [Condition(condition)], [*self._partly_keys(), *self.limits], self._partly_guess(), self.whole)
        keys = [*self.anywhere, *self.limits]
        return Part(None, [Condition(condition, self.anywhere)], keys, self._guess(keys), self.whole)

    def tiers(self) -> list[Part]:
        """The same hits tier by tier, best first."""
        found: list[Part] = []
        not_whole: list[Condition] = []
        if self.whole:
            keys = [self.whole, *self.limits]
            found.append(Part(Tier.WHOLE_NAME, [Condition(self.holds(self.whole), [self.whole])], keys, self._guess(keys)))
            not_whole = [Condition(f"NOT {self.holds(self.whole)}")]
        keys = [*self.named, *self.limits]
        named = [Condition(self._holds_all(self.named), self.named), *not_whole]
        found.append(Part(Tier.IN_NAME, named, keys, self._guess(keys)))
        # What holds the words in the name was found before.
        rest = self._guess([*self.anywhere, *self.limits], without=keys)
        keys = [*self.anywhere, *self.limits]
        not_named = Condition(f"NOT {self._holds_all(self.named)}")
        conditions = [Condition(self._holds_all(self.anywhere), self.anywhere), not_named, *not_whole]
        found.append(Part(Tier.ANYWHERE, conditions, keys, rest))
        if self.least < len(self.anywhere):
            keys = [*self._partly_keys(), *self.limits]
            conditions = [Condition(f"{self._held()} >= {self.least}"), Condition(f"NOT {self._holds_all(self.anywhere)}"), *not_whole]
            found.append(Part(Tier.PARTLY, conditions, keys, self._partly_guess()))
        return found

    def _partly_keys(self) -> list[Key]:
        """Who holds m of n words holds at least one of any n - m + 1: the rarest of them are looked up together."""
        if self.least <= 0:
            return []
        rarest = sorted(self.anywhere, key=lambda key: key.count)[: len(self.anywhere) - self.least + 1]
        return [self._key(number for key in rarest for number in key.numbers)]

    def _partly_guess(self) -> Guess:
        """The most frequent words alone, if they have nothing to do with each other; all that is looked up at most."""
        frequent = sorted(self.anywhere, key=lambda key: -key.count)[: max(self.least, 0)]
        low = self._guess([*frequent, *self.limits]).low
        return Guess(low, max(low, self._guess([*self._partly_keys(), *self.limits]).high))

    def _guess(self, keys: Sequence[Key], without: Sequence[Key] = ()) -> Guess:
        """How many entries hold all these keys, and not all the others."""
        counts = [key.count for key in keys]
        if self.query.filters.schedules is not None:
            counts.append(int(self.known.documents * _OPEN_SHARE))
        guess = Guess.of_all(counts, self.known.documents)
        if without:
            # Often that is nearly all.
            guess = Guess(max(guess.low - Guess.of_all([key.count for key in without], self.known.documents).low, 1.0), guess.high)
        found = self._sampled_guess(keys, without) if guess.high > _SAMPLED_FROM else None
        return guess if found is None else Guess(min(found.low, guess.high), min(found.high, guess.high))

    def _sampled_guess(self, keys: Sequence[Key], without: Sequence[Key]) -> Guess | None:
        """The same by the sample; None when it knows too little of these terms."""
        if self.drawn is None:
            return None
        bits = self.drawn.everybody
        for key in keys:
            held = self.drawn.holding(key.numbers)
            if not held:
                return None
            bits &= held
        if without:
            others = self.drawn.everybody
            for key in without:
                others &= self.drawn.holding(key.numbers)
            bits &= ~others
        guess = self.drawn.guess(bits)
        share = _OPEN_SHARE if self.query.filters.schedules is not None else 1.0
        # Cells of which the sample knows nothing are mostly empty.
        no_cells = [key for key in keys if key is not self.area]
        rare = sum(self.known.holding([number for number in key.numbers if number not in self.drawn.known]) for key in no_cells)
        return Guess(max(guess.low * share, 1.0), guess.high * share + rare)

    def expected(self, keys: Sequence[Key]) -> float | None:
        """So many entries, more or less, hold all these keys; None where only guesses from counts can be made."""
        guess = self._sampled_guess(keys, ())
        return None if guess is None else (guess.low + guess.high) / 2

    def sampled(self, enough: int | None = None) -> SampleHits | None:
        """The hits of the question in the sample, as many as are enough; None while there is none."""
        drawn = self.drawn
        if drawn is None:
            return None
        is_placed = self.query.order is Order.DISTANCE
        return drawn.hits(
            self._meeting(drawn), lambda: self._meeting(drawn.by_town()), self.query.filters, is_placed=is_placed, enough=enough
        )

    def _meeting(self, drawn: Drawn) -> int:
        """Who of the sample holds the words and meets the filters that are terms."""
        # at_least[n]: who holds n of the words so far.
        at_least = [drawn.everybody, *[0] * len(self.anywhere)]
        for key in self.anywhere:
            held = drawn.holding(key.numbers)
            for number in range(len(at_least) - 1, 0, -1):
                at_least[number] |= at_least[number - 1] & held
        found = at_least[max(self.least, 0)]
        if self.whole is not None:
            found |= drawn.holding(self.whole.numbers)
        for key in self.filters:
            found &= drawn.holding(key.numbers)
        return found

    def columns(self) -> list[str]:
        """SQL: that `s` meets the filters, and has a position when the order needs one."""
        filters, bind = self.query.filters, self.values.bind
        found: list[str] = []
        alternatives: list[tuple[str, Sequence[object] | None, str]] = [
            ("category", filters.categories, "int[]"), ("city", filters.cities, "int[]"), ("quarter", filters.quarters, "uuid[]"),
            ("resource_type", filters.resource_types, "text[]"), ("plan_rank", filters.plan_ranks, "int[]"),
            ("schedule", filters.schedules, "int[]"),
        ]  # fmt: skip
        for column, wanted, kind in alternatives:
            if wanted is not None:
                found.append(f"s.{column} = ANY({bind(list(wanted), kind)})")
        if filters.verified is not None:
            found.append("s.verified" if filters.verified else "NOT s.verified")
        found += [f"s.attributes && {bind(list(group), 'varchar[]')}" for group in filters.has]
        if filters.bbox is not None:
            found.append(f"coalesce({circles.inside(self.values, [filters.bbox])}, false)")
        if filters.circle is not None:
            circle = filters.circle
            distance = circles.distance_sql(self.values, circle.latitude, circle.longitude)
            found.append(f"{distance} <= {bind(circle.radius_m, 'float8')}")
        if self.query.order is Order.DISTANCE:
            found.append("s.geo IS NOT NULL")
        return found

    def boxes(self) -> list[circles.Box]:
        """Boxes that hold every hit; none when filters name no area."""
        if self.query.filters.bbox is not None:
            return [self.query.filters.bbox]
        return circles.boxes(self.query.filters.circle) if self.query.filters.circle is not None else []


def _numbers(group: Group, of_term: Callable[[str], int]) -> Iterable[int]:
    yield from map(of_term, group.terms)
    yield from (terms.value("category", key) for key in group.categories)
    yield from (terms.value("city", key) for key in group.cities)
    yield from (terms.value("quarter", key) for key in group.quarters)


def _filter_numbers(filters: Filters) -> Iterable[list[int]]:
    for kind, wanted in (
        ("category", filters.categories), ("city", filters.cities), ("quarter", filters.quarters), ("type", filters.resource_types),
        ("plan", filters.plan_ranks), ("verified", None if filters.verified is None else (filters.verified,)),
    ):  # fmt: skip
        if wanted is not None:
            yield [terms.value(kind, key) for key in wanted]
    for group in filters.has:
        yield [terms.value("has", attribute) for attribute in group]
