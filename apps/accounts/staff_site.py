"""Who may open the administration: staff, through the site's own log-in, with a second factor where that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class StaffSite(AdminSite):
    """Django's log-in form would pass by second factors and by the count of wrong passwords; this door has none."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff; in production staff with a second factor (`STAFF_NEED_MFA`)."""
        return super().has_permission(request) and not _lacks_factor(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Answer 400 to a forged id: Django's history and actions look up what is no id at all, which the field refuses."""

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            try:
                return view(request, *args, **kwargs)
            except ValidationError as error:
                raise BadRequest(str(error)) from error

        return super().admin_view(guarded, cacheable)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002  Django's signature
        """Send to the site's log-in, or to the page that adds a second factor. :raises PermissionDenied: somebody else's account."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or request.get_full_path())
        if not super().has_permission(request):
            raise PermissionDenied
        if _lacks_factor(request):
            messages.error(request, _("L’administration demande un second facteur : ajoutez-en un, puis revenez."))
            return redirect("mfa_index")
        return redirect("admin:index")


def _lacks_factor(request: HttpRequest) -> bool:
    return settings.STAFF_NEED_MFA and not is_mfa_enabled(request.user, _FACTORS)
