"""What surrounds calls of the API."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.analytics.services.latency import calls


class ApiLatencyMiddleware:
    """Measures calls of those who say who they are. How many units they took is counted by accounts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        # Left by the limiter, whose groups begin with the day; empty for callers without an account.
        admission = request.__dict__.get("_admission")
        if admission is not None and admission.bounds.field:
            group = admission.bounds.field.partition("|")[2]
            calls.note(group, seconds=time.perf_counter() - started, status=response.status_code, at_s=time.time())
        return response
