"""The tables of search in README.md, from the kept results: `python -m benchmarks.search_table`; every run of the area writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.runner import RESULTS

README = RESULTS.parent / "README.md"
BEGIN, END = "<!-- search: written by make bench ONLY=search -->\n", "<!-- /search -->\n"
SCALES = (100_000, 1_000_000)
ENGINES = ("PostgreSQL", "Elasticsearch")

Outcome = Mapping[str, Any]


def write() -> None:
    """Put the tables of the scales that were measured between their marks."""
    kept = {scale: RESULTS / f"search-{scale}.json" for scale in SCALES}
    tables = [line for scale, file in kept.items() if file.exists() for line in _table(scale, json.loads(file.read_text(encoding="utf-8")))]
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    README.write_text("\n".join([f"{before}{BEGIN}", *tables]) + f"\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _table(scale: int, result: Mapping[str, Any]) -> Iterator[str]:
    outcomes: Sequence[Outcome] = result["outcomes"]
    yield f"### {scale:,} places, {result['at']}\n"
    yield "Milliseconds, p50 · p95.\n"
    yield "| | PostgreSQL, CPU | on the clock | Elasticsearch, CPU | on the clock | others, CPU |"
    yield "|---|---:|---:|---:|---:|---|"
    for outcome in outcomes:
        yield from _rows(outcome)
    yield ""
    yield "| goal | ratio | |"
    yield "|---|---:|---|"
    for outcome in outcomes:
        for goal in outcome["goals"]:
            said = "met" if goal["met"] else "within tolerance" if goal["within_tolerance"] else "**missed**"
            yield f"| {outcome['scenario']}: {goal['goal']} | {goal['ratio']:.3g} | {said} |"
    yield ""
    yield "| | |"
    yield "|---|---:|"
    for outcome in outcomes:
        if not outcome["cpu_us"]:
            yield from (f"| {name} | {value:,} |" for name, value in outcome["figures"].items())
    yield ""


def _rows(outcome: Outcome) -> Iterator[str]:
    """A row for each way in which the engines were asked; others stand in the row of their way, else in the first."""
    ways = [name.removeprefix(ENGINES[0]) for name in outcome["wall_us"] if name.startswith(ENGINES[0])] or [""]
    others: dict[str, list[str]] = {way: [] for way in ways}
    for name in outcome["wall_us"]:
        if not name.startswith(ENGINES):
            way = next((way for way in ways if way and name.endswith(way)), ways[0])
            others[way].append(f"{name.removesuffix(way)} {_ms(outcome['cpu_us'][name])}")
    for way in ways if outcome["wall_us"] else ():
        cells = [cell for engine in ENGINES for cell in _cells(outcome, f"{engine}{way}")]
        yield f"| {outcome['scenario']}{way} | {' | '.join(cells)} | {'; '.join(others[way])} |"


def _cells(outcome: Outcome, name: str) -> tuple[str, str]:
    if name not in outcome["cpu_us"]:
        return "", ""
    wall_p50, wall_p95 = outcome["wall_us"][name]
    return f"{_ms(outcome['cpu_us'][name])} · {_ms(outcome['p95_cpu_us'][name])}", f"{_ms(wall_p50)} · {_ms(wall_p95)}"


def _ms(microseconds: float) -> str:
    return f"{microseconds / 1000:.3g}"


if __name__ == "__main__":
    write()
