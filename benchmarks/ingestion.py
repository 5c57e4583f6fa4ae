"""Records a second through the pipeline, new and unchanged, and what each step costs, beside a bare COPY of the same rows."""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks import runner
from benchmarks.database import bench_database, figures_of
from benchmarks.directory import make_places

# performance.md, section 9, inside one run.
NEW_GOALS = {"COPY into the same tables": 2.0, "DRF many + bulk_create": 1 / 6, "DRF one by one": 1 / 20}
UNCHANGED_GOALS = {"COPY into a bare table": 3.0, "DRF many + bulk_create": 1 / 40}
ROUNDS = 5
WARM_UP = 50
# What the pipeline does, by the functions that do it; at the end whether they ask the database.
STEPS = (
    ("looking up", "records", "look_up_bytes", True), ("looking up", "records", "look_up", True),
    ("cleaning", "arrivals.Arrival", "clean", False), ("profiles and keys", "arrivals.Arrival", "sought", False),
    ("matching", "pipeline", "_match", True), ("folding", "pipeline", "_gather_new", False),
    ("records", "pipeline", "_store_records", True), ("entries", "pipeline", "create_entries", True),
    ("profiles and keys", "pipeline", "write_first_keys", True), ("cards", "pipeline", "announce_entries", True),
    ("report", "pipeline", "write_lines", True),
)  # fmt: skip
TABLES = (
    "api_resources", "contact_points", "business_hours", "field_provenance", "resource_card", "ingest_records", "ingest_match_keys",
    "ingest_batch_items",
)  # fmt: skip


def measure(scale: int) -> None:
    """Runs in a process of its own, on the benchmark's database; prints figures."""
    import django  # noqa: PLC0415  the settings are known only in this process

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from apps.core.clock import now  # noqa: PLC0415
    from apps.ingestion.choices import SourceKind  # noqa: PLC0415
    from apps.ingestion.services import batches  # noqa: PLC0415
    from apps.ingestion.services.arrivals import to_rows  # noqa: PLC0415
    from apps.ingestion.services.files import own_source  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference", stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115  the last line is JSON
    warm_up(scale)
    source = own_source(SourceKind.FILE)
    rows = list(to_rows(make_places(scale)))
    connection.ensure_connection()
    both = [os.getpid(), connection.connection.info.backend_pid]

    def cpu_us(work: Callable[[], object], count: int) -> float:
        before = runner.cpu_ns(both)
        work()
        return runner.spent_ns(before, runner.cpu_ns(both)) / count / 1000

    def send() -> Any:
        return batches.run(source=source, rows=iter(rows), at=now(), sent_by="bench")

    def first() -> None:
        counted.append(send())

    counted: list[Any] = []
    started = time.monotonic()
    with _watched(both[1]) as steps:
        new_us = cpu_us(first, scale)
    new_s = time.monotonic() - started
    unchanged_us, unchanged_s, bare_us = [], 0.0, []
    for _round in range(ROUNDS):
        started = time.monotonic()
        unchanged_us.append(cpu_us(send, scale))
        unchanged_s += (time.monotonic() - started) / ROUNDS
        bare_us.append(cpu_us(lambda: _copy_bare(rows), scale))
    copies_us = [_copies(cpu_us, scale) for _round in range(ROUNDS)]
    peers_us = _peers(cpu_us, scale)
    batch = counted[0]
    print(  # noqa: T201  the parent process reads it
        json.dumps({
            "new_us": new_us, "new_s": new_s, "steps": {name: ns / scale / 1000 for name, ns in steps.items()},
            "unchanged_us": statistics.median(unchanged_us), "unchanged_s": unchanged_s,
            "copy_us": statistics.median(copies_us), "bare_us": statistics.median(bare_us),
            "peers_us": peers_us,
            "counts": {name: getattr(batch, name) for name in ("created", "merged", "duplicate_suspected", "rejected")},
        })
    )  # fmt: skip


def warm_up(first: int) -> None:
    """Take some records of another source, from a number on: a worker that has been up for a while has made its tasks and statements."""
    from apps.core.clock import now  # noqa: PLC0415  the settings are known only in this process
    from apps.ingestion.choices import SourceKind  # noqa: PLC0415
    from apps.ingestion.services.files import import_rows  # noqa: PLC0415

    import_rows(make_places(WARM_UP, first=first + 1), country="CM", at=now(), kind=SourceKind.OSM)


