"""Documents and questions for engines, random but of a small world: so that words meet, values tie and filters overlap."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Sequence

from hypothesis import strategies as st

from apps.search.analysis import terms_of
from apps.search.backends.base import Circle, EngineQuery, Filters, Group, Order, Place, SearchBackend
from apps.search.documents import SearchDocument
from apps.search.tests.plain_backend import PlainBackend

WORDS = ("pharmacie", "marche", "soleil", "akwa", "garage", "auto", "ecole", "bar", "24", "c4", "hotel")
ABSENT = ("zzz", "hopital", "x" * 40)
CATEGORIES, CITIES, SCHEDULES = (1, 2, 10, 300), (3, 20, 1000), (1, 2, 70_000)
QUARTERS = tuple(uuid.UUID(int=number << 120 | 7) for number in (1, 130, 255))
TYPES, TRAITS = ("business", "service", "data", "api"), ("delivery", "mobile_money", "parking", "wifi")
# No two of them lie at nearly the same distance from a centre: engines may keep a position to a centimetre only.
POINTS = ((4.0503, 9.7002), (4.0611, 9.7421), (3.8667, 11.5167), (5.9631, 10.1591), (4.0212, 9.1923), (4.0511, 9.7013))
CENTRES = ((4.0503, 9.7002), (4.0447, 9.6911), (3.9, 11.5))
_START = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
# The second differs from the first by what a clock of milliseconds does not see.
MOMENTS = tuple(_START + step for step in (dt.timedelta(), dt.timedelta(microseconds=1), dt.timedelta(seconds=1), dt.timedelta(days=200)))


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Or nothing."""
    return st.none() | strategy


@st.composite
def documents(draw: st.DrawFn, identifier: int | None = None) -> SearchDocument:
    """A document; its words are those of its names, of where it is and of what is said of it."""
    names = draw(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), min_size=1, max_size=2, unique=True))
    said = draw(st.sets(st.sampled_from(WORDS), max_size=3))
    name_terms = {term for name in names for word in name.split() for term in terms_of(word)}
    latitude, longitude = draw(st.sampled_from((*POINTS, (None, None))))
    number = draw(st.integers(0, 2**128 - 1)) if identifier is None else identifier
    return SearchDocument(
        id=uuid.UUID(int=number),
        version=draw(st.integers(1, 5)),
        names=tuple(names),
        name_terms=frozenset(name_terms),
        terms=frozenset(name_terms | {term for word in said for term in terms_of(word)}),
        resource_type=draw(st.sampled_from(TYPES)),
        category=draw(st.sampled_from(CATEGORIES)),
        published_at=draw(st.sampled_from(MOMENTS)),
        plan_rank=draw(st.integers(0, 2)),
        quality=draw(st.integers(0, 3)),
        verified=draw(st.booleans()),
        city=draw(maybe(st.sampled_from(CITIES))),  # type: ignore[arg-type]
        quarter=draw(maybe(st.sampled_from(QUARTERS))),  # type: ignore[arg-type]
        latitude=latitude,
        longitude=longitude,
        attributes=tuple(sorted(draw(st.sets(st.sampled_from(TRAITS), max_size=3)))),
        schedule=draw(maybe(st.sampled_from(SCHEDULES))),  # type: ignore[arg-type]
    )


worlds = st.lists(documents(), max_size=12, unique_by=lambda document: document.id)


def crowd(size: int = 80) -> list[SearchDocument]:
    """The same many documents each time."""
    chance = random.Random(7)  # noqa: S311  not a secret
    made = []
    for _number in range(size):
        names = tuple({" ".join(chance.choices(WORDS, k=chance.randint(1, 3))) for _ in range(chance.randint(1, 2))})
        name_terms = frozenset(term for name in names for word in name.split() for term in terms_of(word))
        latitude, longitude = chance.choice((*POINTS, (None, None)))
        made.append(
            SearchDocument(
                uuid.UUID(int=chance.getrandbits(128)), 1, names, name_terms, name_terms | frozenset(chance.choices(WORDS, k=2)),
                chance.choice(TYPES), chance.choice(CATEGORIES), chance.choice(MOMENTS), chance.randint(0, 2), chance.randint(0, 3),
                chance.random() < 0.5, chance.choice((*CITIES, None)), chance.choice((*QUARTERS, None)), latitude, longitude,
                tuple(sorted(set(chance.choices(TRAITS, k=chance.randint(0, 3))))), chance.choice((*SCHEDULES, None)),
            )
        )  # fmt: skip
    return made


