"""The one runner that every area registers with.

Method: contenders are up together; rounds are interleaved and their order turns around every other round; the first
round is thrown away; the figure is the median of CPU time per request, summed over the threads of the web server,
PostgreSQL and Redis (`/proc/PID/task/*/schedstat`, nanoseconds). Anything but 2xx ends the run. Ratios are what
counts: absolute times belong to one machine on one day.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from ecosysteme import serving

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).resolve().parent / "results"
WARM_UP = 200
# A goal fails beyond this: machines are noisy.
TOLERANCE = 1.25


@dataclass(frozen=True)
class Goal:
    """`contender` must cost at most `factor` times `against`."""

    contender: str
    against: str
    factor: float


@dataclass
class Contender:
    """One way to answer: a server's port and the paths that are asked in turn.

    `requests` a round instead of the scenario's own, for one so slow that the connections of the others would time out.
    """

    name: str
    port: int
    paths: Sequence[str]
    requests: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What a scenario found: microseconds of CPU per request by contender (median; p95 and, on the clock, both where known), figures,
    goals with their ratio; and each round's figure, so that contenders can be compared round by round.
    """

    scenario: str
    cpu_us: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    goals: list[dict[str, Any]] = field(default_factory=list)
    p95_cpu_us: dict[str, float] = field(default_factory=dict)
    wall_us: dict[str, tuple[float, float]] = field(default_factory=dict)
    rounds_us: dict[str, list[float]] = field(default_factory=dict)


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def web_server(settings: str, application: str, environment: dict[str, str]) -> Iterator[tuple[int, psutil.Process]]:
    """One granian worker with these settings, ready to answer."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603  our own command
        serving.command("127.0.0.1", port, workers=1, application=application),
        cwd=ROOT, env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": settings}, start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def family(*roots: psutil.Process) -> list[int]:
    """Process ids of these processes and all their descendants."""
    return [process.pid for root in roots for process in [root, *root.children(recursive=True)]]


def cpu_ns(pids: Sequence[int]) -> dict[str, int]:
    """CPU time that each thread of these processes has used so far; of this process one sum, with threads that have ended."""
    used: dict[str, int] = {}
    for pid in pids:
        if pid == os.getpid():
            used[str(pid)] = time.process_time_ns()
            continue
        for stat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                used[str(stat)] = int(stat.read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
    return used


def spent_ns(before: dict[str, int], after: dict[str, int]) -> int:
    """CPU time between two readings; a thread that ended in between counts for nothing."""
    return sum(used - before.get(thread, 0) for thread, used in after.items())


def ask(connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> int:
    """GET a path; returns the length of its body.

    :raises RuntimeError: an answer that is not 2xx.
    """
    connection.request("GET", path, headers={"Accept": "application/json", "Accept-Language": "fr", **headers})
    response = connection.getresponse()
    body = response.read()
    if response.status // 100 != 2:
        raise RuntimeError(f"{path} answered {response.status}: {body[:300]!r}")
    return len(body)


def compare(
    scenario: str,
    contenders: Sequence[Contender],
    *,
    processes: Callable[[], Sequence[int]],
    goals: Sequence[Goal],
    rounds: int = 7,
    requests: int = 200,
) -> Outcome:
    """Ask all contenders in interleaved rounds and judge the goals.

    Before the rounds every path is asked once, at most `WARM_UP` of them: a server that has been up for a minute has
    prepared its statements and PostgreSQL has settled on their plans.
    """
    for contender in contenders:
        connection = http.client.HTTPConnection("127.0.0.1", contender.port, timeout=60)
        for path in contender.paths[: contender.requests or WARM_UP]:
            ask(connection, path, contender.headers)
        connection.close()
    samples: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    sizes: dict[str, int] = {}
    for number in range(rounds):
        order = list(contenders) if number % 2 == 0 else list(reversed(contenders))
        for contender in order:
            connection = http.client.HTTPConnection("127.0.0.1", contender.port, timeout=60)
            ask(connection, contender.paths[0], contender.headers)
            pids = processes()
            before = cpu_ns(pids)
            count = contender.requests or requests
            for index in range(count):
                path = contender.paths[(number * count + index) % len(contender.paths)]
                sizes[contender.name] = ask(connection, path, contender.headers)
            spent = spent_ns(before, cpu_ns(processes())) / count / 1000
            connection.close()
            if number:
                samples[contender.name].append(spent)
    outcome = Outcome(scenario, {name: round(statistics.median(values), 1) for name, values in samples.items()})
    outcome.rounds_us = {name: [round(value, 1) for value in values] for name, values in samples.items()}
    outcome.figures = {f"bytes {name}": size for name, size in sizes.items()}
    outcome.goals = [judge(goal, outcome.cpu_us) for goal in goals]
    return outcome


def judge(goal: Goal, measured: dict[str, float]) -> dict[str, Any]:
    """A goal with its ratio."""
    ratio = measured[goal.contender] / measured[goal.against]
    return {
        "goal": f"{goal.contender} ≤ {goal.factor:g} × {goal.against}", "ratio": round(ratio, 3),
        "met": ratio <= goal.factor, "within_tolerance": ratio <= goal.factor * TOLERANCE,
    }  # fmt: skip


def _kept(outcome: Outcome) -> dict[str, Any]:
    """What is written of an outcome: all but the single rounds."""
    return {name: value for name, value in vars(outcome).items() if name != "rounds_us"}


def report(area: str, scale: int, outcomes: Sequence[Outcome]) -> bool:
    """Print a table, write `results/<area>-<scale>.json`; False when a goal fails beyond the tolerance."""
    RESULTS.mkdir(exist_ok=True)
    lines = []
    for outcome in outcomes:
        lines.append(f"{outcome.scenario} ({scale:,} resources)")
        lines += [f"  {name:<34}{value:>12,.1f} µs CPU per request" for name, value in outcome.cpu_us.items()]
        lines += [f"  {name:<34}{value!s:>12}" for name, value in outcome.figures.items()]
        lines += [
            f"  {'ok  ' if goal['met'] else 'near' if goal['within_tolerance'] else 'FAIL'} {goal['goal']}: {goal['ratio']}"
            for goal in outcome.goals
        ]
    print("\n".join(lines), flush=True)  # noqa: T201  the runner's output
    data = {"area": area, "scale": scale, "at": time.strftime("%Y-%m-%d"), "outcomes": [_kept(outcome) for outcome in outcomes]}
    (RESULTS / f"{area}-{scale}.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return all(goal["within_tolerance"] for outcome in outcomes for goal in outcome.goals)
