"""For an answer without hits: which condition to drop, and what would be found then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from apps.catalog.choices import ListingPlan
from apps.catalog.selectors import PLAN_RANKS
from apps.search.backends.base import EngineQuery, Filters
from apps.search.questions import SearchQuestion, WayOut
from apps.search.selectors.candidates import ON_DUTY, Candidates
from apps.search.selectors.conditions import chosen_categories, chosen_places, chosen_quarters
from apps.search.selectors.sources import Sources

COUNTED_MAX = 1_000
WAYS_MAX = 12


def ways_out(question: SearchQuestion, candidates: Candidates, *, sources: Sources) -> list[WayOut]:
    """Ways that lead to something, nearest to the question first. Conditions that were let go are told though there are hits."""
    total = candidates.hits.total
    if total:
        return [WayOut(kind, "true", total) for kind in candidates.let_go]
    made = []
    for drop, value, query in list(_queries(question, candidates.query))[:WAYS_MAX]:
        hits = sources.engine.search(replace(query, limit=1, counted_max=COUNTED_MAX, after=None, offset=0))
        if hits.total:
            made.append(WayOut(drop, value, hits.total))
    return made


def _queries(question: SearchQuestion, query: EngineQuery) -> Iterator[tuple[str, str, EngineQuery]]:
    """The question without one of its conditions: what one gives up most easily first, the words last."""
    chosen, filters = question.chosen, query.filters

    def without(drop: str, value: str, kept: Filters) -> tuple[str, str, EngineQuery]:
        return drop, value, replace(query, filters=kept)

    if filters.schedules is not None:
        yield without("open_now", "true", replace(filters, schedules=None))
    for group in filters.has:
        name = "duty" if group == (ON_DUTY,) and group not in chosen.has else "has"
        yield without(name, ",".join(group), replace(filters, has=tuple(other for other in filters.has if other != group)))
    if filters.verified is not None:
        yield without("verified", str(filters.verified).lower(), replace(filters, verified=None))
    if filters.plan_ranks is not None:
        by_rank = {rank: str(ListingPlan(plan)) for plan, rank in PLAN_RANKS.items()}
        yield without("plan", ",".join(by_rank[rank] for rank in filters.plan_ranks), replace(filters, plan_ranks=None))
    if question.location:
        # It gave the towns, the quarter or the circle, and goes with them.
        yield without("location", question.location, replace(filters, cities=None, quarters=None, circle=None))
    elif filters.circle is not None:
        yield without("radius", f"{filters.circle.radius_m:.0f}", replace(filters, circle=None))
    if filters.bbox is not None:
        yield without("bbox", ",".join(f"{degrees:g}" for degrees in filters.bbox), replace(filters, bbox=None))
    if filters.quarters is not None and not question.location:
        yield without("quarter", ",".join(chosen_quarters(chosen)), replace(filters, quarters=None))
    if filters.cities is not None and not question.location:
        kind, slugs = chosen_places(chosen)
        yield without(kind, ",".join(slugs), replace(filters, cities=None, quarters=None))
    if filters.resource_types is not None:
        yield without("type", ",".join(filters.resource_types), replace(filters, resource_types=None))
    if chosen.categories is not None:
        yield without("category", ",".join(chosen_categories(chosen)), replace(filters, categories=None))
    if question.text.strip():
        yield "q", question.text, replace(query, groups=(), minimum=None, whole_name="")
