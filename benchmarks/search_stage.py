"""Makes everything ready that the scenarios of search ask: places, both indexes, tantivy, the SQL peers; and measures what they take."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings

from apps.catalog.models import Resource
from apps.core.clock import now
from apps.search import services
from apps.search.analysis import folded
from apps.search.backends.base import SearchBackend
from apps.search.backends.elasticsearch import ElasticsearchBackend
from apps.search.backends.postgres import PostgresBackend, reading
from apps.search.models import SearchSampleColumn
from apps.search.selectors.live import live_sources
from apps.search.services.catalogue import build_documents
from apps.search.services.indexing import BATCH
from benchmarks import search_bulk
from benchmarks.bulk import fill
from benchmarks.database import postgres_process
from benchmarks.peers import engines as peers
from benchmarks.queries import draw_queries
from benchmarks.runner import Outcome, cpu_ns, family, spent_ns
from benchmarks.search import NODE, ORIGINALS, ROUNDS, WITHOUT
from benchmarks.search_scenarios import ELASTICSEARCH, FACETS, POSTGRES, Stage, engine_query, same_answers
from ecosysteme import embedded

# In the product a question that takes longer than 0.3 s goes to PostgreSQL, and is given up after two; here it is to be seen how long it
# takes.
PATIENCE_S = 30
FOLDER = embedded.ROOT / "var" / "bench"
WARM_UP_ROUNDS, WARM_UP_TEXTS = 4, 50


def prepare(scale: int) -> tuple[Stage, list[Outcome]]:
    """The stage, and what it took to set it up."""
    reading.set_timeout(1_000 * PATIENCE_S)
    engines: dict[str, SearchBackend] = {POSTGRES: PostgresBackend()}
    rebuilt = make_tables(scale)
    if "elasticsearch" not in WITHOUT:
        elastic = ElasticsearchBackend(settings.ELASTICSEARCH, prefix=settings.ELASTICSEARCH_INDEX_PREFIX, timeout_s=PATIENCE_S)
        engines[ELASTICSEARCH] = elastic
        _rebuild_elasticsearch(scale, elastic, rebuilt)
    tantivy = peers.Tantivy(FOLDER / f"tantivy-{scale}", scale, copies=max(scale // ORIGINALS, 1))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT resource_id::text FROM resource_card WHERE language = 'fr' ORDER BY md5(resource_id::text) LIMIT 400")
        ids = [row[0] for row in cursor.fetchall()]
    backend_pid = _backend_pid()
    stage = Stage(
        sources={name: dataclasses.replace(live_sources(), engine=engine) for name, engine in engines.items()},
        # Words and cards are PostgreSQL's, whichever engine finds.
        pids={name: [backend_pid] if name == POSTGRES else [backend_pid, NODE.pid] for name in engines},
        queries=draw_queries(min(scale, ORIGINALS)),
        tantivy=tantivy,
        ids=ids,
        at=now(),
        rounds=ROUNDS,
    )
    _warm_up(stage)
    return stage, [rebuilt, Outcome("gates", figures=same_answers(stage))]


def _warm_up(stage: Stage) -> None:
    """A Java server compiles what it is asked often; no engine is measured before it has run for a while."""
    texts = [text for texts in (stage.queries.frequent, stage.queries.medium, stage.queries.rare) for text in texts[:WARM_UP_TEXTS]]
    for _round in range(WARM_UP_ROUNDS):
        for text in texts:
            query = engine_query(text)
            for sources in stage.sources.values():
                sources.engine.search(query)
                sources.engine.facets(query, FACETS)
                sources.engine.suggest(folded(text)[:3], limit=8)


def memory(stage: Stage) -> list[Outcome]:
    """What the servers of both engines occupy after all these questions: PostgreSQL's processes share one buffer, counted once."""
    found = Outcome("memory after the run")
    servers = {POSTGRES: family(postgres_process()), **{name: pids[-1:] for name, pids in stage.pids.items() if name != POSTGRES}}
    for name, pids in servers.items():
        found.figures[f"{name}: MB"] = round(sum(map(_proportional_kb, pids)) / 1e3, 1)
    return [found]


