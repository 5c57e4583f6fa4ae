"""Applications of partners that act for the signed-in person, and the end of that."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.choices import OpenIdScope, Scope
from apps.accounts.origins import origin_of
from apps.accounts.selectors.applications import connections_of
from apps.accounts.services.grants import revoke_connection
from apps.core.clock import now
from apps.web.people import user_of

_MEANINGS = {str(value): label for value, label in [*OpenIdScope.choices, *Scope.choices]}


@login_required
@require_safe
def applications(request: HttpRequest) -> HttpResponse:
    """Who holds living tokens, for what, and since when."""
    found = [(one, [_MEANINGS.get(scope, scope) for scope in sorted(one.scopes)]) for one in connections_of(user_of(request))]
    return render(request, "web/account/applications.html", {"connections": found})


@login_required
@require_POST
def end_connection(request: HttpRequest, client_id: str) -> HttpResponse:
    """Take back everything that was granted; harmless when repeated."""
    revoke_connection(user=user_of(request), client_id=client_id, at=now(), origin=origin_of(request))
    messages.success(request, _("L’application n’a plus accès à votre compte."))
    return redirect("web:account_applications")
