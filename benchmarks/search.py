"""Search beside tantivy and beside what one would first write in SQL, over the same made-up places.

Both engines, tantivy and the SQL peers answer in one process, called as the views call them: what the network adds is the same for
all. CPU is that of this process, of its PostgreSQL backend and, of what asks it, of the Elasticsearch node. `search_scenarios.py` has
the questions; `search_stage.py` makes ready what is asked.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import runner, search_table
from benchmarks.database import bench_database, figures_of
from ecosysteme.elasticsearch import Node

# The collector and the compiler that a server has by default, and the heap that a million entries leave room in.
NODE = Node(runner.ROOT / "var" / "bench" / "elasticsearch", ("-Xms2g", "-Xmx2g", "-XX:+UseG1GC"))

SMALL, LARGE = 100_000, 1_000_000


def run(scale: int) -> bool:
    """Fill, build the indexes, compare, report."""
    with bench_database(f"ecosysteme_bench_{scale}") as environment, NODE.running() as url:
        environment |= {"ELASTICSEARCH_URL": url, "ELASTICSEARCH_INDEX_PREFIX": f"bench-{scale}"}
        found = figures_of(f"from benchmarks.search import measure; measure({scale})", environment)
    outcomes = [runner.Outcome(**outcome) for outcome in found]
    if scale == LARGE and (small := runner.RESULTS / f"search-{SMALL}.json").exists():
        outcomes.append(_growth(outcomes, json.loads(small.read_text(encoding="utf-8"))["outcomes"]))
    is_met = runner.report("search", scale, outcomes)
    search_table.write()
    return is_met


def _growth(outcomes: Sequence[runner.Outcome], small: Sequence[Mapping[str, Any]]) -> runner.Outcome:
    """How much the worst class of words with a filter costs more on ten times as many places."""
    kinds = ("rare words", "medium words", "frequent words", "two words", "category and town")
    whole = runner.Outcome(f"worst class of words and filters, p95 at {LARGE:,} and at {SMALL:,}")
    for engine in ("PostgreSQL", "Elasticsearch"):
        now = max(one.p95_cpu_us[engine] for one in outcomes if one.scenario.startswith(kinds))
        before = max(one["p95_cpu_us"][engine] for one in small if one["scenario"].startswith(kinds))
        whole.cpu_us |= {f"{engine}, {LARGE:,}": now, f"{engine}, {SMALL:,}": before}
    whole.goals = [
        runner.judge(runner.Goal(f"PostgreSQL, {LARGE:,}", f"PostgreSQL, {SMALL:,}", 5.0), whole.cpu_us),
    ]
    return whole


def measure(scale: int) -> None:
    """Runs in a process of its own with the settings of the benchmark's database: prints the outcomes in JSON."""
    import django  # noqa: PLC0415  the settings are known only in this process

    django.setup()
    from benchmarks import search_scenarios, search_stage  # noqa: PLC0415

    stage, outcomes = search_stage.prepare(scale)
    for scenario in (*search_scenarios.EVERYTHING, search_stage.memory):
        print(f"{scenario.__name__}…", file=sys.stderr, flush=True)  # noqa: T201  a large run takes a quarter of an hour
        outcomes += scenario(stage)
    print(json.dumps([vars(outcome) for outcome in outcomes]))  # noqa: T201  the parent process reads it
