"""Reading and making counters: a month's dashboard beside one read by primary key and beside the raw events, a day counted again, and
what counting adds to a run. The scale is the number of events, over sixty days. Scenarios of the area `analytics`.

Plans on a million counters, as text for docs/explain: `python -m benchmarks.analytics_dashboard`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks import runner
from benchmarks.database import bench_database, figures_of, postgres_process
from benchmarks.runner import ROOT, Goal, Outcome

DATABASE = "ecosysteme_bench_analytics"
TARGET = ROOT / "docs" / "explain" / "analytics.txt"
DAYS, LISTINGS, HOT = 60, 20_000, 1
# One event in so many is the hot listing's: at ten million, 1,600 of its own a day.
HOT_SHARE = 100
ROUNDS, READS, RUN = 7, 100, 5_000
OURS, KEY, RAW = "dashboard of 30 days and the 30 before", "one counter by its primary key", "raw events with an index"

# Events of a day: mostly impressions, as pages tell them; sources, towns, hours and visitors spread.
EVENTS = """
INSERT INTO analytics_events
SELECT %(day)s, %(day)s::timestamp AT TIME ZONE 'Africa/Douala' + interval '1 second' * (random() * 86399)::int,
    CASE WHEN n %% %(share)s = 0 THEN %(hot)s ELSE 2 + (power(random(), 3) * %(listings)s)::int END,
    k, CASE WHEN k = 4 THEN 1 + n %% 6 ELSE 0 END, n %% 10, 1 + n %% 40, CASE WHEN n %% 7 = 0 THEN 'campagne-' || n %% 5 ELSE '' END,
    CASE WHEN k = 2 THEN 1 + n %% 30 END, (random() * 50000)::int, CASE WHEN n %% 11 = 0 THEN 1 ELSE 0 END
FROM (SELECT n, CASE WHEN r < 0.7 THEN 2 WHEN r < 0.9 THEN 1 WHEN r < 0.94 THEN 3 WHEN r < 0.98 THEN 4 ELSE 5 + n %% 3 END k
      FROM (SELECT n, random() r FROM generate_series(1, %(count)s) n) x) y
"""
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

    days = [today - dt.timedelta(days=number) for number in range(DAYS)]
    ensure_partitions(days)
    given = {"share": HOT_SHARE, "hot": HOT, "listings": LISTINGS, "count": scale // DAYS}
    with connection.cursor() as cursor:
        for day in days:
            cursor.execute(EVENTS, {**given, "day": day})
    rollups = [_timed(lambda day=day: recompute(day)) for day in days]  # type: ignore[misc]  # the day of each turn
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) analytics_listing_days")
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
    print(json.dumps({**_interleaved(ways), "rollup_s": statistics.median(rollups), "counting": _counting(today, at)}))  # noqa: T201  the parent reads it


def _interleaved(ways: dict[str, tuple[Callable[[int], object], int]]) -> dict[str, Any]:
    """Microseconds of CPU, ours and PostgreSQL's, and of waiting, by way: medians of rounds whose order turns around."""
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    wall: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS):
        for name in ways if number % 2 else reversed(list(ways)):
            act, count = ways[name]
            act(0)
            before, used, begun = runner.cpu_ns(runner.family(postgres_process())), time.process_time_ns(), time.perf_counter_ns()
            for turn in range(count):
                act(turn)
            waited, used = time.perf_counter_ns() - begun, time.process_time_ns() - used
            used += runner.spent_ns(before, runner.cpu_ns(runner.family(postgres_process())))
            if number:
                cpu[name].append(used / count / 1000)
                wall[name].append(waited / count / 1000)
    return {
        "cpu_us": {name: round(statistics.median(values), 1) for name, values in cpu.items()},
        "wall_us": {name: (round(statistics.median(values), 1), round(max(values), 1)) for name, values in wall.items()},
    }


def _counting(today: dt.date, at: dt.datetime) -> dict[str, float]:
    """Microseconds of CPU an event: COPY alone, and COPY with the counters, in runs of five thousand, rolled back."""
    from django.db import connection, transaction  # noqa: PLC0415

    from apps.analytics.rows import EventRow  # noqa: PLC0415
    from apps.analytics.services.counting import count_events  # noqa: PLC0415
    from apps.core.copying import copy_rows  # noqa: PLC0415

    with connection.cursor() as cursor:
        columns = ", ".join(EventRow._fields)
        # Ours to read whole: only constants are in it.
        cursor.execute(f"SELECT {columns} FROM analytics_events WHERE day = %s LIMIT {RUN}", [today])  # noqa: S608
        rows = [EventRow(*row) for row in cursor.fetchall()]

    def write(*, is_counted: bool) -> None:
        with transaction.atomic():
            copy_rows("analytics_events", EventRow._fields, rows)
            if is_counted:
                count_events(rows, at=at)
            transaction.set_rollback(True)

    ways: dict[str, tuple[Callable[[int], object], int]] = {
        "copy": (lambda _turn: write(is_counted=False), 3),
        "copy and counters": (lambda _turn: write(is_counted=True), 3),
    }
    return {name: round(value / max(len(rows), 1), 2) for name, value in _interleaved(ways)["cpu_us"].items()}


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return round(time.perf_counter() - begun, 3)


def outcomes(scale: int) -> list[Outcome]:
    """Both scenarios at so many events."""
    with bench_database(DATABASE, is_fresh=True) as environment:
        found = figures_of(f"from benchmarks.analytics_dashboard import measure; measure({int(scale)})", environment)
    reading = Outcome("a month of a hot listing", found["cpu_us"], wall_us=found["wall_us"])
    # Fewer events are read as quickly as they are counted: raw rows cost what they cost at millions only.
    goals = [Goal(OURS, KEY, 15), *([Goal(OURS, RAW, 1 / 100)] if scale >= 1_000_000 else [])]
    reading.goals = [runner.judge(goal, reading.cpu_us) for goal in goals]
    per_day, counting = scale // DAYS, found["counting"]
    making = Outcome("making counters", {f"{name}, an event": cost for name, cost in counting.items()})
    making.figures = {
        f"seconds to count a day of {per_day:,} again": found["rollup_s"],
        "microseconds of that an event": round(1e6 * found["rollup_s"] / max(per_day, 1), 2),
    }
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
