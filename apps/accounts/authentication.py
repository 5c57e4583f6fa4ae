"""How DRF learns who calls: `callers.identify` decides, these classes hand its answer over."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apps.accounts.callers import Caller, CallerKind, caller_of
from apps.accounts.models import User


class CallerAuthentication(BaseAuthentication):
    """`request.user` is the caller's user and `request.auth` the caller. A session's writes carry a CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, Caller] | None:
        """The user and the caller; None for nobody."""
        caller = caller_of(request)
        if caller.user is None:
            return None
        if caller.kind == CallerKind.SESSION:
            _require_csrf_token(request._request)  # noqa: SLF001  DRF's way to Django's request
        return caller.user, caller

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  DRF's signature
        """What `WWW-Authenticate` says."""
        return 'Bearer realm="api"'


class ReadScope(BasePermission):
    """A key or token reads what its scopes name: the view's `read_scope`, or nothing in particular."""

    def has_permission(self, request: Request, view: object) -> bool:
        """:raises PermissionRefused: the scope is missing."""
        scope = getattr(view, "read_scope", "")
        if scope and request.method in SAFE_METHODS and request.method != "OPTIONS":
            caller_of(request).allow(scope)
        return True


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> str:  # noqa: ARG002  the reason, as DRF has it
        return reason


def _require_csrf_token(request: HttpRequest) -> None:
    check = _CsrfCheck(lambda _request: None)  # type: ignore[arg-type]  # never called
    check.process_request(request)
    reason = check.process_view(request, None, (), {})  # type: ignore[arg-type]  # the view is not looked at
    if reason:
        raise PermissionDenied(f"CSRF Failed: {reason}")
