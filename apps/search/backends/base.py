"""What an engine must do, in words of neither. An engine finds candidates, counts and measures; it does not judge.

Words are ready terms (`apps.search.analysis`), places and categories short keys, so that both engines hold the same thing
and answer the same. What the words of a query may mean, and which of the candidates is best, is decided above
(`apps.search.selectors`): one rule for both.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from apps.search.documents import SearchDocument

# Facets and totals are exact up to here; above, an engine may stop counting and says so.
COUNTED_MAX = 20_000


class EngineUnavailable(Exception):
    """The engine does not answer, or not in time: ask the other one. The message is for logs."""


class Order(enum.StrEnum):
    """How hits follow each other. The id, descending, settles every tie.

    `RELEVANCE` is coarse: the whole name is the query; all words in name or category; all words anywhere; fewer words.
    Within each, nearest first when a point is given, else the most complete.
    """

    RELEVANCE = "relevance"
    PLAN = "plan"  # plan rank, then publication, both descending: the order of lists
    NEWEST = "newest"  # publication, descending
    DISTANCE = "distance"  # metres from `point`, ascending; what has no position is not found


class Tier(enum.IntEnum):
    """How a hit holds the words, for `Order.RELEVANCE`."""

    PARTLY = 0
    ANYWHERE = 1
    IN_NAME = 2
    WHOLE_NAME = 3


@dataclass(frozen=True, slots=True)
class Group:
    """One word of the query: a hit holds it when it holds any of its terms, or lies in any of its categories or places.

    `terms` are plain terms, the most important first: stems, or the form where it has none (`analysis.sought`), synonyms, corrections.
    """

    terms: tuple[str, ...]
    categories: tuple[int, ...] = ()
    cities: tuple[int, ...] = ()
    quarters: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything within `radius_m` metres of a point in degrees."""

    latitude: float
    longitude: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions on hits, all of which hold. None is no condition; an empty tuple is one that nothing meets.

    Alternatives within each; `has` is a conjunction of alternatives. `bbox` is (west, south, east, north) in degrees, west
    ≤ east. `schedules` are those that are open now (`apps.search.documents.SearchDocument.schedule`).
    """

    categories: tuple[int, ...] | None = None
    cities: tuple[int, ...] | None = None
    quarters: tuple[uuid.UUID, ...] | None = None
    resource_types: tuple[str, ...] | None = None
    plan_ranks: tuple[int, ...] | None = None
    verified: bool | None = None
    has: tuple[tuple[str, ...], ...] = ()
    schedules: tuple[int, ...] | None = None
    bbox: tuple[float, float, float, float] | None = None
    circle: Circle | None = None

    @property
    def is_impossible(self) -> bool:
        """Whether nothing can meet it."""
        return () in (self.categories, self.cities, self.quarters, self.resource_types, self.plan_ranks, self.schedules)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the values that order hits, and the id. Each order fills what it compares."""

    id: uuid.UUID
    tier: int = 0
    quality: int = 0
    plan_rank: int = 0
    published_at: dt.datetime | None = None
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class EngineQuery:
    """What is asked of an engine.

    :ivar groups: words, all of which a hit must hold, or `minimum` of them when it is given. None: the filters alone decide.
    :ivar whole_name: the folded query (`analysis.folded`), for the first tier; "" has no such tier.
    :ivar point: (latitude, longitude) to measure from, for `DISTANCE`, and for `RELEVANCE` near a place.
    :ivar after: the place of the last hit before the page. :ivar offset: hits to pass over; not with `after`.
    :ivar counted_max: how far `Hits.total` counts; 0 counts nothing.
    """

    groups: tuple[Group, ...] = ()
    minimum: int | None = None
    whole_name: str = ""
    filters: Filters = field(default_factory=Filters)
    order: Order = Order.PLAN
    point: tuple[float, float] | None = None
    limit: int = 20
    offset: int = 0
    after: Place | None = None
    counted_max: int = 0


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of hits in order. `total` counts all of them; `is_exact` is false when it stopped counting."""

    places: Sequence[Place]
    total: int = 0
    is_exact: bool = True
    has_more: bool = False


FACETS = ("category", "city", "quarter", "type", "plan", "verified", "has")
FacetValue = int | str | bool | uuid.UUID


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Values with the number of hits that have them, most first, then by value. Only what something has.

    `category`, `city` and `plan` by short key (of the entry itself, not of its ancestors), `quarter` by id.
    """

    counts: Mapping[str, Sequence[tuple[FacetValue, int]]]
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """`documents` is how many are held, None when the engine does not answer."""

    is_up: bool
    documents: int | None = None
    detail: str = ""


class SearchBackend(Protocol):
    """An engine. Every method may raise `EngineUnavailable`; every read ends within the engine's own time limit."""

    name: str

    def index(self, documents: Sequence[SearchDocument]) -> int:
        """Write documents, at most 1,000; one that is older than what is held is passed over. Returns how many were written."""

    def delete(self, versions: Mapping[uuid.UUID, int]) -> int:
        """Remove documents unless what is held is newer than the version given. Returns how many went."""

    def rebuilding(self) -> AbstractContextManager[Callable[[Sequence[SearchDocument]], int]]:
        """Write every document anew with the function it gives, while the former ones serve; they are gone when the block ends."""

    def is_current(self) -> bool:
        """Whether what it holds has the form that this version of the code writes; false when it holds nothing yet."""

    def search(self, query: EngineQuery) -> Hits:
        """The hits of a query."""

    def nearby(self, circle: Circle, *, filters: Filters, limit: int, after: Place | None = None) -> Hits:
        """What lies in a circle, nearest first."""

    def facets(self, query: EngineQuery, names: Sequence[str]) -> FacetCounts:
        """Counts of each named facet among the hits of a query without that facet's own filter.

        `has` keeps its filter: it is a conjunction, so a count says what is left when one more is asked for.
        """

    def suggest(self, prefix: str, *, limit: int) -> Sequence[uuid.UUID]:
        """Entries of which some word begins the folded prefix, the best first: name begins with it, then weight, then id."""

    def health(self) -> Health:
        """Whether it answers; never raises."""

    def versions(self, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
        """Versions of these documents, of those that are held; for the drift check."""

    def ids_after(self, last: uuid.UUID | None, *, limit: int) -> Sequence[uuid.UUID]:
        """Ids of what is held, ascending; for the drift check."""
