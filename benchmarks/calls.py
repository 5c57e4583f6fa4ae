"""Compares functions called in this process, where the network would only add the same to each: engines, statements, libraries.

Like `runner.compare`: rounds are interleaved, their order turns around, the first is thrown away, questions rotate. Each call is
measured by itself, so that there is a 95th percentile of CPU, too: time of this process, and of the threads outside that
work for the caller.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.runner import TOLERANCE, Goal, Outcome, cpu_ns, judge, spent_ns


@dataclass(frozen=True)
class Caller:
    """One way to answer questions, and the processes that do it besides this one.

    `share` is how many of a round's questions it is asked, for one so slow that it would hold up the others. `before` is done
    before each call and not measured: to forget what a process remembers of the last one.
    """

    name: str
    call: Callable[..., object]
    questions: Sequence[object]
    pids: Sequence[int] = ()
    share: float = 1.0
    before: Callable[[], object] = lambda: None


@dataclass
class _Samples:
    cpu_us: list[float]
    wall_us: list[float]


def compare_calls(scenario: str, callers: Sequence[Caller], *, goals: Sequence[Goal] = (), rounds: int = 5, questions: int = 50) -> Outcome:
    """Ask all callers in interleaved rounds and judge the goals by median CPU."""
    samples = {caller.name: _Samples([], []) for caller in callers}
    for number in range(rounds):
        order = list(callers) if number % 2 == 0 else list(reversed(callers))
        for caller in order:
            count = max(2, int(questions * caller.share))
            for index in range(count):
                question = caller.questions[(number * count + index) % len(caller.questions)]
                cpu_us, wall_us = _measure(caller, question)
                # The first question of a turn finds the caches of the caller before.
                if number and index:
                    samples[caller.name].cpu_us.append(cpu_us)
                    samples[caller.name].wall_us.append(wall_us)
    outcome = Outcome(scenario, {name: round(statistics.median(found.cpu_us), 1) for name, found in samples.items()})
    outcome.p95_cpu_us = {name: round(percentile(found.cpu_us, 95), 1) for name, found in samples.items()}
    outcome.wall_us = {
        name: (round(statistics.median(found.wall_us), 1), round(percentile(found.wall_us, 95), 1)) for name, found in samples.items()
    }
    outcome.figures = {
        f"{name}: CPU p95, wall p50, p95 (ms)": " ".join(f"{us / 1000:.2f}" for us in (outcome.p95_cpu_us[name], *outcome.wall_us[name]))
        for name in samples
    }
    outcome.goals = [judge(goal, outcome.cpu_us) for goal in goals]
    return outcome


def _measure(caller: Caller, question: object) -> tuple[float, float]:
    caller.before()
    outside = cpu_ns(caller.pids)
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    caller.call(question)
    cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    return (cpu + spent_ns(outside, cpu_ns(caller.pids))) / 1000, wall / 1000


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def limit(outcome: Outcome, text: str, value: float, most: float) -> None:
    """Judge a figure against a bound instead of a contender."""
    ratio = value / most
    outcome.goals.append({"goal": text, "ratio": round(ratio, 3), "met": ratio <= 1, "within_tolerance": ratio <= TOLERANCE})
