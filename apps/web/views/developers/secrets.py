"""Making a key and replacing one. The secret is in the answer of that POST, and nowhere else."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from apps.accounts.choices import Entitlement
from apps.accounts.exceptions import KeyLimitReached
from apps.accounts.models import ApiKey
from apps.accounts.origins import origin_of
from apps.accounts.selectors.entitlements import entitlements_of
from apps.accounts.services.keys import create_key, rotate_key
from apps.core.clock import now
from apps.core.exceptions import Conflict, FieldsInvalid
from apps.web.forms.developers import KeyForm, RotateForm
from apps.web.key_rows import key_row, moment
from apps.web.people import user_of
from apps.web.samples import first_call
from apps.web.sendings import forget_sending, is_first_sending, new_form_number
from apps.web.views.developers.frames import portal_frame, refused, secret_answer
from apps.web.views.developers.keys import own_key


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def key_new(request: HttpRequest) -> HttpResponse:
    """A new key."""
    user, at = user_of(request), now()
    hourly_max = entitlements_of(user, at=at)[Entitlement.HOURLY_RATE]
    form = KeyForm(request.POST if request.method == "POST" else None, hourly_max=hourly_max)
    number = request.POST.get("once", "") or new_form_number()
    if form.is_bound and form.is_valid():
        if not is_first_sending(user, number):
            return _sent_before(request)
        try:
            key, secret = create_key(user=user, data=form.key_input(), at=at, origin=origin_of(request))
        except FieldsInvalid as error:
            form.add_refusals(error)
        except KeyLimitReached as error:
            form.add_error(None, str(error.detail))
        else:
            return _shown(request, key=key, secret=secret, at=at, title=_("Clé créée"))
        forget_sending(user, number)
    context = portal_frame(request, title=_("Créer une clé"), section="keys", is_refused=bool(form.errors), form=form, number=number)
    template = "web/developers/key_new.html"
    return refused(request, template, context) if form.errors else render(request, template, context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def key_rotate(request: HttpRequest, key_id: uuid.UUID) -> HttpResponse:
    """A key that replaces this one; both work for a while."""
    user, at = user_of(request), now()
    old = own_key(user, key_id)
    row = key_row(old, at=at)
    if not row.can_rotate:
        messages.error(request, _("Cette clé est terminée ou déjà remplacée : créez-en une autre."))
        return redirect("web:developer_key", key_id=old.pk)
    form = RotateForm(request.POST if request.method == "POST" else None)
    number = request.POST.get("once", "") or new_form_number()
    if form.is_bound and form.is_valid():
        if not is_first_sending(user, number):
            return _sent_before(request)
        overlap = form.both_work()
        try:
            key, secret = rotate_key(user=user, key_id=old.pk, at=at, overlap=overlap, origin=origin_of(request))
        except Conflict as error:
            messages.error(request, str(error.detail))
            return redirect("web:developer_key", key_id=old.pk)
        end = min(at + overlap, old.expires_at or at + overlap)
        until = moment(end) if overlap else ""
        return _shown(request, key=key, secret=secret, at=at, title=_("Clé renouvelée"), replaces=row, until=until)
    context = portal_frame(
        request, title=_("Renouveler la clé"), section="keys", is_refused=bool(form.errors), form=form, row=row, number=number
    )
    template = "web/developers/key_rotate.html"
    return refused(request, template, context) if form.errors else render(request, template, context)


@sensitive_variables()
def _shown(request: HttpRequest, *, key: ApiKey, secret: str, at: dt.datetime, title: str, **context: Any) -> HttpResponse:
    samples = first_call(request, key=secret, scopes=key.permissions)
    shown = portal_frame(request, title=title, section="keys", row=key_row(key, at=at), secret=secret, samples=samples, **context)
    return secret_answer(request, "web/developers/key_secret.html", shown)


def _sent_before(request: HttpRequest) -> HttpResponse:
    messages.warning(
        request, _("Ce formulaire a déjà été envoyé : la clé existe, et son secret ne peut plus être affiché. Perdu ? Renouvelez la clé.")
    )
    return redirect("web:developer_keys")
