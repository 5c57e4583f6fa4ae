"""Making and reading counters at so many events over sixty days: what a rollup costs that finds them all waiting, a day counted again,
then a month's dashboard beside one read by primary key and beside the raw events. Scenarios of the area `analytics`.

Events are made by the database, in runs of two hundred as processes hand them over; a rollup takes them slice by slice.

Plans on a million counters, as text for docs/explain: `python -m benchmarks.analytics_dashboard`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import runner
from benchmarks.database import bench_database, figures_of
from benchmarks.runner import ROOT, Goal, Outcome

DATABASE = "ecosysteme_bench_analytics"
TARGET = ROOT / "docs" / "explain" / "analytics.txt"
DAYS, LISTINGS, HOT = 60, 20_000, 1
# One event in so many is the hot listing's: at ten million, 1,600 of its own a day.
HOT_SHARE = 100
ROUNDS, READS, RUN, AGAIN = 7, 100, 200, 3
OURS, KEY, RAW = "dashboard of 30 days and the 30 before", "one counter by its primary key", "raw events with an index"

# Events of a day: mostly impressions, as pages tell them; sources, towns, hours and visitors spread.
EVENTS = """
INSERT INTO analytics_events
SELECT %(day)s, %(day)s::timestamp AT TIME ZONE 'Africa/Douala' + interval '1 second' * (random() * 86399)::int,
    CASE WHEN n %% %(share)s = 0 THEN %(hot)s ELSE 2 + (power(random(), 3) * %(listings)s)::int END,
    k, CASE WHEN k = 4 THEN 1 + n %% 6 ELSE 0 END, n %% 10, 1 + n %% 40, CASE WHEN n %% 7 = 0 THEN 'campagne-' || n %% 5 ELSE '' END,
    CASE WHEN k = 2 THEN 1 + n %% 30 END, (random() * 50000)::int, CASE WHEN n %% 11 = 0 THEN 1 ELSE 0 END,
    %(first)s + (n - 1) / %(run)s
FROM (SELECT n, CASE WHEN r < 0.7 THEN 2 WHEN r < 0.9 THEN 1 WHEN r < 0.94 THEN 3 WHEN r < 0.98 THEN 4 ELSE 5 + n %% 3 END k
      FROM (SELECT n, random() r FROM generate_series(1, %(count)s) n) x) y
"""
RUNS = """
INSERT INTO analytics_batches (id, number, created_at, events, first_day, last_day, counted_at)
SELECT 'bench-' || n, n, now(), least(%(run)s, %(count)s - (n - %(first)s) * %(run)s), %(day)s, %(day)s, NULL
FROM generate_series(%(first)s::bigint, %(first)s + (%(count)s - 1) / %(run)s) n
"""
# What the events had before counters were all that is read.
RAW_INDEX = "CREATE INDEX bench_by_listing ON analytics_events (resource_number)"
RAW_SQL = """
SELECT day, event_type, channel, source, city_number, campaign, verdict, extract(hour FROM created_at), count(*), sum(position)
FROM analytics_events WHERE resource_number = %s AND day BETWEEN %s AND %s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
KEY_SQL = "SELECT views, impressions, contacts, breakdown FROM analytics_listing_days WHERE resource_number = %s AND day = %s"
MILLION = """
INSERT INTO analytics_listing_days (resource_number, day, views, impressions, breakdown, last_at)
SELECT n, d::date, 3, 20, '{"vh10":1,"vh14":2,"vs1":1,"vs2":2,"vt7":3}', d FROM generate_series(100000, 116666) n,
    generate_series(%s::date - 59, %s::date, interval '1 day') d ON CONFLICT DO NOTHING
"""


def _ready() -> dt.date:
    """Django on the benchmark's database, and the day that is today there."""
    import django  # noqa: PLC0415  the settings are known only in this process

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    return dt.date(2026, 11, 20)