def some(values: Sequence[object], *others: object) -> st.SearchStrategy[object]:
    """No condition, or a few alternatives, or none that anything could meet."""
    return maybe(st.lists(st.sampled_from((*values, *others)), max_size=3, unique=True).map(tuple))


_boxes = st.tuples(st.sampled_from((9.0, 9.70011, 10.5)), st.sampled_from((3.5, 4.0501)), st.sampled_from((9.7415, 11.9, 12.2)),
                   st.sampled_from((4.0607, 6.1))).filter(lambda box: box[0] <= box[2])  # fmt: skip
# None of these radii ends within a metre of a point.
circles = st.builds(Circle, st.sampled_from([4.0503, 4.0447]), st.just(9.7002), st.sampled_from((1.0, 130.0, 900.0, 5_000.0, 50_000.0)))

filters = st.builds(
    Filters,
    categories=some(CATEGORIES, 299), cities=some(CITIES, 4), quarters=some(QUARTERS, uuid.UUID(int=9)), resource_types=some(TYPES),
    plan_ranks=some((0, 1, 2)), verified=maybe(st.booleans()),
    has=st.lists(st.lists(st.sampled_from(TRAITS), min_size=1, max_size=2, unique=True).map(tuple), max_size=2).map(tuple),
    schedules=some(SCHEDULES, 3), bbox=maybe(_boxes), circle=maybe(circles),
)  # fmt: skip


@st.composite
def loose_filters(draw: st.DrawFn) -> Filters:
    """Mostly without conditions: what all of them leave is nearly always nothing."""
    full = draw(filters)
    kept = draw(st.sets(st.sampled_from(Filters.__slots__), max_size=2))
    return Filters(**{name: getattr(full, name) for name in kept})


@st.composite
def questions(draw: st.DrawFn) -> EngineQuery:
    """A question of any kind."""
    words = draw(st.lists(st.sampled_from(WORDS + ABSENT), max_size=3, unique=True))
    groups = tuple(
        Group(
            (*terms_of(word), *draw(st.lists(st.sampled_from(WORDS), max_size=1))),
            categories=draw(st.sampled_from(((), (), (1, 300)))),
            cities=draw(st.sampled_from(((), (), (20,)))),
            quarters=draw(st.sampled_from(((), (), QUARTERS[:1]))),
        )
        for word in words
    )
    order = draw(st.sampled_from(Order))
    centre = draw(st.sampled_from(CENTRES)) if order is Order.DISTANCE or draw(st.booleans()) else None
    return EngineQuery(
        groups=groups,
        minimum=draw(st.none() | st.integers(1, len(groups))) if groups else None,
        whole_name=" ".join(words) if draw(st.booleans()) else "",
        filters=draw(loose_filters()),
        order=order,
        point=centre,
        limit=draw(st.integers(1, 8)),
        offset=draw(st.sampled_from((0, 0, 0, 1, 5))),
        counted_max=draw(st.sampled_from((0, 3, 1000))),
    )


def ids(places: Sequence[Place]) -> list[uuid.UUID]:
    """Their ids in order."""
    return [place.id for place in places]


def same_world(engine: SearchBackend, made: Sequence[SearchDocument]) -> PlainBackend:
    """Make the engine hold exactly these, and return a plain one that does."""
    held = engine.ids_after(None, limit=10_000)
    engine.delete(dict.fromkeys(held, 2**62))
    plain = PlainBackend()
    # An engine may remember for a while what was removed from an index; a new one does not.
    with engine.rebuilding() as write:
        assert write(made) == plain.index(made)
    return plain
