"""For an answer without hits: which condition to drop, or which two, and what would be found then."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps.catalog.choices import ListingPlan
from apps.catalog.selectors import PLAN_RANKS
from apps.search.backends.base import EngineQuery, Filters
from apps.search.questions import Dropped, SearchQuestion, WayOut
from apps.search.selectors.candidates import ON_DUTY, Candidates
from apps.search.selectors.conditions import chosen_categories, chosen_places, chosen_quarters
from apps.search.selectors.sources import Sources

COUNTED_MAX = 1_000
# An empty answer costs so many further questions at most. Pairs are asked only when no single condition helps.
WAYS_MAX, PAIRS_MAX = 12, 15
# So many pairs are enough to choose from.
PAIRS_TOLD = 3


@dataclass(frozen=True, slots=True)
class _Condition:
    """A condition of a question, and the question without it."""

    told: Dropped
    drop: Callable[[EngineQuery], EngineQuery]


def ways_out(question: SearchQuestion, candidates: Candidates, *, sources: Sources) -> list[WayOut]:
    """Ways that lead to something, nearest to the question first. Conditions that were let go are told though there are hits."""
    total = candidates.hits.total
    if total:
        return [WayOut(kind, "true", total) for kind in candidates.let_go]
    conditions = list(_conditions(question, candidates.query))[:WAYS_MAX]
    singles = _leading_somewhere([(one,) for one in conditions], candidates.query, sources)
    # Pairs whose harder half is given up most easily first: those with the words come last.
    pairs = sorted(itertools.combinations(range(len(conditions)), 2), key=lambda pair: (max(pair), pair))[:PAIRS_MAX]
    doubles = _leading_somewhere([(conditions[one], conditions[other]) for one, other in pairs], candidates.query, sources)
    return list(singles) or list(itertools.islice(doubles, PAIRS_TOLD))


def _leading_somewhere(tried: Sequence[Sequence[_Condition]], query: EngineQuery, sources: Sources) -> Iterator[WayOut]:
    """What is found without each of these sets of conditions, when something is."""
    for conditions in tried:
        wide = query
        for condition in conditions:
            wide = condition.drop(wide)
        hits = sources.engine.search(replace(wide, limit=1, counted_max=COUNTED_MAX, after=None, offset=0))
        if hits.total:
            first, *others = (condition.told for condition in conditions)
            yield WayOut(first.drop, first.value, hits.total, tuple(others))


def _conditions(question: SearchQuestion, query: EngineQuery) -> Iterator[_Condition]:
    """The conditions of a question: what one gives up most easily first, the words last."""
    chosen, filters = question.chosen, query.filters

    def condition(drop: str, value: str, **kept: Any) -> _Condition:
        return _Condition(Dropped(drop, value), lambda asked: replace(asked, filters=replace(asked.filters, **kept)))

    if filters.schedules is not None:
        yield condition("open_now", "true", schedules=None)
    for group in filters.has:
        name = "duty" if group == (ON_DUTY,) and group not in chosen.has else "has"
        yield _Condition(Dropped(name, ",".join(group)), _without_attributes(group))
    if filters.verified is not None:
        yield condition("verified", str(filters.verified).lower(), verified=None)
    if filters.plan_ranks is not None:
        by_rank = {rank: str(ListingPlan(plan)) for plan, rank in PLAN_RANKS.items()}
        yield condition("plan", ",".join(by_rank[rank] for rank in filters.plan_ranks), plan_ranks=None)
    yield from _places(question, filters, condition)
    if filters.resource_types is not None:
        yield condition("type", ",".join(filters.resource_types), resource_types=None)
    if chosen.categories is not None:
        yield condition("category", ",".join(chosen_categories(chosen)), categories=None)
    if question.text.strip():
        yield _Condition(Dropped("q", question.text), lambda asked: replace(asked, groups=(), minimum=None, whole_name=""))


def _places(question: SearchQuestion, filters: Filters, condition: Callable[..., _Condition]) -> Iterator[_Condition]:
    """Conditions on where; the smallest first."""
    chosen = question.chosen
    if question.location:
        # It gave the towns, the quarter or the circle, and goes with them.
        yield condition("location", question.location, cities=None, quarters=None, circle=None)
    elif filters.circle is not None:
        yield condition("radius", f"{filters.circle.radius_m:.0f}", circle=None)
    if filters.bbox is not None:
        yield condition("bbox", ",".join(f"{degrees:g}" for degrees in filters.bbox), bbox=None)
    if filters.quarters is not None and not question.location:
        yield condition("quarter", ",".join(chosen_quarters(chosen)), quarters=None)
    if filters.cities is not None and not question.location:
        kind, slugs = chosen_places(chosen)
        yield condition(kind, ",".join(slugs), cities=None, quarters=None)


def _without_attributes(group: Sequence[str]) -> Callable[[EngineQuery], EngineQuery]:
    def drop(asked: EngineQuery) -> EngineQuery:
        kept = tuple(other for other in asked.filters.has if other != group)
        return replace(asked, filters=replace(asked.filters, has=kept))

    return drop