def measure(scale: int) -> None:
    """Runs in a process of its own: fills the database, measures, prints figures in JSON."""
    today = _ready()
    from django.db import connection  # noqa: PLC0415

    from apps.analytics.figures import Period  # noqa: PLC0415
    from apps.analytics.selectors.dashboard import dashboard  # noqa: PLC0415
    from apps.analytics.services.partitions import ensure_partitions  # noqa: PLC0415
    from apps.analytics.services.rollups import recompute  # noqa: PLC0415

    days = [today - dt.timedelta(days=number) for number in reversed(range(DAYS))]
    ensure_partitions(days)
    per_day = max(scale // DAYS, 1)
    runs = 1 + (per_day - 1) // RUN
    given = {"share": HOT_SHARE, "hot": HOT, "listings": LISTINGS, "count": per_day, "run": RUN}
    with connection.cursor() as cursor:
        for place, day in enumerate(days):
            these: dict[str, Any] = {**given, "day": day, "first": 1 + place * runs}
            cursor.execute(RUNS, these)
            cursor.execute(EVENTS, these)
            _tell(f"{day}: {per_day:,} events made")
    made = _rolled_up(per_day * DAYS)
    again = [_used(lambda day=day: recompute(day)) for day in days[-AGAIN:]]  # type: ignore[misc]  # the day of each turn
    made |= {f"seconds of CPU to count a day of {per_day:,} again": round(statistics.median(again) / 1e9, 2)}
    made |= {"microseconds of that an event": round(statistics.median(again) / per_day / 1000, 2)}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) analytics_listing_days")
        cursor.execute(RAW_INDEX)
        cursor.execute("ANALYZE analytics_events")
    at = dt.datetime.combine(today, dt.time(12), dt.UTC)
    period = Period(today - dt.timedelta(days=29), today)

    def query(sql: str, *values: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return len(cursor.fetchall())

    ways: dict[str, tuple[Callable[[int], object], int]] = {
        OURS: (lambda _turn: dashboard([HOT], period=period, at=at), READS),
        KEY: (lambda turn: query(KEY_SQL, 2 + turn, days[turn % DAYS]), READS * 10),
        RAW: (lambda _turn: query(RAW_SQL, HOT, period.before.first, today), 3),
    }
    print(json.dumps({**_interleaved(ways), "made": made}))  # noqa: T201  the parent reads it


def _rolled_up(events: int) -> dict[str, Any]:
    """Count everything that waits, slice by slice, and say what that costs."""
    from apps.analytics.models import EventBatch, ListingDay  # noqa: PLC0415
    from apps.analytics.services.rollups import count_waiting  # noqa: PLC0415
    from apps.core.clock import now  # noqa: PLC0415

    spent: list[float] = []
    waited: list[float] = []
    anonymous_kb = 0

    def take() -> int:
        return count_waiting(at=now(), budget_s=0).events

    while EventBatch.objects.filter(counted_at=None).exists():
        begun = time.perf_counter()
        spent.append(_used(take))
        waited.append(time.perf_counter() - begun)
        anonymous_kb = max(anonymous_kb, _anonymous_kb())
        _tell(f"slice {len(spent)} counted")
    return {
        "microseconds of CPU to count an event": round(sum(spent) / events / 1000, 2),
        "slices": len(spent),
        "seconds of CPU a slice, median and longest": [round(statistics.median(spent) / 1e9, 2), round(max(spent) / 1e9, 2)],
        "seconds a slice by the clock, median": round(statistics.median(waited), 2),
        "counters of a listing and day": ListingDay.objects.count(),
        "peak memory of the process, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "memory of its backend, MB, without shared buffers": anonymous_kb // 1024,
    }


def _used(act: Callable[[], object]) -> float:
    """Nanoseconds of CPU, of this process and of its backend: what autovacuum does meanwhile is not theirs."""
    processes = [os.getpid(), _backend()]
    before = runner.cpu_ns(processes)
    act()
    return runner.spent_ns(before, runner.cpu_ns(processes))


def _backend() -> int:
    from django.db import connection  # noqa: PLC0415

    return int(connection.connection.info.backend_pid)


def _anonymous_kb() -> int:
    status = Path(f"/proc/{_backend()}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1])


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201  how far it is


def _interleaved(ways: dict[str, tuple[Callable[[int], object], int]]) -> dict[str, Any]:
    """Microseconds of CPU, ours and PostgreSQL's, and of waiting, by way: medians of rounds whose order turns around."""
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    wall: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS):
        for name in ways if number % 2 else reversed(list(ways)):
            act, count = ways[name]
            act(0)
            begun = time.perf_counter_ns()
            used = _used(lambda act=act, count=count: [act(turn) for turn in range(count)])  # type: ignore[misc]  # bound now
            waited = time.perf_counter_ns() - begun
            if number:
                cpu[name].append(used / count / 1000)
                wall[name].append(waited / count / 1000)
    return {
        "cpu_us": {name: round(statistics.median(values), 1) for name, values in cpu.items()},
        "wall_us": {name: (round(statistics.median(values), 1), round(max(values), 1)) for name, values in wall.items()},
    }


def outcomes(scale: int) -> list[Outcome]:
    """Both scenarios at so many events."""
    with bench_database(DATABASE, is_fresh=True) as environment:
        found = figures_of(f"from benchmarks.analytics_dashboard import measure; measure({int(scale)})", environment)
    reading = Outcome("a month of a hot listing", found["cpu_us"], wall_us=found["wall_us"])
    # Fewer events are read as quickly as they are counted: raw rows cost what they cost at millions only.
    goals = [Goal(OURS, KEY, 15), *([Goal(OURS, RAW, 1 / 100)] if scale >= 1_000_000 else [])]
    reading.goals = [runner.judge(goal, reading.cpu_us) for goal in goals]
    making = Outcome("making counters", figures=found["made"])
    return [reading, making]


def explain() -> None:
    """Runs in a process of its own: a million counters, and the plan of the dashboard's statement."""
    today = _ready()
    from django.db import connection  # noqa: PLC0415

    from apps.analytics.figures import Period  # noqa: PLC0415
    from apps.analytics.selectors.dashboard import FIGURES, FIGURES_OF_ONE  # noqa: PLC0415

    period = Period(today - dt.timedelta(days=29), today)
    with connection.cursor() as cursor:
        cursor.execute(MILLION, [today, today])
        cursor.execute("VACUUM (ANALYZE) analytics_listing_days")
        cursor.execute("SELECT count(*), current_setting('server_version') FROM analytics_listing_days")
        total, version = cursor.fetchone()
        parts = [f"{total:,} counters of a listing and day; PostgreSQL {version}. Thirty days and the thirty before.\n"]
        asked = (("one listing", FIGURES_OF_ONE, [100_500]), ("fifty listings of one owner", FIGURES, list(range(100_000, 105_000, 100))))
        for name, sql, numbers in asked:
            values: list[Any] = [period.first, numbers, period.before.first, today]
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {sql}", values)
            parts.append(f"== {name}\n{sql.strip()}\n\n" + "\n".join(row[0] for row in cursor.fetchall()) + "\n")
    TARGET.write_text("\n".join(parts), encoding="utf-8")
    print(json.dumps(total))  # noqa: T201  the parent reads it


def main() -> None:
    """Write docs/explain/analytics.txt."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")
    with bench_database(f"{DATABASE}_plans", is_fresh=True) as environment:
        figures_of("from benchmarks.analytics_dashboard import explain; explain()", environment)


if __name__ == "__main__":
    main()
