"""Figures for Prometheus at `/metrics`: what the processes counted, and what is looked up when they are asked for. Not public."""

from __future__ import annotations

import hmac
import ipaddress
import os

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_looked_up: list[Collector] = []


def add_collector(collector: Collector) -> None:
    """Look these figures up at each scrape, once and not once a process. For `AppConfig.ready`."""
    _looked_up.append(collector)


@never_cache
@require_safe
def exposition(request: HttpRequest) -> HttpResponse:
    """All figures; for whoever sends `METRICS_TOKEN`, and without one for programs on this machine. For others there is no such page."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    # With several processes each writes its counters into a folder of files; one alone knows them all itself.
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    for collector in _looked_up:
        registry.register(collector)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        return hmac.compare_digest(request.META.get("HTTP_AUTHORIZATION", "").encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    try:
        is_local = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    # A proxy on this machine passes on what comes from anywhere.
    return is_local and not any(name in request.META for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"))
