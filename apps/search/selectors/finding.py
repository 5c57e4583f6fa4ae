"""One question, one answer: candidates, their order, paid places, a page of cards, and everything that helps to ask better."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from apps.catalog import selectors as catalog
from apps.search.analysis import folded, forms
from apps.search.backends.base import Circle, EngineQuery, FacetCounts, Order, Place
from apps.search.distances import great_circle_m
from apps.search.packing import word_key
from apps.search.questions import FoundHit, SearchAnswer, SearchQuestion, Sort, UnderstoodKind
from apps.search.selectors import cursors, reasons
from apps.search.selectors.candidates import Candidates, Finder
from apps.search.selectors.cursors import Start
from apps.search.selectors.facets import facet_options
from apps.search.selectors.highlights import highlights
from apps.search.selectors.names import known_names
from apps.search.selectors.ranking import Asked, Ranked, rank
from apps.search.selectors.reading import Reader, clean
from apps.search.selectors.sources import Sources
from apps.search.selectors.sponsored import place_sponsored
from apps.search.selectors.understanding import as_understood
from apps.search.selectors.ways_out import ways_out

# Deeper than this only a cursor goes.
OFFSET_MAX = 10_000
# Hits whose card is gone are replaced by the following ones, in so many steps at most.
_REFILLS = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """A hit on its way to a page, before its card is read. `passed`: how many hits stand before it."""

    id: uuid.UUID
    passed: int
    place: Place | None = None
    ranked: Ranked | None = None
    is_sponsored: bool = False
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates of a question in their final order; what follows them keeps the engine's."""

    candidates: Candidates
    window: Sequence[Entry]
    engine: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """All of an answer that does not depend on the page, the language and the cards."""

    found: Found
    counts: FacetCounts


def prepare(question: SearchQuestion, *, at: dt.datetime, sources: Sources) -> Prepared:
    """Find, order and count."""
    found = find(question, at=at, sources=sources)
    counts = sources.engine.facets(found.candidates.query, tuple(question.facets)) if question.facets else FacetCounts({})
    return Prepared(found, counts)


def search(question: SearchQuestion, *, at: dt.datetime, sources: Sources, prepared: Callable[..., Prepared] = prepare) -> SearchAnswer:
    """The answer to a question. At most `limit` hits, from `offset` or behind `cursor`.

    :param prepared: `prepare`, or what remembers its values.

    :raises InvalidCursor: the cursor is not ours or of another question.
    :raises CursorExpired: another engine answers now and its order is another one.
    """
    question = _normal(question)
    made = prepared(question, at=at, sources=sources)
    found = made.found
    is_judged = found.candidates.is_judged
    start = Start(min(question.offset, OFFSET_MAX))
    if question.cursor:
        start = cursors.decode(question.cursor, question, engine=found.engine, is_judged=is_judged)
    entries, cards, has_more = _page(found, question, start, sources)
    hits = [_hit(question, found, entry, cards[entry.id], at=at) for entry in entries]
    reading = found.candidates.reading

    def cursor(place: Start) -> str:
        return cursors.encode(place, question, engine=found.engine, is_judged=is_judged)

    following = Start(entries[-1].passed + 1, entries[-1].place) if entries else start
    return SearchAnswer(
        hits=hits,
        total=found.candidates.hits.total,
        is_exact=found.candidates.hits.is_exact,
        next_cursor=cursor(following) if has_more else "",
        previous_cursor=cursor(Start(max(start.passed - question.limit, 0))) if 0 < start.passed <= OFFSET_MAX else "",
        facets=facet_options(question, made.counts),
        did_you_mean=reading.did_you_mean if found.candidates.hits.total else "",
        understood=as_understood(question.text, reading.words, reading.understanding, language=question.language),
        ways_out=ways_out(question, found.candidates, sources=sources),
        is_partial=found.candidates.is_partial,
        engine=found.engine,
    )


def ranked_ids(question: SearchQuestion, *, at: dt.datetime, sources: Sources) -> list[uuid.UUID]:
    """The first candidates in order, whether or not they have cards: for measures over documents that are no entries."""
    return [entry.id for entry in find(_normal(question), at=at, sources=sources).window[: question.limit]]


def nearby(
    circle: Circle,
    *,
    chosen: catalog.CardFilter,
    language: str,
    at: dt.datetime,
    limit: int,
    cursor: str = "",
    offset: int = 0,
    sources: Sources,
) -> SearchAnswer:
    """What lies in a circle, nearest first."""
    question = SearchQuestion(
        chosen=chosen, sort=Sort.DISTANCE, language=language, circle=circle, limit=limit, cursor=cursor, offset=offset,
    )  # fmt: skip
    return search(question, at=at, sources=sources)


