"""Counts of an engine as options that people choose: named in their language, categories counted with what lies below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from apps.catalog.choices import OFFER_LABELS, ListingPlan, ResourceType
from apps.catalog.selectors import PLAN_RANKS
from apps.catalog.selectors.reference import snapshot
from apps.search.backends.base import FacetCounts, FacetValue
from apps.search.questions import FacetOption, SearchQuestion
from apps.search.selectors.conditions import chosen_categories, chosen_places, chosen_quarters

OPTIONS_MAX = 100
Counts = Sequence[tuple[FacetValue, int]]


def facet_options(question: SearchQuestion, found: FacetCounts) -> dict[str, list[FacetOption]]:
    """The options of each facet that the question wants, most hits first. Choosing one gives a list as long as its count says."""
    made = {name: _OPTIONS[name](found.counts.get(name, ()), question) for name in question.facets}
    return {name: sorted(options, key=lambda one: (-one.count, one.value))[:OPTIONS_MAX] for name, options in made.items()}


def _categories(counts: Counts, question: SearchQuestion) -> list[FacetOption]:
    own = dict(counts)
    chosen = set(chosen_categories(question.chosen))
    options = []
    for row in snapshot().categories.values():
        count = sum(own.get(number, 0) for number in row.numbers)
        if count or row.slug in chosen:
            options.append(FacetOption(row.slug, row.name_in(question.language), count, row.slug in chosen))
    return options


def _cities(counts: Counts, question: SearchQuestion) -> list[FacetOption]:
    own = dict(counts)
    kind, slugs = chosen_places(question.chosen)
    chosen = set(slugs) if kind == "city" else set()
    return [
        FacetOption(row.slug, row.name_in(question.language), own.get(row.number, 0), row.slug in chosen)
        for row in snapshot().cities.values()
        if own.get(row.number) or row.slug in chosen
    ]


def _quarters(counts: Counts, question: SearchQuestion) -> list[FacetOption]:
    """By slug: where towns have quarters of one name, the filter means all of them unless a town is chosen, and so does the count."""
    own = dict(counts)
    chosen = set(chosen_quarters(question.chosen))
    summed: Counter[str] = Counter()
    names: dict[str, str] = {}
    for slug, rows in snapshot().quarters.items():
        summed[slug] = sum(own.get(row.id, 0) for row in rows)
        names[slug] = next((row.name for row in rows if row.id in own), rows[0].name)
    return [FacetOption(slug, names[slug], count, slug in chosen) for slug, count in summed.items() if count or slug in chosen]


def _types(counts: Counts, question: SearchQuestion) -> list[FacetOption]:
    return _words(counts, question.chosen.resource_types or (), lambda value: str(ResourceType(value).label))


def _plans(counts: Counts, question: SearchQuestion) -> list[FacetOption]:
    by_rank = {rank: plan for plan, rank in PLAN_RANKS.items()}
    chosen = [by_rank[rank] for rank in question.chosen.plan_ranks or ()]
    return _words([(by_rank[int(str(rank))], count) for rank, count in counts], chosen, lambda value: str(ListingPlan(value).label))


def _verified(counts: Counts, question: SearchQuestion) -> list[FacetOption]:
    chosen = () if question.chosen.verified is None else (str(question.chosen.verified).lower(),)
    return _words([(str(value).lower(), count) for value, count in counts], chosen, lambda value: value)


def _has(counts: Counts, question: SearchQuestion) -> list[FacetOption]:
    known = [(value, count) for value, count in counts if value in OFFER_LABELS]
    return _words(known, [value for group in question.chosen.has for value in group], lambda value: str(OFFER_LABELS[value]))


def _words(counts: Sequence[tuple[FacetValue, int]], chosen: Sequence[str], label: Callable[[str], str]) -> list[FacetOption]:
    own: dict[str, int] = {str(value): count for value, count in counts}
    return [FacetOption(value, label(value), own.get(value, 0), value in chosen) for value in dict.fromkeys([*own, *chosen])]


_OPTIONS: Mapping[str, Callable[[Counts, SearchQuestion], list[FacetOption]]] = {
    "category": _categories, "city": _cities, "quarter": _quarters, "type": _types, "plan": _plans, "verified": _verified, "has": _has,
}  # fmt: skip
