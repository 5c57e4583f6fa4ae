"""Search beside tantivy and beside what one would first write in SQL, over the same made-up places.

Engines, tantivy and the SQL peers answer in one process, called as the views call them: what the network adds is the same for
all. CPU is that of this process and of its PostgreSQL backend. `search_scenarios.py` has the questions; `search_stage.py` makes
ready what is asked, and has one place where a further engine joins.
"""

from __future__ import annotations

import json

from benchmarks import runner
from benchmarks.database import bench_database, figures_of


def run(scale: int) -> bool:
    """Fill, build the indexes, compare, report."""
    with bench_database(f"ecosysteme_bench_{scale}") as environment:
        found = figures_of(f"from benchmarks.search import measure; measure({scale})", environment)
    return runner.report("search", scale, [runner.Outcome(**outcome) for outcome in found])


def measure(scale: int) -> None:
    """Runs in a process of its own with the settings of the benchmark's database: prints the outcomes in JSON."""
    import django  # noqa: PLC0415  the settings are known only in this process

    django.setup()
    from benchmarks import search_scenarios, search_stage  # noqa: PLC0415

    stage, outcomes = search_stage.prepare(scale)
    for scenario in search_scenarios.EVERYTHING:
        outcomes += scenario(stage)
    print(json.dumps([vars(outcome) for outcome in outcomes]))  # noqa: T201  the parent process reads it