def _normal(question: SearchQuestion) -> SearchQuestion:
    """With text that can be searched, and the circle's centre to measure from when no point is given."""
    circle = question.circle
    point = question.point or ((circle.latitude, circle.longitude) if circle else None)
    return replace(question, text=clean(question.text), point=point)


def find(question: SearchQuestion, *, at: dt.datetime, sources: Sources) -> Found:
    """The candidates of a question, in their final order."""
    names = known_names()
    finder = Finder(question, at, sources, names)
    if forms(question.text):
        candidates = finder.find(Reader(question.text, names, sources.synonyms, sources.vocabulary, question.understand))
    else:
        candidates = finder.without_words(question.text)
    places = candidates.hits.places
    if not candidates.is_judged:
        is_paid = candidates.query.order is Order.PLAN
        window = [
            Entry(place.id, passed, place, None, is_paid and place.plan_rank > 0, place.distance_m) for passed, place in enumerate(places)
        ]
        return Found(candidates, window, sources.engine.name)
    rows = sources.packed_documents([place.id for place in places])
    reading = candidates.reading
    quarter = reading.understanding.first(UnderstoodKind.QUARTER)
    asked = Asked(
        groups=reading.groups,
        whole_name=[word_key(form) for form in forms(question.text)],
        document_count=sources.vocabulary.document_count(),
        at=at,
        point=candidates.query.point,
        quarters=frozenset(pk for meaning in quarter.meanings for pk in meaning.quarters) if quarter else frozenset(),
    )
    placed = place_sponsored(rank(asked, rows), query=folded(question.text), at=at)
    window = [
        # What a place rests on is kept only for who asks why.
        Entry(one.ranked.id, passed, None, one.ranked if question.explain else None, one.is_sponsored)
        for passed, one in enumerate(placed)
    ]
    if window:
        # Behind the window the engine's own order goes on from its last candidate.
        window[-1] = replace(window[-1], place=places[-1])
    return Found(candidates, window, sources.engine.name)


def _page(
    found: Found, question: SearchQuestion, start: Start, sources: Sources
) -> tuple[list[Entry], dict[uuid.UUID, catalog.Card], bool]:
    """Entries of a page with their cards; those that are no longer published are passed over and replaced by what follows."""
    entries: list[Entry] = []
    cards: dict[uuid.UUID, catalog.Card] = {}
    for _ in range(_REFILLS):
        wanted = question.limit - len(entries)
        some, has_more = _entries(found, start, wanted, sources)
        cards |= {card.id: card for card in catalog.cards_by_ids([entry.id for entry in some], language=question.language)}
        entries += [entry for entry in some if entry.id in cards]
        if len(entries) >= question.limit or not has_more or not some:
            return entries, cards, has_more
        start = Start(some[-1].passed + 1, some[-1].place)
    return entries, cards, has_more


def _entries(found: Found, start: Start, limit: int, sources: Sources) -> tuple[list[Entry], bool]:
    """The next entries behind a place, and whether more follow."""
    window, hits = found.window, found.candidates.hits
    if start.passed < len(window) and (start.place is None or found.candidates.is_judged or window[start.passed - 1].place == start.place):
        some = list(window[start.passed : start.passed + limit])
        return some, start.passed + len(some) < len(window) or hits.has_more
    if start.place is None and not hits.has_more:
        return [], False
    query = _rest(found.candidates.query, start, limit)
    more = sources.engine.search(query)
    return [Entry(place.id, start.passed + number, place, None, False, place.distance_m) for number, place in enumerate(more.places)], (
        more.has_more
    )


def _rest(query: EngineQuery, start: Start, limit: int) -> EngineQuery:
    """What follows the window, in the engine's order."""
    query = replace(query, limit=limit, counted_max=0)
    return replace(query, after=start.place) if start.place is not None else replace(query, offset=start.passed)


def _hit(question: SearchQuestion, found: Found, entry: Entry, card: catalog.Card, *, at: dt.datetime) -> FoundHit:
    data = card.data(at)
    distance = entry.distance_m
    if distance is None and question.point is not None and data["latitude"] is not None:
        distance = great_circle_m(float(data["latitude"]), float(data["longitude"]), question.point)
    hit = FoundHit(
        card=card,
        distance_m=None if distance is None else round(distance),
        is_sponsored=entry.is_sponsored,
        highlights=highlights(data, found.candidates.reading.groups),
        place=entry.place,
    )
    if not question.explain:
        return hit
    told = reasons.reasons(entry.ranked, hit, found.candidates, data)
    return replace(hit, reasons=told)
