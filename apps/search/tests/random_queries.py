"""Random documents and questions over a small world, in which everything collides with everything."""

from __future__ import annotations

import datetime as dt
import uuid

from hypothesis import strategies as st

from apps.search.backends.base import Circle, EngineQuery, Filters, Group, Order
from apps.search.documents import SearchDocument

AT = dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.UTC)
# What is no word of letters alone has no stems: each is a term by itself.
WORDS = ("2pharmacie", "2pharma", "du", "2soleil", "2sol", "2akwa", "~pharmac", "2hotel")
QUARTERS = tuple(uuid.UUID(int=number) for number in (901, 902))
ATTRIBUTES = ("wifi", "cash", 'a"b')
# Few values of each, so that ties are common; a pole, the date line and the same spot among the positions.
_positions = st.sampled_from(
    [(4.05, 9.7), (4.05, 9.7), (4.06, 9.71), (4.3, 9.2), (-3.0, 179.9), (-3.0, -179.95), (89.9, 12.0), (0.5, -60.0)]
)
_names = st.lists(st.sampled_from(WORDS[:6]), min_size=1, max_size=3).map(" ".join)
_categories, _cities = st.integers(1, 3), st.integers(1, 3)


@st.composite
def documents(draw: st.DrawFn) -> list[SearchDocument]:
    """Up to twenty entries."""
    ids = draw(st.lists(st.integers(1, 60), min_size=1, max_size=20, unique=True))
    return [draw(_document(uuid.UUID(int=number << 64))) for number in ids]


@st.composite
def _document(draw: st.DrawFn, pk: uuid.UUID) -> SearchDocument:
    names = tuple(dict.fromkeys(draw(st.lists(_names, min_size=1, max_size=2))))
    own = {word for name in names for word in name.split(" ")} | draw(st.sets(st.sampled_from(WORDS), max_size=1))
    position = draw(st.none() | _positions)
    return SearchDocument(
        id=pk,
        version=draw(st.integers(1, 3)),
        names=names,
        name_terms=frozenset(own),
        terms=frozenset(own | draw(st.sets(st.sampled_from(WORDS), max_size=3))),
        resource_type=draw(st.sampled_from(["business", "api"])),
        category=draw(_categories),
        published_at=AT - dt.timedelta(microseconds=draw(st.integers(0, 3))),
        plan_rank=draw(st.integers(0, 2)),
        quality=draw(st.sampled_from([0, 40, 41])),
        verified=draw(st.booleans()),
        city=draw(st.none() | _cities),
        quarter=draw(st.none() | st.sampled_from(QUARTERS)),
        latitude=position[0] if position else None,
        longitude=position[1] if position else None,
        attributes=tuple(sorted(draw(st.sets(st.sampled_from(ATTRIBUTES), max_size=2)))),
        schedule=draw(st.none() | st.integers(1, 3)),
        packed=b"packed",
    )


def _some(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(values, max_size=2, unique=True).map(tuple)


groups = st.builds(
    Group,
    terms=_some(st.sampled_from(WORDS)),
    categories=st.just(()) | _some(_categories),
    cities=st.just(()) | _some(_cities),
    quarters=st.just(()) | _some(st.sampled_from(QUARTERS)),
)
_circles = st.builds(
    lambda position, radius_m: Circle(position[0], position[1], radius_m),
    _positions,
    st.sampled_from([0.0, 1_500.0, 90_000.0, 5_000_000.0, 2e7]),
)
_boxes = st.builds(lambda a, b: (min(a[1], b[1]), min(a[0], b[0]), max(a[1], b[1]), max(a[0], b[0])), _positions, _positions)
filters = st.builds(
    Filters,
    categories=st.none() | _some(_categories),
    cities=st.none() | _some(_cities),
    quarters=st.none() | st.none() | _some(st.sampled_from(QUARTERS)),
    resource_types=st.none() | st.none() | _some(st.sampled_from(["business", "api"])),
    plan_ranks=st.none() | st.none() | _some(st.integers(0, 2)),
    verified=st.none() | st.booleans(),
    has=st.just(()) | st.lists(_some(st.sampled_from(ATTRIBUTES)), max_size=2).map(tuple),
    schedules=st.none() | st.none() | _some(st.integers(1, 3)),
    bbox=st.none() | st.none() | _boxes,
    circle=st.none() | st.none() | _circles,
)
queries = st.builds(
    EngineQuery,
    groups=st.just(()) | st.lists(groups, max_size=3).map(tuple),
    minimum=st.none() | st.integers(0, 4),
    whole_name=st.just("") | _names,
    filters=st.just(Filters()) | filters,
    order=st.sampled_from(Order),
    point=st.none() | _positions,
    limit=st.integers(1, 6),
    offset=st.just(0) | st.integers(0, 4),
    counted_max=st.sampled_from([0, 1, 5, 1000]),
)