@contextlib.contextmanager
def _watched(backend: int) -> Iterator[dict[str, int]]:
    """Nanoseconds of CPU that each of the `STEPS` takes meanwhile, the database's included, and those of a step inside another one once."""
    spent: dict[str, int] = dict.fromkeys([step for step, *_rest in STEPS], 0)
    inner = threading.local()
    restored = []
    for step, place, name, with_database in STEPS:
        module, _, class_name = place.partition(".")
        owner = importlib.import_module(f"apps.ingestion.services.{module}")
        owner = getattr(owner, class_name) if class_name else owner
        function = getattr(owner, name)
        restored.append((owner, name, function))
        setattr(owner, name, _timed(function, step, spent, inner, [backend] if with_database else []))
    try:
        yield spent
    finally:
        for owner, name, function in restored:
            setattr(owner, name, function)


def _timed(
    function: Callable[..., Any], step: str, spent: dict[str, int], inner: threading.local, backend: list[int]
) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        outer, inner.ns = getattr(inner, "ns", 0), 0
        used, of_database = time.thread_time_ns(), runner.cpu_ns(backend)
        try:
            return function(*arguments, **named)
        finally:
            used = time.thread_time_ns() - used + runner.spent_ns(of_database, runner.cpu_ns(backend))
            spent[step] += used - inner.ns
            inner.ns = outer + used

    return timed


def _copies(cpu_us: Callable[[Callable[[], object], int], float], scale: int) -> float:
    """The same rows into tables with the same indexes and constraints: the least that storing costs."""
    from django.db import connection  # noqa: PLC0415

    total = 0.0
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' AND is_generated = 'NEVER'")  # noqa: S608
            names = ", ".join(f'"{row[0]}"' for row in cursor.fetchall())
            with cursor.copy(f"COPY {table} ({names}) TO STDOUT (FORMAT BINARY)") as copy:
                data = [bytes(part) for part in copy]
            cursor.execute(f"CREATE TABLE bench_copy (LIKE {table} INCLUDING ALL)")

            def write(data: list[bytes] = data, names: str = names) -> None:
                with cursor.copy(f"COPY bench_copy ({names}) FROM STDIN (FORMAT BINARY)") as copy:
                    for part in data:
                        copy.write(part)

            total += cpu_us(write, scale)
            cursor.execute("DROP TABLE bench_copy")
    return total


def _peers(cpu_us: Callable[[Callable[[], object], int], float], scale: int) -> dict[str, float]:
    """What one would first write with Django REST framework, of other records; undone."""
    from django.db import transaction  # noqa: PLC0415  the settings are known only in this process

    from benchmarks.peers import imports  # noqa: PLC0415

    found = {}
    for name, take, count in (("DRF many + bulk_create", imports.take_many, scale), ("DRF one by one", imports.take_each, scale // 10)):
        rows = imports.read_rows([row for _index, row in make_places(count, first=2 * scale + 1)])
        # One by one has transactions of its own: within this one, savepoints, which cost a little less.
        with transaction.atomic():
            found[name] = cpu_us(functools.partial(take, rows), count)
            transaction.set_rollback(True)
    return found


def _copy_bare(rows: Sequence[Any]) -> None:
    """What was received, into a table without anything."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (place int, payload bytea)")
        with cursor.copy("COPY bench_bare FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "bytea"])
            for row in rows:
                copy.write_row((row.index, row.payload))
        cursor.execute("DROP TABLE bench_bare")


def run(scale: int) -> bool:
    """Fill an empty database, send again, report."""
    with bench_database("ecosysteme_bench_ingestion", is_fresh=True) as environment:
        found = figures_of(f"from benchmarks.ingestion import measure; measure({scale})", environment)
    new = runner.Outcome("new records, all the way to cards and keys")
    peers = {name: round(value, 1) for name, value in found["peers_us"].items()}
    new.cpu_us = {"pipeline": round(found["new_us"], 1), "COPY into the same tables": round(found["copy_us"], 1), **peers}
    steps = found["steps"] | {"commit and all else": found["new_us"] - sum(found["steps"].values())}
    new.cpu_us |= {f"of it {name}": round(value, 1) for name, value in steps.items()}
    new.figures = {"records a second by the clock": round(scale / found["new_s"]), **found["counts"]}
    new.goals = [runner.judge(runner.Goal("pipeline", against, goal), new.cpu_us) for against, goal in NEW_GOALS.items()]
    unchanged = runner.Outcome("unchanged records")
    unchanged.cpu_us = {"pipeline": round(found["unchanged_us"], 1), "COPY into a bare table": round(found["bare_us"], 1)}
    unchanged.cpu_us |= {name: peers[name] for name in UNCHANGED_GOALS if name in peers}
    unchanged.figures = {"records a second by the clock": round(scale / found["unchanged_s"])}
    unchanged.goals = [runner.judge(runner.Goal("pipeline", against, goal), unchanged.cpu_us) for against, goal in UNCHANGED_GOALS.items()]
    return runner.report("ingestion", scale, [new, unchanged])
