"""An event all the way to the table, beside a buffer that COPY empties and beside one INSERT an event; and its share of the rollup that
counts it afterwards."""

from __future__ import annotations

import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks import runner
from benchmarks.database import bench_database, figures_of

# performance.md, section 9.
COPY_GOAL, INSERT_GOAL = 2.5, 0.1
ROUNDS = 6
LISTINGS, CALL = 500, 20
INSERTED = 2_000
# Of a round: an event costs the same whatever the table holds, since nothing is looked up in it.
EVENTS_MAX = 50_000


def measure(scale: int) -> None:  # noqa: PLR0915  one process, one story
    """Runs in a process of its own, on the benchmark's database; prints figures."""
    import django  # noqa: PLC0415  the settings are known only in this process

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from apps.analytics.api.reading import read_events  # noqa: PLC0415
    from apps.analytics.models import Event  # noqa: PLC0415
    from apps.analytics.rows import EventRow  # noqa: PLC0415
    from apps.analytics.services.buffering import buffer  # noqa: PLC0415
    from apps.analytics.services.draining import drain  # noqa: PLC0415
    from apps.analytics.services.partitions import make_ahead  # noqa: PLC0415
    from apps.analytics.services.rollups import count_waiting  # noqa: PLC0415
    from apps.analytics.services.tracking import track  # noqa: PLC0415
    from apps.analytics.stream import stream  # noqa: PLC0415
    from apps.analytics.visitors import Visitor  # noqa: PLC0415
    from apps.core.clock import now  # noqa: PLC0415
    from apps.core.copying import copy_rows  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference", stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115  the last line is JSON
    slugs = _listings(LISTINGS)
    make_ahead(at=now())
    stream.forget()
    redis = stream.client().info()["process_id"]
    processes = [os.getpid(), connection.connection.info.backend_pid, int(redis)]
    chance = random.Random(3)  # noqa: S311  no secret
    people = iter(range(1, 1_000_000_000))

    def cpu_us(work: Callable[[], object], count: int) -> float:
        before = runner.cpu_ns(processes)
        work()
        return runner.spent_ns(before, runner.cpu_ns(processes)) / count / 1000

    def tell(bodies: Sequence[bytes]) -> None:
        """As the view does, without HTTP; the buffer is handed over at 200 events, and the drainer works like one beside."""
        for body in bodies:
            person = next(people)
            visitor = Visitor(person, person.to_bytes(8, "big"), is_private=False, is_robot=False)
            events, _unread = read_events(body)
            track(events, visitor=visitor, own_host="127.0.0.1", at=now_of_round)
        buffer.flush()
        drain()

    def copy(rows: Sequence[EventRow]) -> None:
        kept: list[EventRow] = []
        for row in rows:
            kept.append(row)
            if len(kept) == 200:
                copy_rows("bench_events", EventRow._fields, kept)
                kept.clear()
        if kept:
            copy_rows("bench_events", EventRow._fields, kept)

    def insert(rows: Sequence[EventRow]) -> None:
        for row in rows:
            Event.objects.create(**row._asdict())

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_events (LIKE analytics_events INCLUDING ALL)")
    found: dict[str, list[float]] = {"ours": [], "copy": [], "insert": [], "rollup": []}
    rates = []
    for number in range(ROUNDS):
        now_of_round = now()
        bodies = list(_bodies(scale, slugs, chance))
        rows = [
            EventRow(now_of_round.date(), now_of_round, place % LISTINGS + 1, 1, 0, 4, None, "", None, place + 1, 0)
            for place in range(scale)
        ]
        works: list[tuple[str, Callable[[], object], int]] = [
            ("ours", lambda bodies=bodies: tell(bodies), scale),  # type: ignore[misc]  # bound now
            ("copy", lambda rows=rows: copy(rows), scale),  # type: ignore[misc]  # likewise
            ("insert", lambda rows=rows: insert(rows[:INSERTED]), min(INSERTED, scale)),  # type: ignore[misc]  # likewise
        ]
        for name, work, count in works if number % 2 else reversed(works):
            began = time.monotonic()
            spent = cpu_us(work, count)
            if number:
                found[name].append(spent)
                if name == "ours":
                    rates.append(scale / (time.monotonic() - began))
        spent = cpu_us(lambda: count_waiting(at=now()), scale)
        if number:
            found["rollup"].append(spent)
    with connection.cursor() as cursor:
        cursor.execute("SELECT verdict, count(*) FROM analytics_events WHERE visitor > 0 GROUP BY 1")
        verdicts = dict(cursor.fetchall())
    print(json.dumps({"found": found, "rate": statistics.median(rates), "verdicts": verdicts, "left": stream.status().length}))  # noqa: T201  the parent process reads it


def _listings(count: int) -> list[str]:
    """Published ones, as few statements as the catalogue needs."""
    from apps.catalog.models import Resource  # noqa: PLC0415  settings come first
    from apps.catalog.tests.factories import make_category, make_resource  # noqa: PLC0415

    category = make_category()
    missing = count - Resource.objects.published().count()
    for _number in range(missing):
        make_resource(category=category)
    return list(Resource.objects.published().order_by("slug").values_list("slug", flat=True)[:count])


def _bodies(scale: int, slugs: Sequence[str], chance: random.Random) -> Iterator[bytes]:
    """Calls of a page of results: what was seen of it, and now and then a visit."""
    for _call in range(scale // CALL):
        seen = chance.sample(slugs, CALL)
        origin = {"referrer": "http://127.0.0.1/fr/recherche/?q=hotel"}
        events: list[dict[str, Any]] = [
            {**origin, "type": "impression", "resource": slug, "position": rank} for rank, slug in enumerate(seen[1:], 1)
        ]
        yield json.dumps({"events": [*events, {**origin, "type": "view", "resource": seen[0]}]}).encode()


def outcomes(scale: int) -> list[runner.Outcome]:
    """Figures of an empty database of their own."""
    with bench_database("ecosysteme_bench_analytics", is_fresh=True) as environment:
        environment |= {"CACHE_KEY_PREFIX": "bench-analytics", "ANALYTICS_BUFFER_MS": "60000"}
        told = figures_of(f"from benchmarks.analytics_track import measure; measure({min(scale, EVENTS_MAX)})", environment)
    found = runner.Outcome("track event, all the way to the table")
    names = {"ours": "track", "copy": "buffer + COPY", "insert": "INSERT per event", "rollup": "its share of the rollup"}
    found.cpu_us = {names[name]: round(statistics.median(values), 1) for name, values in told["found"].items()}
    whole = "track and its share of the rollup"
    found.cpu_us[whole] = round(found.cpu_us["track"] + found.cpu_us["its share of the rollup"], 1)
    found.rounds_us = {names[name]: values for name, values in told["found"].items()}
    found.figures = {
        "events a second by the clock, one process": round(told["rate"]),
        "by verdict": told["verdicts"],
        "left behind": told["left"],
    }
    found.goals = [
        runner.judge(runner.Goal("track", "buffer + COPY", COPY_GOAL), found.cpu_us),
        runner.judge(runner.Goal("track", "INSERT per event", INSERT_GOAL), found.cpu_us),
        runner.judge(runner.Goal(whole, "INSERT per event", INSERT_GOAL), found.cpu_us),
    ]
    return [found]
