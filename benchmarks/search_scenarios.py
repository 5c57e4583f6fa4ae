"""What is asked of the engines: words by how many places hold them, filters, facets, suggestions, typing errors, circles, boxes, depth.

Each scenario asks every contender the same questions in turn. An engine answers with 200 candidates, which is what the ranking
above it wants; tantivy and the SQL peers with a page of twenty.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps.catalog.models import Category, City
from apps.core.process_cache import clear_process_caches
from apps.search.analysis import STOP_WORDS, folded, forms, sought, terms_of
from apps.search.backends.base import Circle, EngineQuery, Filters, Group, Order, Place, SearchBackend
from apps.search.questions import SearchQuestion
from apps.search.selectors.finding import search
from apps.search.selectors.ranking import CANDIDATES_MAX
from apps.search.selectors.sources import Sources
from apps.search.selectors.suggesting import suggest
from benchmarks.calls import Caller, compare_calls, limit
from benchmarks.peers import engines as peers
from benchmarks.queries import Queries
from benchmarks.runner import Goal, Outcome

POSTGRES, ELASTICSEARCH = "PostgreSQL", "Elasticsearch"
FACETS = ("category", "city", "quarter", "type", "plan", "verified", "has")
DOUALA = (4.0511, 9.7085)
# From a crossroads to the whole country, a piece of sea, and a region where hardly anybody is.
BOXES = {
    "crossroads": (9.6950, 4.0400, 9.7050, 4.0500),
    "town": (9.60, 3.95, 9.85, 4.15),
    "two towns and between": (9.5, 3.7, 11.7, 4.3),
    "country": (8.0, 1.5, 16.5, 13.2),
    "sea": (8.2, 2.2, 8.9, 3.0),
    "far east": (14.6, 2.0, 16.2, 4.0),
    "north": (13.0, 10.0, 15.5, 13.0),
}


@dataclass(frozen=True)
class Stage:
    """Everything that is asked, and when."""

    sources: dict[str, Sources]
    pids: dict[str, Sequence[int]]
    queries: Queries
    tantivy: peers.Tantivy
    ids: Sequence[str]
    at: dt.datetime
    rounds: int = 5

    def engines(self, ask: Callable[[SearchBackend, Any], object], questions: Sequence[object], what: str = "") -> list[Caller]:
        """Every engine with the same questions."""
        return [
            Caller(f"{name}{what}", lambda question, engine=one.engine: ask(engine, question), questions, self.pids[name])
            for name, one in self.sources.items()
        ]

    def peer(self, name: str, call: Callable[[Any], object], questions: Sequence[object], share: float = 1.0) -> Caller:
        """Something in SQL."""
        return Caller(name, call, questions, self.pids[POSTGRES], share)

    def inside(self, name: str, call: Callable[[Any], object], questions: Sequence[object]) -> Caller:
        """Something in this process."""
        return Caller(name, call, questions)

    @property
    def primary_key(self) -> Caller:
        """The limit of what a database can do."""
        return self.peer("primary key", peers.primary_key, self.ids)


def groups_of(text: str) -> tuple[Group, ...]:
    """The words of a text, each by what finds it."""
    return tuple(Group(sought(terms_of(form))) for form in forms(text) if form not in STOP_WORDS)


def engine_query(text: str, filters: Filters | None = None) -> EngineQuery:
    """A question as the ranking asks it."""
    return EngineQuery(
        groups=groups_of(text), whole_name=folded(text), filters=filters or Filters(), order=Order.RELEVANCE,
        limit=CANDIDATES_MAX, counted_max=1_000,
    )  # fmt: skip


def _search(engine: SearchBackend, query: Any) -> object:
    return engine.search(query)


def words(stage: Stage) -> list[Outcome]:
    """Words alone."""
    found = []
    for name, texts in (
        ("rare words", stage.queries.rare), ("medium words", stage.queries.medium), ("frequent words", stage.queries.frequent),
        ("two words", stage.queries.two_words), ("category and town", stage.queries.category_and_town),
    ):  # fmt: skip
        factor = 1.5 if name == "frequent words" else 10.0
        goals = [Goal(POSTGRES, "tantivy", factor)] if "words" in name else []
        if name == "frequent words":
            goals.append(Goal(POSTGRES, "tsvector + ts_rank", 1 / 40))
        callers = [
            *stage.engines(_search, [engine_query(text) for text in texts]),
            *stage.engines(_search, [replace(engine_query(text), limit=20) for text in texts], ", twenty"),
            stage.inside("tantivy", stage.tantivy.page, texts),
            stage.inside("tantivy, 200 candidates", lambda text: stage.tantivy.page(text, wanted=CANDIDATES_MAX), texts),
            stage.peer("tsvector + ts_rank", peers.tsvector_page, texts, share=0.1),
        ]
        found.append(compare_calls(name, callers, goals=goals, rounds=stage.rounds))
    return found


def filters(stage: Stage) -> list[Outcome]:
    """Words with filters: the worst class may take 50 ms."""
    chance = random.Random(3)  # noqa: S311  repeatable, not secret
    towns = dict(City.objects.values_list("name_fr", "number"))
    categories = dict(Category.objects.values_list("slug", "number"))
    found = []
    chosen: dict[str, Callable[[], Filters]] = {
        "a town": lambda: Filters(cities=(towns[chance.choice(stage.queries.towns)],)),
        "a category": lambda: Filters(categories=(categories[chance.choice(stage.queries.categories)],)),
        "a town and a category": lambda: Filters(
            cities=(towns[chance.choice(stage.queries.towns)],), categories=(categories[chance.choice(stage.queries.categories)],)
        ),
        "verified": lambda: Filters(verified=True),
        "two attributes": lambda: Filters(has=(("wifi",), ("delivery", "takeaway"))),
        "a box": lambda: Filters(bbox=chance.choice(list(BOXES.values()))),
    }
    for words_name, texts in (("frequent words", stage.queries.frequent), ("medium words", stage.queries.medium)):
        for name, choose in chosen.items():
            pairs = [(text, choose()) for text in texts]
            callers = stage.engines(_search, [engine_query(text, filters) for text, filters in pairs])
            if name in {"a town", "a category", "a town and a category"}:
                asked = [(text, (one.categories or [None])[0], (one.cities or [None])[0]) for text, one in pairs]
                callers.append(stage.inside("tantivy", stage.tantivy.filtered_page, asked))
            outcome = compare_calls(f"{words_name}, {name}", callers, rounds=stage.rounds)
            limit(outcome, f"{POSTGRES}: p95 at most 50 ms CPU", outcome.p95_cpu_us[POSTGRES], 50_000)
            found.append(outcome)
    return found


def facets(stage: Stage) -> list[Outcome]:
    """Totals and counts."""
    found = []
    for name, texts in (("frequent words", stage.queries.frequent), ("medium words", stage.queries.medium)):
        queries = [engine_query(text) for text in texts]
        callers = [
            *stage.engines(lambda engine, query: engine.facets(query, FACETS), queries, ", all facets"),
            *stage.engines(lambda engine, query: engine.facets(query, ("category", "city")), queries),
            stage.inside("tantivy", stage.tantivy.facets, texts),
            stage.peer("exact count", peers.exact_counts, texts, share=0.1),
        ]
        goals = [Goal(POSTGRES, "tantivy", 1.0), Goal(POSTGRES, "exact count", 0.01)] if name == "frequent words" else []
        found.append(compare_calls(f"facets, {name}", callers, goals=goals, rounds=stage.rounds))
    return found


def suggestions(stage: Stage) -> list[Outcome]:
    """Beginnings of words, and words with a slip."""
    letters = stage.queries.one_letter
    prefixes = [prefix for prefix in stage.queries.prefixes if len(prefix) >= 2]

    def line(name: str) -> Callable[[Any], object]:
        return lambda text: suggest(text, language="fr", limit=8, at=stage.at, sources=stage.sources[name])

    beginnings = compare_calls(
        "suggestions",
        [
            *stage.engines(lambda engine, text: engine.suggest(text, limit=8), prefixes),
            *(Caller(f"{name}, whole answer", line(name), prefixes, stage.pids[name]) for name in stage.sources),
            stage.primary_key,
            stage.peer("prefix scan, one letter", peers.prefix_scan, letters, share=0.2),
            stage.peer("prefix scan", peers.prefix_scan, prefixes, share=0.2),
        ],
        goals=[Goal(POSTGRES, "primary key", 5.0), Goal(POSTGRES, "prefix scan, one letter", 1 / 50)],
        rounds=stage.rounds,
    )
    vocabulary = stage.sources[POSTGRES].vocabulary
    typos = compare_calls(
        "typing errors",
        [
            replace(
                stage.peer("corrections", lambda word: vocabulary.corrections(word, limit=4), stage.queries.typos),
                before=clear_process_caches,
            ),
            stage.primary_key,
            stage.peer("trigrams on names", peers.trigram_names, stage.queries.typos, share=0.2),
        ],
        goals=[Goal("corrections", "primary key", 5.0), Goal("corrections", "trigrams on names", 0.01)],
        rounds=stage.rounds,
    )
    return [beginnings, typos]


def answers(stage: Stage) -> list[Outcome]:
    """The whole answer: what was understood, candidates, ranking, cards of twenty, highlights, with the total, without facets."""
    found = []
    classes = {
        "rare words": stage.queries.rare, "medium words": stage.queries.medium, "frequent words": stage.queries.frequent,
        "two words": stage.queries.two_words, "category and town": stage.queries.category_and_town, "phones": stage.queries.phones,
        "typing errors": stage.queries.typos,
    }  # fmt: skip
    for name, texts in classes.items():
        callers = []
        for engine, sources in stage.sources.items():
            for what, names in (("", ()), (", all facets", FACETS)):
                questions = [SearchQuestion(text=text, facets=names) for text in texts]
                callers.append(
                    Caller(
                        f"{engine}{what}",
                        lambda question, sources=sources: search(question, at=stage.at, sources=sources),
                        questions,
                        stage.pids[engine],
                    )
                )
        outcome = compare_calls(f"whole answer, {name}", callers, rounds=stage.rounds)
        limit(outcome, f"{POSTGRES}: p95 at most 50 ms CPU", outcome.p95_cpu_us[POSTGRES], 50_000)
        found.append(outcome)
    return found


def nearby(stage: Stage) -> list[Outcome]:
    """Around points of a town where a quarter of all places is."""
    points = stage.queries.dense_points
    circles = [Circle(latitude, longitude, 10_000) for latitude, longitude in points]
    callers = [
        *stage.engines(lambda engine, circle: engine.nearby(circle, filters=Filters(), limit=20), circles),
        stage.primary_key,
        stage.peer("earth_box", peers.earth_box, points, share=0.1),
    ]
    goals = [Goal(POSTGRES, "primary key", 15.0), Goal(POSTGRES, "earth_box", 0.01)]
    return [compare_calls("nearby, 10 km in Douala", callers, goals=goals, rounds=stage.rounds)]


def boxes(stage: Stage) -> list[Outcome]:
    """Seven boxes, the order of lists, twenty of each; no single plan is safe in all of them."""
    whole = Outcome("boxes, featured first")
    for name, box in BOXES.items():
        query = EngineQuery(filters=Filters(bbox=box), order=Order.PLAN, limit=20)
        callers = [
            *stage.engines(_search, [query]),
            stage.peer("GiST and sort", peers.box_by_gist, [box], share=0.2),
            stage.peer("walk in order", peers.box_by_order, [box], share=0.2),
        ]
        one = compare_calls(name, callers, rounds=stage.rounds, questions=15)
        whole.cpu_us |= {f"{caller}, {name}": value for caller, value in one.cpu_us.items()}
        whole.p95_cpu_us |= {f"{caller}, {name}": value for caller, value in one.p95_cpu_us.items()}
        whole.wall_us |= {f"{caller}, {name}": value for caller, value in one.wall_us.items()}
        whole.figures |= {f"{name}: {text}": value for text, value in one.figures.items()}
    ours, gist, walk = (max(value for name, value in whole.cpu_us.items() if name.startswith(who)) for who in (POSTGRES, "GiST", "walk"))
    limit(whole, f"{POSTGRES}: worst of seven boxes at most 15 ms CPU", ours, 15_000)
    limit(whole, f"{POSTGRES}: worst box at most 1/30 of the worst of one plan", ours, min(gist, walk) / 30)
    return [whole]


def depth(stage: Stage) -> list[Outcome]:
    """Deep pages: by keyset in the order of lists, by offset where words decide."""
    count = len(stage.ids) and min(200_000, stage.tantivy.searcher.num_docs // 2)
    rows = peers.rows(
        "SELECT id, plan_rank, published_at FROM {entry} ORDER BY plan_rank DESC, published_at DESC, id DESC OFFSET %s LIMIT 1", [count]
    )
    pk, plan_rank, published_at = rows[0]
    first = EngineQuery(order=Order.PLAN, limit=20)
    deep = EngineQuery(order=Order.PLAN, limit=20, after=Place(uuid.UUID(str(pk)), plan_rank=plan_rank, published_at=published_at))
    keyset = compare_calls(
        f"keyset at depth {count:,}",
        [
            *stage.engines(_search, [first], ", first page"),
            *stage.engines(_search, [deep], ", deep page"),
            stage.peer("OFFSET", peers.offset_page, [count], share=0.1),
        ],
        goals=[Goal(f"{POSTGRES}, deep page", f"{POSTGRES}, first page", 2.0), Goal(f"{POSTGRES}, deep page", "OFFSET", 1 / 200)],
        rounds=stage.rounds,
    )
    texts = stage.queries.frequent
    by_offset = compare_calls(
        "frequent words, page at offset 9,980",
        stage.engines(
            _search,
            [EngineQuery(groups=groups_of(text), whole_name=folded(text), order=Order.RELEVANCE, limit=20, offset=9_980) for text in texts],
        ),
        rounds=stage.rounds,
    )
    return [keyset, by_offset]


EVERYTHING = (words, filters, facets, suggestions, answers, nearby, boxes, depth)


def same_answers(stage: Stage) -> dict[str, Any]:
    """The gate beside the figures: boxes and circles hold exactly what plain SQL says, on both engines; raises when not."""
    for name, sources in stage.sources.items():
        for box_name, box in BOXES.items():
            found = sources.engine.search(EngineQuery(filters=Filters(bbox=box), order=Order.PLAN, limit=20))
            expected = [row[0] for row in peers.box_by_gist(box)]
            if [place.id for place in found.places] != expected:
                raise RuntimeError(f"{name} answers the box {box_name} otherwise than plain SQL.")
        for latitude, longitude in stage.queries.dense_points[:10]:
            near = sources.engine.nearby(Circle(latitude, longitude, 10_000), filters=Filters(), limit=20)
            expected = [row[0] for row in peers.earth_box((latitude, longitude))]
            if {place.id for place in near.places} != set(expected):
                raise RuntimeError(f"{name} answers the circle around {latitude}, {longitude} otherwise than plain SQL.")
    return {"boxes as plain SQL": len(BOXES), "circles as plain SQL": 10}
