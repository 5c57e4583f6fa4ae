"""Probes: is the process alive, and can it serve?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.core.cache import caches
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PROBE_KEY = "health"


@never_cache
@require_safe
def live(_request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing else, so that a database in trouble does not restart the web."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """What the process needs. 503 only without the database or with migrations to apply; without Redis it is degraded."""
    checks = {name: _probe(check) for name, check in _CHECKS.items()}
    is_up = all(checks[name]["status"] == "ok" for name in ("database", "migrations"))
    is_whole = all(check["status"] == "ok" for check in checks.values())
    status = "ok" if is_whole else "degraded" if is_up else "down"
    return JsonResponse({"status": status, "checks": checks}, status=200 if is_up else 503)


def _probe(check: Callable[[], None]) -> dict[str, Any]:
    start = time.perf_counter()
    try:
        check()
    except Exception as error:  # noqa: BLE001  a probe reports whatever is wrong; the text stays free of addresses
        return {"status": "down", "error": type(error).__name__}
    return {"status": "ok", "ms": round((time.perf_counter() - start) * 1000, 1)}


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are not applied")


def _cache() -> None:
    cache: Any = caches["default"]
    cache.set(PROBE_KEY, "1", 10)
    if getattr(cache, "is_away", False) or cache.get(PROBE_KEY) != "1":
        raise ConnectionError


def _broker() -> None:
    if current_app.conf.task_always_eager:
        return
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=1)


def add_check(name: str, check: Callable[[], None]) -> None:
    """Have an application's own probe told by `ready`, under a name; it raises when something is wrong."""
    _CHECKS[name] = check


_CHECKS: dict[str, Callable[[], None]] = {"database": _database, "migrations": _migrations, "cache": _cache, "broker": _broker}
