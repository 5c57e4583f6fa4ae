"""Makes everything ready that the scenarios of search ask: places, the index, tantivy, the SQL peers; and measures what they take."""

from __future__ import annotations

import time

from django.apps import apps
from django.db import connection

from apps.core.clock import now
from apps.search import services
from apps.search.selectors.live import live_sources
from benchmarks.bulk import fill
from benchmarks.database import postgres_process
from benchmarks.peers import engines as peers
from benchmarks.queries import draw_queries
from benchmarks.runner import Outcome, cpu_ns, family, spent_ns
from benchmarks.search_scenarios import POSTGRES, Stage, same_answers
from ecosysteme import embedded


def prepare(scale: int) -> tuple[Stage, list[Outcome]]:
    """The stage, and what it took to set it up."""
    fill(scale)
    rebuilt = _rebuild(scale)
    peers.build_tables(scale)
    tantivy = peers.Tantivy(embedded.ROOT / "var" / "bench" / f"tantivy-{scale}", scale)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_backend_pid()")
        backend_pid = cursor.fetchone()[0]
        cursor.execute("SELECT resource_id::text FROM resource_card WHERE language = 'fr' ORDER BY md5(resource_id::text) LIMIT 400")
        ids = [row[0] for row in cursor.fetchall()]
    stage = Stage(
        sources={POSTGRES: live_sources()},
        pids={POSTGRES: [backend_pid]},
        queries=draw_queries(scale),
        tantivy=tantivy,
        ids=ids,
        at=now(),
    )
    return stage, [rebuilt, Outcome("gates", figures=same_answers(stage))]


def _rebuild(scale: int) -> Outcome:
    """The index built by the command's own service, with time, CPU and disk; one that is kept from a former run is only measured."""
    outcome = Outcome("rebuild and size")
    server = postgres_process()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM resource_search")
        if cursor.fetchone()[0] != scale:
            before, wall, own = cpu_ns(family(server)), time.monotonic(), time.process_time()
            services.rebuild_index()
            outcome.figures[f"{POSTGRES}: rebuild, seconds"] = round(time.monotonic() - wall, 1)
            cpu_s = spent_ns(before, cpu_ns(family(server))) / 1e9 + time.process_time() - own
            outcome.figures[f"{POSTGRES}: rebuild, CPU seconds"] = round(cpu_s, 1)
        tables = [model._meta.db_table for model in apps.get_app_config("search").get_models()]  # noqa: SLF001  Django's public name
        cursor.execute("SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest(%s::text[]) AS name", [tables])
        outcome.figures[f"{POSTGRES}: MB on disk"] = round(cursor.fetchone()[0] / 1e6, 1)
    return outcome
