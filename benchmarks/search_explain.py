"""Plans of every kind of search on a database of the benchmark, as text for docs/explain: `python -m benchmarks.search_explain 100000`.

Run `make bench ONLY=search SCALE=100000` first; without a scale the database of a million is read. The statements are not written here
again: they are caught while the engine answers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.runner import ROOT
from benchmarks.search import search_database

TARGET = ROOT / "docs" / "explain" / "search.txt"
SHOWN_VALUE = 120


def explain() -> str:
    """Runs with the settings of the large database: for each question its statements, each with its plan, rows and buffers."""
    import django  # noqa: PLC0415  the settings are known only now

    django.setup()
    from django.db import connection  # noqa: PLC0415

    caught: list[tuple[str, Any]] = []

    def catch(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        caught.append((sql, values))
        return execute(sql, values, many, context)

    parts = []
    for name, ask in _shapes().items():
        ask()  # what a process reads once is none of the question's
        caught.clear()
        with connection.execute_wrapper(catch):
            ask()
        parts.append(f"== {name}\n" if caught else f"== {name}\n\nNo statement: what this process holds is enough.\n")
        for sent, values in caught:
            # The engine sends its settings along with each statement.
            for sql in (part for part in sent.split(";") if part.lstrip().upper().startswith(("SELECT", "WITH"))):
                with connection.cursor() as cursor:
                    # As the engine's own settings, which it sends along.
                    cursor.execute("SET jit = off; SET enable_seqscan = off")
                    cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", values)
                    plan = "\n".join(row[0] for row in cursor.fetchall())
                parts.append(f"{' '.join(sql.split())}\n{_shown(values)}\n\n{plan}\n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), current_setting('server_version') FROM resource_search")
        count, version = cursor.fetchone()
    return "\n".join([f"{count:,} entries; PostgreSQL {version}. What the engine asks for 200 candidates and their total.\n", *parts])


def _shown(values: Any) -> str:
    """The values of a statement, long ones cut."""
    pairs = values.items() if isinstance(values, dict) else enumerate(values or ())
    texts = [f"{name}={value!r}" for name, value in pairs]
    return "   " + ", ".join(text if len(text) <= SHOWN_VALUE else f"{text[:SHOWN_VALUE]}…" for text in texts)


def _shapes() -> dict[str, Callable[[], object]]:
    from apps.catalog.models import Category, City  # noqa: PLC0415
    from apps.search.backends.base import Circle, EngineQuery, Filters, Order, Place  # noqa: PLC0415
    from apps.search.backends.postgres import PostgresBackend  # noqa: PLC0415
    from apps.search.selectors import vocabulary  # noqa: PLC0415
    from benchmarks.search_scenarios import BOXES, DOUALA, FACETS, engine_query  # noqa: PLC0415

    engine = PostgresBackend()
    town = Filters(cities=(City.objects.get(slug="douala").number,))
    category = Filters(categories=(Category.objects.get(slug="pharmacies").number,))
    deep = engine.search(EngineQuery(order=Order.PLAN, limit=1, offset=9_999)).places[0]

    def words(text: str, filters: Filters | None = None) -> Callable[[], object]:
        return lambda: engine.search(engine_query(text, filters))

    def listed(**asked: Any) -> Callable[[], object]:
        return lambda: engine.search(EngineQuery(**{"limit": 20, "order": Order.PLAN, **asked}))

    shapes: dict[str, Callable[[], object]] = {
        "a rare word": words("agrovision"),
        "a medium word": words("dentiste"),
        "a frequent word": words("boutique"),
        "two frequent words": words("restaurant douala"),
        "three words": words("quincaillerie confiance mokolo"),
        "a category and a town": words("pharmacie yaounde"),
        "a frequent word in a town": words("boutique", town),
        "a frequent word in a category": words("saint joseph", category),
        "a frequent word, verified": words("boutique", Filters(verified=True)),
        "a frequent word in a box": words("boutique", Filters(bbox=BOXES["crossroads"])),
        "a frequent word, newest first": listed(groups=engine_query("boutique").groups, order=Order.NEWEST),
        "a frequent word, nearest first": listed(groups=engine_query("boutique").groups, order=Order.DISTANCE, point=DOUALA),
        "a medium word, nearest first": listed(groups=engine_query("dentiste").groups, order=Order.DISTANCE, point=DOUALA),
        "some of three words": lambda: engine.search(EngineQuery(**{**_fields(engine_query("boutique dentiste mokolo")), "minimum": 2})),
        "facets of a frequent word": lambda: engine.facets(engine_query("boutique"), FACETS),
        "facets of two frequent words": lambda: engine.facets(engine_query("restaurant douala"), FACETS),
        "facets of a medium word": lambda: engine.facets(engine_query("dentiste"), FACETS),
        "a suggestion of two letters": lambda: engine.suggest("ph", limit=8),
        "a suggestion of seven letters": lambda: engine.suggest("pharmac", limit=8),
        "corrections": lambda: vocabulary.corrections("farmacie", limit=4),
        "completions": lambda: vocabulary.completions("quinc", limit=8),
        "nearby": lambda: engine.nearby(Circle(*DOUALA, 10_000), filters=Filters(), limit=20),
        "nearby, of a category": lambda: engine.nearby(Circle(*DOUALA, 10_000), filters=category, limit=20),
        "the list behind 10,000 others": listed(after=Place(deep.id, plan_rank=deep.plan_rank, published_at=deep.published_at)),
    }
    shapes |= {f"a box: {name}": listed(filters=Filters(bbox=box)) for name, box in BOXES.items()}
    return shapes


def _fields(query: Any) -> dict[str, Any]:
    return {name: getattr(query, name) for name in query.__slots__}


def main() -> None:
    """Write the plans."""
    scale = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with search_database(scale) as environment:
        os.environ |= environment
        text = explain()
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else TARGET
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
