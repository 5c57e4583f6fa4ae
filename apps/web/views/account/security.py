"""How the account is kept safe, what happened to it, and where it is logged in."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.origins import origin_of
from apps.accounts.selectors.people import devices_of, events_of, has_second_factor
from apps.accounts.services.devices import end_others, end_session
from apps.accounts.services.tokens import revoke_family
from apps.core.clock import now
from apps.core.exceptions import NotFound
from apps.web.people import user_of


@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Password, address, second factor, and the newest events."""
    user = user_of(request)
    context = {"person": user, "has_second_factor": has_second_factor(user), "events": events_of(user)}
    return render(request, "web/account/security.html", context)


@login_required
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """Sessions of the site and log-ins of programs."""
    found = devices_of(user_of(request), session_key=request.session.session_key or "", at=now())
    return render(request, "web/account/devices.html", {"devices": found})


@login_required
@require_POST
def end_device(request: HttpRequest, device_id: str) -> HttpResponse:
    """Log out one device or program."""
    user, origin = user_of(request), origin_of(request)
    try:
        if device_id.isdecimal():
            end_session(user=user, session_id=int(device_id), origin=origin)
        elif not revoke_family(user_id=user.pk, family_id=uuid.UUID(device_id), origin=origin, at=now()):
            raise NotFound
    except (NotFound, ValueError) as error:
        raise Http404 from error
    messages.success(request, _("Cet appareil est déconnecté."))
    return redirect("web:account_devices")


@login_required
@require_POST
def end_other_devices(request: HttpRequest) -> HttpResponse:
    """Log out everything but this session."""
    end_others(user=user_of(request), session_key=request.session.session_key or "", origin=origin_of(request), at=now())
    messages.success(request, _("Tous les autres appareils sont déconnectés."))
    return redirect("web:account_devices")
