"""Search beside tantivy and beside what one would first write in SQL, over the same made-up places.

Both engines, tantivy and the SQL peers answer in one process, called as the views call them: what the network adds is the same for
all. CPU is that of this process, of its PostgreSQL backend and, of what asks it, of the Elasticsearch node. `search_scenarios.py` has
the questions; `search_stage.py` makes ready what is asked.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg

from benchmarks import runner, search_table
from benchmarks.database import bench_database, figures_of
from ecosysteme import embedded
from ecosysteme.elasticsearch import Node

# The collector and the compiler that a server has by default, and the heap that a million entries leave room in.
NODE = Node(runner.ROOT / "var" / "bench" / "elasticsearch", ("-Xms2g", "-Xmx2g", "-XX:+UseG1GC"))

SMALL, LARGE = 100_000, 1_000_000
# More places than this are several of each (`search_bulk`). As many as the scale make all of them different and rebuild their index.
ORIGINALS = int(os.environ.get("ORIGINALS", "100000"))
# What a run leaves out where a machine has no hour for all of it: "elasticsearch", or scenarios by their names.
WITHOUT = frozenset(filter(None, os.environ.get("WITHOUT", "").split(",")))
# Rounds of each scenario, the first of which is thrown away.
ROUNDS = int(os.environ.get("ROUNDS", "5"))


def run(scale: int) -> bool:
    """Fill, build the indexes, compare, report."""
    with contextlib.ExitStack() as stack:
        environment = stack.enter_context(search_database(scale))
        if "elasticsearch" not in WITHOUT:
            url = stack.enter_context(NODE.running())
            environment |= {"ELASTICSEARCH_URL": url, "ELASTICSEARCH_INDEX_PREFIX": f"bench-{scale}"}
        found = figures_of(f"from benchmarks.search import measure; measure({scale})", environment)
    outcomes = [runner.Outcome(**outcome) for outcome in found]
    if scale == LARGE and (small := runner.RESULTS / f"search-{SMALL}.json").exists():
        outcomes.append(_growth(outcomes, json.loads(small.read_text(encoding="utf-8"))["outcomes"]))
    is_met = runner.report("search", scale, outcomes)
    search_table.write()
    return is_met


@contextlib.contextmanager
def search_database(scale: int) -> Iterator[dict[str, str]]:
    """The environment of a database for this scale; a large one is made of a smaller one, with several of each place."""
    if scale <= ORIGINALS:
        with bench_database(f"ecosysteme_bench_{scale}") as environment:
            yield environment
        return
    name = f"ecosysteme_bench_copies_{scale}"
    with embedded.running(), psycopg.connect(embedded.database_url(), autocommit=True) as connection:
        is_made = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None
        if not is_made:
            with bench_database(f"ecosysteme_bench_{ORIGINALS}") as environment:
                figures_of(f"from benchmarks.search import prepare; prepare({ORIGINALS})", environment)
            connection.execute(f"CREATE DATABASE {name}_new TEMPLATE ecosysteme_bench_{ORIGINALS}")
            with bench_database(f"{name}_new") as environment:
                figures_of(f"from benchmarks.search import multiply; multiply({scale // ORIGINALS})", environment)
            connection.execute(f"ALTER DATABASE {name}_new RENAME TO {name}")
    with bench_database(name) as environment:
        yield environment


def _growth(outcomes: Sequence[runner.Outcome], small: Sequence[Mapping[str, Any]]) -> runner.Outcome:
    """How much the worst class of words with a filter costs more on ten times as many places."""
    kinds = ("rare words", "medium words", "frequent words", "two words", "category and town")
    whole = runner.Outcome(f"worst class of words and filters, p95 at {LARGE:,} and at {SMALL:,}")
    for engine in ("PostgreSQL", "Elasticsearch")[: 1 if "elasticsearch" in WITHOUT else 2]:
        now = max(one.p95_cpu_us[engine] for one in outcomes if one.scenario.startswith(kinds))
        before = max(one["p95_cpu_us"][engine] for one in small if one["scenario"].startswith(kinds))
        whole.cpu_us |= {f"{engine}, {LARGE:,}": now, f"{engine}, {SMALL:,}": before}
    whole.goals = [
        runner.judge(runner.Goal(f"PostgreSQL, {LARGE:,}", f"PostgreSQL, {SMALL:,}", 5.0), whole.cpu_us),
    ]
    return whole


def prepare(scale: int) -> None:
    """Runs in a process of its own: places, their index and the SQL peers."""
    import django  # noqa: PLC0415  the settings are known only in this process

    django.setup()
    from benchmarks import search_stage  # noqa: PLC0415

    search_stage.make_tables(scale)
    print("null")  # noqa: T201  the parent process reads it


def multiply(times: int) -> None:
    """Runs in a process of its own, in a copy of a prepared database: several of each place."""
    import django  # noqa: PLC0415  the settings are known only in this process

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from benchmarks import search_bulk  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    search_bulk.multiply(times)
    print("null")  # noqa: T201  the parent process reads it


def measure(scale: int) -> None:
    """Runs in a process of its own with the settings of the benchmark's database: prints the outcomes in JSON."""
    import django  # noqa: PLC0415  the settings are known only in this process

    django.setup()
    from benchmarks import search_scenarios, search_stage  # noqa: PLC0415

    stage, outcomes = search_stage.prepare(scale)
    for scenario in (*search_scenarios.EVERYTHING, search_stage.memory):
        if scenario.__name__ in WITHOUT:
            continue
        print(f"{scenario.__name__}…", file=sys.stderr, flush=True)  # noqa: T201  a large run takes a quarter of an hour
        outcomes += scenario(stage)
    print(json.dumps([vars(outcome) for outcome in outcomes]))  # noqa: T201  the parent process reads it
