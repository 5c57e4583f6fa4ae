"""Limits around the API's views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.accounts import limits
from apps.accounts.callers import ANONYMOUS, caller_of
from apps.accounts.limits import costs
from apps.core.api.languages import request_language
from apps.core.api.problems import problem_http_response
from apps.core.api.views import has_credentials
from apps.core.client_address import client_ip
from apps.core.exceptions import DomainError
from apps.core.middleware import API_PATHS


class ApiLimitMiddleware:
    """Asks `limits` before every call of the API and tells it how the call ended. Pages, files and probes are outside."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        admission: limits.Admission | None = request.__dict__.get("_admission")
        if admission is not None:
            limits.settle(admission, status=response.status_code)
            _write_headers(response, admission, status=response.status_code)
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: dict[str, Any]) -> HttpResponse | None:  # noqa: ARG002  Django's signature
        """Decide when the operation is known; None lets the call in."""
        match = request.resolver_match
        operation = (match.url_name if match else None) or "unknown"
        if not request.path_info.startswith(API_PATHS) or operation in costs.EXEMPT:
            return None
        at, address = timezone.now(), client_ip(request)
        try:
            caller = caller_of(request) if has_credentials(request) else ANONYMOUS
        except DomainError:
            # The view says what is wrong with it; here it only counts, so that nobody guesses keys by the thousand.
            admission = limits.charge_failure(address, at=at)
        else:
            admission = limits.admit(caller, address=address, operation=operation, at=at)
        request.__dict__["_admission"] = admission
        return _refusal(request, admission) if admission.refused_by else None


def _refusal(request: HttpRequest, admission: limits.Admission) -> HttpResponse:
    """429 that names the policy and says what to do."""
    with translation.override(request_language(request)):
        details = {
            "burst": _("Trop de requêtes d’un coup. Attendez %(seconds)s s, et espacez-les."),
            "sustained": _("La limite de requêtes par heure est atteinte. Réessayez dans %(seconds)s s."),
            "monthly": _("Le quota du mois est atteint. Il recommence le 1er du mois ; un forfait supérieur donne plus d’appels."),
        }
        code = "quota_exceeded" if admission.refused_by == "monthly" else "rate_limited"
        detail = details[admission.refused_by] % {"seconds": admission.retry_s}
        response = problem_http_response(request, status=429, code=code, detail=detail, **{"violated-policies": [admission.refused_by]})
    response["Retry-After"] = str(admission.retry_s)
    return response


def _write_headers(response: HttpResponse, admission: limits.Admission, *, status: int) -> None:
    bounds = admission.bounds
    response.headers["RateLimit-Policy"] = bounds.policy_header
    response.headers["RateLimit"] = bounds.limit_format % admission.left
    response.headers["X-Quota-Cost"] = "0" if status >= 500 or status == 304 else str(admission.units)
