"""Lists, details and imports, beside a constant Django view and a plain Django REST framework view set of the same rows."""

from __future__ import annotations

import http.client
import json
import os
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks import runner
from benchmarks.database import bench_database, figures_of, postgres_process
from benchmarks.directory import make_places
from benchmarks.ingestion import warm_up

LARGE = 100_000
# 3,000 rows a second where the plan was made: a row may cost what two of the constant view's answers did there.
IMPORT_GOAL_PER_S, IMPORT_GOAL_VIEWS = 3000, 2.0


def fill(scale: int) -> None:
    """Runs in a process of its own, on the benchmark's database: import until it holds `scale` entries; prints figures."""
    import django  # noqa: PLC0415  the settings are known only in this process

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from apps.catalog.models import Resource  # noqa: PLC0415
    from apps.core.clock import now  # noqa: PLC0415
    from apps.ingestion.services.files import import_rows  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference", stdout=sys.stderr)
    stored = Resource.objects.count()
    warm_up(scale)
    connection.ensure_connection()
    both = [os.getpid(), connection.connection.info.backend_pid]
    started, making, used = time.monotonic(), _Spent(), runner.cpu_ns(both)
    imported = import_rows(making.watch(make_places(max(scale - stored, 0), first=stored + 1)), country="CM", at=now()).created
    # Making places up is no part of the import.
    seconds = time.monotonic() - started - making.seconds
    cpu_seconds = runner.spent_ns(used, runner.cpu_ns(both)) / 1e9 - making.cpu_seconds
    again = time.monotonic()
    unchanged = import_rows(make_places(min(scale, 20_000)), country="CM", at=now()).unchanged
    again_s = time.monotonic() - again
    with connection.cursor() as cursor:
        # Long-lived servers have vacuumed and analysed; so have both contenders here.
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT id, slug FROM api_resources WHERE number %% GREATEST(%s / 400, 1) = 0 AND status = 'active' LIMIT 400", [scale]
        )
        sample = [[str(identifier), slug] for identifier, slug in cursor.fetchall()]
        cursor.execute(
            "SELECT resource_id, plan_rank, published_at FROM resource_card WHERE language = 'fr'"
            " ORDER BY plan_rank DESC, published_at DESC, resource_id DESC OFFSET %s LIMIT 1",
            [min(200_000, scale // 2)],
        )
        deep = cursor.fetchone()
    print(  # noqa: T201  the parent process reads it
        json.dumps({
            "imported": imported, "seconds": seconds, "cpu_seconds": cpu_seconds,
            "unchanged": unchanged, "unchanged_seconds": again_s, "sample": sample,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "deep": [str(value) for value in deep],
        })
    )  # fmt: skip


@dataclass
class _Spent:
    """Time that went into making rows."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def watch(self, rows: Iterator[tuple[int, object]]) -> Iterator[tuple[int, object]]:
        """The same rows."""
        while True:
            started, used = time.monotonic(), time.thread_time()
            row = next(rows, None)
            self.seconds += time.monotonic() - started
            self.cpu_seconds += time.thread_time() - used
            if row is None:
                return
            yield row


def _deep_cursor(port: int, depth: int) -> str:
    """The address of a page deep in the list: followed by `next` from an offset, as a client would."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", f"/api/v1/api-resources?limit=100&offset={min(depth, 10_000)}")
    page = json.loads(connection.getresponse().read())
    path = ""
    for _step in range(max((depth - 10_000) // 100, 1)):
        path = page["next"].split(str(port), 1)[1]
        connection.request("GET", path)
        page = json.loads(connection.getresponse().read())
    connection.close()
    return path.replace("limit=100", "limit=20")


def _list_paths(sample: Sequence[Sequence[str]]) -> list[str]:
    chance = random.Random(3)  # noqa: S311  repeatable, not secret
    filters = [
        "",
        "city=douala",
        "city=yaounde",
        "category=pharmacies",
        "category=restauration",
        "city=douala&category=restaurants",
        "type=business",
    ]
    return [f"/api/v1/api-resources?{chance.choice(filters)}&offset={chance.randrange(0, 400)}".replace("?&", "?") for _ in sample]


def run(scale: int) -> bool:
    """Fill, compare, report."""
    # A small database is made anew each time; a large one is filled up to the scale and kept.
    name = "ecosysteme_bench_large" if scale > LARGE else "ecosysteme_bench_small"
    with (
        bench_database(name, is_fresh=scale <= LARGE) as environment,
        runner.web_server("benchmarks.peers.settings", "benchmarks.peers.wsgi:application", environment) as (peers, peer_process),
    ):
        view_us = [_view_us(peers, peer_process)]
        figures = figures_of(f"from benchmarks.catalog import fill; fill({scale})", environment)
        view_us.append(_view_us(peers, peer_process))
        with runner.web_server("benchmarks.settings", "ecosysteme.wsgi:application", environment) as (ours, our_process):
            database = postgres_process()

            def processes() -> list[int]:
                return runner.family(our_process, peer_process, database)

            sample = figures["sample"]
            lists = runner.compare(
                "list of 20, not cached",
                [
                    runner.Contender("ours: list", ours, _list_paths(sample)),
                    runner.Contender("constant 20 kB view", peers, ["/constant"]),
                    runner.Contender(
                        "DRF view set: list",
                        peers,
                        [f"/drf?offset={number}" for number in range(200)],
                        requests=2 if scale > LARGE else None,  # seconds each
                    ),
                ],
                processes=processes,
                goals=[
                    runner.Goal("ours: list", "constant 20 kB view", 3.5),
                    runner.Goal("ours: list", "DRF view set: list", 0.1),
                ],
                requests=60,
            )
            details = runner.compare(
                "detail, not cached",
                [
                    runner.Contender("ours: detail", ours, [f"/api/v1/api-resources/{identifier}" for identifier, _slug in sample]),
                    runner.Contender("constant 2 kB view", peers, ["/small-constant"]),
                    runner.Contender("DRF view set: detail", peers, [f"/drf/{identifier}" for identifier, _slug in sample]),
                ],
                processes=processes,
                goals=[runner.Goal("ours: detail", "constant 2 kB view", 2.0)],
            )
            depth = min(200_000, scale // 2)
            keyset = runner.compare(
                f"keyset at depth {depth:,}",
                [
                    runner.Contender("first page", ours, ["/api/v1/api-resources"]),
                    runner.Contender("deep page", ours, [_deep_cursor(ours, depth)]),
                ],
                processes=processes,
                goals=[runner.Goal("deep page", "first page", 2.0)],
                requests=60,
            )
        outcomes = [lists, details, keyset]
        if figures["imported"] >= 1000:
            outcomes.append(_import_outcome(figures, view_us=sum(view_us) / len(view_us)))
        return runner.report("catalog", scale, outcomes)


def _view_us(port: int, process: psutil.Process) -> float:
    """What an answer of the constant view costs now: right before and after an import, so that both meet the same machine."""
    view = runner.Contender("constant 2 kB view", port, ["/small-constant"])
    return runner.compare("", [view], processes=lambda: runner.family(process), goals=[]).cpu_us[view.name]


def _import_outcome(figures: dict[str, Any], *, view_us: float) -> runner.Outcome:
    """One import, CPU of the client and of PostgreSQL's backend together, and by the clock, beside an answer of the constant view."""
    row_us, clock_us = (figures[name] / figures["imported"] * 1e6 for name in ("cpu_seconds", "seconds"))
    outcome = runner.Outcome("import, cards included")
    outcome.figures = {
        "µs of CPU a row": round(row_us), "constant 2 kB view, µs": round(view_us), "CPU of a row ÷ view": round(row_us / view_us, 2),
        "rows a second by the clock": round(1e6 / clock_us), "rows": figures["imported"],
        "seconds": round(figures["seconds"], 1), "peak MB": round(figures["peak_mb"]),
        "unchanged rows a second": round(figures["unchanged"] / figures["unchanged_seconds"]),
    }  # fmt: skip
    # A thread cleans while the database works, so that both together use more than the time that passes.
    ratio = clock_us / view_us
    outcome.goals = [{
        "goal": f"a row by the clock ≤ {IMPORT_GOAL_VIEWS:g} × constant 2 kB view ({IMPORT_GOAL_PER_S} a second where that takes 167 µs)",
        "ratio": round(ratio, 3), "met": ratio <= IMPORT_GOAL_VIEWS, "within_tolerance": ratio <= IMPORT_GOAL_VIEWS * runner.TOLERANCE,
    }]  # fmt: skip
    return outcome
