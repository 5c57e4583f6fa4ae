"""How good the answers are: `make bench ONLY=relevance` scores the judged sets on every engine and writes the table of the groups."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from benchmarks.database import bench_database, figures_of
from benchmarks.runner import RESULTS
from ecosysteme import elasticsearch

README = RESULTS.parent / "README.md"
BEGIN, END = "<!-- relevance: written by make bench ONLY=relevance -->\n", "<!-- /relevance -->\n"
SETS = {"demonstration catalogue": "demonstration", "2,000 made-up places": "made_up"}
NDCG_MIN, DIFFERENCE_MAX = 0.90, 0.03

Told = Mapping[str, Mapping[str, Any]]


def run(_scale: int) -> bool:
    """Score both sets; False when an engine is below the gate, or the engines differ too much."""
    told: dict[str, Told] = {}
    for title, function in SETS.items():
        with bench_database("ecosysteme_bench_relevance", is_fresh=True) as environment, elasticsearch.own_node().running() as url:
            own = environment | {"ELASTICSEARCH_URL": url, "ELASTICSEARCH_INDEX_PREFIX": "bench-relevance"}
            told[title] = figures_of(f"from benchmarks.relevance.stage import {function}; {function}()", own)
    table = "\n".join(line for title, engines in told.items() for line in _table(title, engines))
    print(table, flush=True)  # noqa: T201  the runner's output
    data = {"area": "relevance", "at": time.strftime("%Y-%m-%d"), "sets": told}
    (RESULTS / "relevance.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    return all(_is_met(engines) for engines in told.values())


def _is_met(engines: Told) -> bool:
    means = [figures["nDCG@10"] for figures in engines.values()]
    return bool(min(means) >= NDCG_MIN and max(means) - min(means) <= DIFFERENCE_MAX)


def _table(title: str, engines: Told) -> list[str]:
    """A table of Markdown: for each group the queries and nDCG@10 by engine, then the means of all measures."""
    groups: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for engine, figures in engines.items():
        for query, scores in figures["per_query"].items():
            groups[query.split("-")[0]][engine].append(scores["nDCG@10"])
    lines = [f"### {title[0].upper()}{title[1:]}", ""]
    lines += [f"| nDCG@10 | queries | {' | '.join(engines)} |", f"|---|---:|{'---:|' * len(engines)}"]
    for group, scores in groups.items():
        count = len(next(iter(scores.values())))
        lines.append(f"| {group} | {count} | " + " | ".join(f"{sum(scores[engine]) / count:.3f}" for engine in engines) + " |")
    count = next(iter(engines.values()))["queries"]
    for measure in ("nDCG@10", "MRR@10", "recall@10"):
        lines.append(f"| **all, {measure}** | {count} | " + " | ".join(f"{figures[measure]:.3f}" for figures in engines.values()) + " |")
    return [*lines, ""]
