"""What a person or program asks of the search, and what it is answered: the words that pages, the API and reports share."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from apps.catalog import selectors as catalog
from apps.search.backends.base import Circle, Place


class Sort(enum.StrEnum):
    """The orders that can be asked for. `RELEVANCE` without words is the order of lists."""

    RELEVANCE = "relevance"
    DISTANCE = "distance"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class SearchQuestion:
    """One question, whoever asks it.

    :ivar text: as typed. :ivar chosen: filters, from `catalog.card_filter`; its `open_now` is honoured at `at`.
    :ivar circle: keep only what lies in it. :ivar point: (latitude, longitude) to measure from; the circle's centre by default.
    :ivar cursor: from a former answer to the same question; `offset` passes over hits instead. At most one of them.
    :ivar facets: names of `backends.base.FACETS` to count.
    :ivar explain: say why each hit is where it is.
    :ivar counted_max: how far the total is counted.
    :ivar understand: whether words may become a category, a place or a condition.
    :ivar location: the typed place that `chosen` or `circle` comes from, for the ways out; "" when it was chosen otherwise.
    """

    text: str = ""
    chosen: catalog.CardFilter = field(default_factory=catalog.CardFilter)
    sort: Sort = Sort.RELEVANCE
    language: str = "fr"
    circle: Circle | None = None
    point: tuple[float, float] | None = None
    limit: int = 20
    offset: int = 0
    cursor: str = ""
    facets: Sequence[str] = ()
    explain: bool = False
    counted_max: int = 1_000
    understand: bool = True
    location: str = ""


class UnderstoodKind(enum.StrEnum):
    """What a part of the words was understood as."""

    CATEGORY = "category"
    CITY = "city"
    QUARTER = "quarter"
    REGION = "region"
    LANDMARK = "landmark"
    OPEN_NOW = "open_now"
    DUTY = "duty"
    NEAR_ME = "near_me"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Understood:
    """A part of the words and what it means: `value` is a slug, or "true"; `without` is the text when this part is taken out."""

    kind: UnderstoodKind
    value: str
    name: str
    start: int
    end: int
    without: str


@dataclass(frozen=True, slots=True)
class Highlight:
    """Where the words stand in a text of the answer: ranges [start, end) in code points of that member."""

    member: str
    ranges: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for the place of a hit: a stable code, and a plain sentence in the asked language."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class FoundHit:
    """A published entry that answers. `is_sponsored`: it stands here because it pays, and is labelled."""

    card: catalog.Card
    distance_m: int | None = None
    is_sponsored: bool = False
    highlights: Sequence[Highlight] = ()
    reasons: Sequence[Reason] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class FacetOption:
    """A value that can be chosen: slug or word, its name, and how many hits would be left."""

    value: str
    name: str
    count: int
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """A condition that may be given up: `drop` is the parameter, `value` what it is now."""

    drop: str
    value: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """A condition whose removal gives hits, and how many; with it goes what stands in `also`, when none helps alone."""

    drop: str
    value: str
    count: int
    also: Sequence[Dropped] = ()


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """A page of hits with everything that helps to ask better.

    :ivar total: exact when `is_exact`, else "at least". :ivar next_cursor: of the following page, "" when there is none.
    :ivar did_you_mean: the text with its misspelt words put right, "" when nothing was to be put right.
    :ivar ways_out: for an empty answer, nearest first.
    :ivar is_partial: no entry holds all the words; hits hold some.
    :ivar engine: which engine found the hits.
    """

    hits: Sequence[FoundHit]
    total: int = 0
    is_exact: bool = True
    next_cursor: str = ""
    previous_cursor: str = ""
    facets: Mapping[str, Sequence[FacetOption]] = field(default_factory=dict)
    did_you_mean: str = ""
    understood: Sequence[Understood] = ()
    ways_out: Sequence[WayOut] = ()
    is_partial: bool = False
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """The place and the category that a search asked for, as slugs; "" for none. A quarter always has its town."""

    city: str = ""
    quarter: str = ""
    category: str = ""


NOWHERE = Where()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A line under the search box. `kind` is resource, category, city, quarter or region; `slug` its address part."""

    kind: str
    name: str
    slug: str
    detail: str = ""
    id: uuid.UUID | None = None
    city: str = ""
