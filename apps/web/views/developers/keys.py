"""Keys of the signed-in person: listed, changed, ended."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.choices import Entitlement
from apps.accounts.models import ApiKey, User
from apps.accounts.origins import origin_of
from apps.accounts.selectors.entitlements import entitlements_of
from apps.accounts.selectors.keys import find_key, keys_of
from apps.accounts.services.keys import change_key, revoke_key
from apps.core.clock import now
from apps.core.exceptions import Conflict, FieldsInvalid, NotFound
from apps.web.forms.developers import KeyForm
from apps.web.key_rows import key_row
from apps.web.people import user_of
from apps.web.usage_figures import calls_by_key
from apps.web.views.developers.frames import portal_frame, refused


@login_required
@require_safe
def key_list(request: HttpRequest) -> HttpResponse:
    """Living keys, then those that ended."""
    user, at = user_of(request), now()
    calls = calls_by_key(user, today=timezone.localdate(at))
    rows = [key_row(key, at=at, calls=calls) for key in keys_of(user)]
    context = portal_frame(
        request,
        title=_("Clés d’API"),
        section="keys",
        rows=[row for row in rows if row.can_change],
        ended=[row for row in rows if not row.can_change],
        most=entitlements_of(user, at=at)[Entitlement.API_KEYS],
    )
    return render(request, "web/developers/keys.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def key_page(request: HttpRequest, key_id: uuid.UUID) -> HttpResponse:
    """One key, and the form that changes it while it lives."""
    user, at = user_of(request), now()
    key = own_key(user, key_id)
    row = key_row(key, at=at)
    hourly_max = entitlements_of(user, at=at)[Entitlement.HOURLY_RATE]
    form = KeyForm(request.POST if request.method == "POST" and row.can_change else None, hourly_max=hourly_max, key=key)
    if form.is_bound and form.is_valid():
        try:
            change_key(user=user, key_id=key.pk, changes=form.changes(), at=at, origin=origin_of(request))
        except FieldsInvalid as error:
            form.add_refusals(error)
        except Conflict as error:
            messages.error(request, str(error.detail))
            return redirect("web:developer_key", key_id=key.pk)
        else:
            messages.success(request, _("Clé enregistrée."))
            return redirect("web:developer_keys")
    context = portal_frame(request, title=key.name, section="keys", is_refused=bool(form.errors), row=row, form=form)
    return refused(request, "web/developers/key.html", context) if form.errors else render(request, "web/developers/key.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def key_revoke(request: HttpRequest, key_id: uuid.UUID) -> HttpResponse:
    """Ask, then end the key at once."""
    user, at = user_of(request), now()
    key = own_key(user, key_id)
    if request.method == "POST":
        revoke_key(user=user, key_id=key.pk, at=at, origin=origin_of(request))
        messages.success(request, _("La clé « %(name)s » est révoquée : plus aucun appel ne passe avec elle.") % {"name": key.name})
        return redirect("web:developer_keys")
    context = portal_frame(request, title=_("Révoquer la clé ?"), section="keys", row=key_row(key, at=at))
    return render(request, "web/developers/key_revoke.html", context)


def own_key(user: User, key_id: uuid.UUID) -> ApiKey:
    """:raises Http404: there is none, or it is somebody else's."""
    try:
        return find_key(user, key_id)
    except NotFound as error:
        raise Http404 from error