def _proportional_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _timed(name: str, scale: int, pids: Sequence[int], work: Callable[[], object], *, what: str = "rebuild") -> None:
    """Do the work and keep what it took: an index that is there is built no second time only to be measured."""
    before, wall, own = cpu_ns(pids), time.monotonic(), _own_cpu_s()
    work()
    servers_s, own_s = spent_ns(before, cpu_ns(pids)) / 1e9, _own_cpu_s() - own
    took = {
        f"{name}: {what}, seconds": round(time.monotonic() - wall, 1),
        f"{name}: {what}, CPU seconds": round(servers_s + own_s, 1),
        f"{name}: {what}, of it the server's": round(servers_s, 1),
    }
    _kept(name, scale).write_text(json.dumps(took), encoding="utf-8")


def _own_cpu_s() -> float:
    """Of this process and of those it has waited for."""
    return sum(os.times()[:4])


def _took(name: str, scale: int) -> dict[str, float]:
    """What the last build took; nothing when nobody measured it."""
    kept = _kept(name, scale)
    return dict(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else {}


def _kept(name: str, scale: int) -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER / f"{name.lower()}-{scale}.json"


def _backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def make_tables(scale: int) -> Outcome:
    """Places, PostgreSQL's index and the SQL peers, as far as they are missing; what the index takes."""
    rebuilt = Outcome("rebuild and size")
    call_command("migrate", interactive=False, verbosity=0)
    if scale <= ORIGINALS:
        fill(scale)
    _rebuild_postgres(scale, rebuilt)
    peers.build_tables(scale)
    return rebuilt


def _rebuild_postgres(scale: int, outcome: Outcome) -> None:
    """The index built by the command's own service, with time, CPU and disk; one that is kept from a former run is only measured."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM resource_search")
        if cursor.fetchone()[0] != scale:
            with override_settings(ELASTICSEARCH={}):
                _timed(POSTGRES, scale, [_backend_pid()], services.rebuild_index)
        if not SearchSampleColumn.objects.exists():
            # A migration ends what was drawn for the code before.
            services.refresh_statistics()
        outcome.figures |= _took(POSTGRES, scale)
        tables = [model._meta.db_table for model in apps.get_app_config("search").get_models()]  # noqa: SLF001  Django's public name
        cursor.execute("SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest(%s::text[]) AS name", [tables])
        outcome.figures[f"{POSTGRES}: MB on disk"] = round(cursor.fetchone()[0] / 1e6, 1)


def _rebuild_elasticsearch(scale: int, elastic: ElasticsearchBackend, outcome: Outcome) -> None:
    """Documents made and sent as `rebuild_index` does, without PostgreSQL's rows, which it would write along the way.

    Of several copies of each place (`search_bulk`) each document is made once: what it takes is told by another name.
    """
    copies = scale // ORIGINALS

    def rebuild() -> None:
        ids = list(Resource.objects.published().order_by("pk").values_list("pk", flat=True))
        with elastic.rebuilding() as write:
            for start in range(0, len(ids), BATCH):
                write([one.document for one in build_documents(ids[start : start + BATCH])])

    if not elastic.is_current() or elastic.health().documents != scale:
        if copies > 1:
            work = functools.partial(search_bulk.fill_elasticsearch, elastic, copies)
            _timed(ELASTICSEARCH, scale, [NODE.pid], work, what="filled with copies")
        else:
            _timed(ELASTICSEARCH, scale, [_backend_pid(), NODE.pid], rebuild)
    outcome.figures |= _took(ELASTICSEARCH, scale)
    client = elastic.indices.client
    client.indices.flush(index=elastic.indices.alias)
    stored = client.indices.stats(index=elastic.indices.alias, metric="store")["_all"]["primaries"]["store"]
    outcome.figures[f"{ELASTICSEARCH}: MB on disk"] = round(stored["size_in_bytes"] / 1e6, 1)
