"""Webhook endpoints of the signed-in person: made, changed, switched on and off, ended."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.models import User
from apps.core.clock import now
from apps.core.exceptions import FieldsInvalid, NotFound
from apps.notifications.choices import EndpointState
from apps.notifications.exceptions import EndpointLimitReached
from apps.notifications.models import WebhookEndpoint
from apps.notifications.selectors.webhooks import endpoints_of, find_endpoint
from apps.notifications.services.webhooks import endpoints
from apps.web.forms.webhooks import EndpointForm, SecretForm
from apps.web.key_rows import moment
from apps.web.pages import Meta, frame, page_url
from apps.web.people import user_of
from apps.web.sendings import forget_sending, is_first_sending, new_form_number
from apps.web.views.developers.frames import portal_frame, refused, secret_answer
from apps.web.webhook_rows import endpoint_row
from apps.web.webhook_samples import EXAMPLE, HEADERS, STEPS, verification

SECTION = "webhooks"


@login_required
@require_safe
def webhook_list(request: HttpRequest) -> HttpResponse:
    """Every endpoint, newest first."""
    at = now()
    rows = [endpoint_row(one, at=at) for one in endpoints_of(user_of(request))]
    context = portal_frame(request, title=_("Webhooks"), section=SECTION, rows=rows, most=endpoints.ENDPOINTS_MAX)
    return render(request, "web/developers/webhooks.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def webhook_new(request: HttpRequest) -> HttpResponse:
    """A new endpoint; its secret is in the answer, and nowhere else."""
    user = user_of(request)
    form = EndpointForm(request.POST if request.method == "POST" else None)
    number = request.POST.get("once", "") or new_form_number()
    if form.is_bound and form.is_valid():
        if not is_first_sending(user, number):
            messages.warning(request, _("Ce formulaire a déjà été envoyé : l’adresse existe. Secret perdu ? Renouvelez-le."))
            return redirect("web:developer_webhooks")
        said = form.cleaned_data
        try:
            data = endpoints.EndpointInput(
                url=endpoints.check_url(said["url"]), event_types=said["event_types"], description=said["description"],
                include_object=said["include_object"], livemode=said["livemode"] == "live",
            )  # fmt: skip
            endpoint, secret = endpoints.create_endpoint(user=user, data=data, at=now())
        except FieldsInvalid as error:
            form.add_refusals(error)
        except EndpointLimitReached as error:
            form.add_error(None, str(error.detail))
        else:
            return _shown(request, endpoint=endpoint, secret=secret, title=_("Adresse créée"))
        forget_sending(user, number)
    context = portal_frame(request, title=_("Ajouter une adresse"), section=SECTION, is_refused=bool(form.errors), form=form, number=number)
    template = "web/developers/webhook_new.html"
    return refused(request, template, context) if form.errors else render(request, template, context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_edit(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """The form that changes it."""
    user = user_of(request)
    endpoint = own_endpoint(user, endpoint_id)
    form = EndpointForm(request.POST if request.method == "POST" else None, endpoint=endpoint)
    if form.is_bound and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            if "url" in changes:
                changes["url"] = endpoints.check_url(changes["url"])
            endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, changes=changes, at=now())
        except FieldsInvalid as error:
            form.add_refusals(error)
        else:
            messages.success(request, _("Adresse enregistrée."))
            return redirect("web:developer_webhook", endpoint_id=endpoint.pk)
    context = portal_frame(
        request, title=_("Modifier l’adresse"), section=SECTION, is_refused=bool(form.errors), form=form, endpoint=endpoint
    )
    template = "web/developers/webhook_edit.html"
    return refused(request, template, context) if form.errors else render(request, template, context)


@login_required
@require_POST
def webhook_switch(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """On or off."""
    user = user_of(request)
    endpoint = own_endpoint(user, endpoint_id)
    state = EndpointState.ENABLED if request.POST.get("state") == EndpointState.ENABLED else EndpointState.DISABLED
    endpoints.change_endpoint(user=user, endpoint_id=endpoint.pk, changes={"state": state}, at=now())
    if state == EndpointState.ENABLED:
        messages.success(request, _("Adresse activée. Ce qui a été retenu peut être rejoué."))
    else:
        messages.success(request, _("Adresse désactivée : les événements sont retenus pendant 30 jours."))
    return redirect("web:developer_webhook", endpoint_id=endpoint.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def webhook_secret(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """A new secret; both sign for a while."""
    user = user_of(request)
    endpoint = own_endpoint(user, endpoint_id)
    form = SecretForm(request.POST if request.method == "POST" else None)
    number = request.POST.get("once", "") or new_form_number()
    if form.is_bound and form.is_valid():
        if not is_first_sending(user, number):
            messages.warning(request, _("Ce formulaire a déjà été envoyé : le secret est renouvelé. Perdu ? Renouvelez-le encore."))
            return redirect("web:developer_webhook", endpoint_id=endpoint.pk)
        at, overlap = now(), form.both_sign()
        endpoint, secret = endpoints.rotate_secret(user=user, endpoint_id=endpoint.pk, at=at, overlap=overlap)
        until = moment(at + overlap) if overlap else ""
        return _shown(request, endpoint=endpoint, secret=secret, title=_("Secret renouvelé"), is_renewed=True, until=until)
    context = portal_frame(
        request, title=_("Renouveler le secret"), section=SECTION, is_refused=bool(form.errors), form=form, endpoint=endpoint, number=number
    )
    template = "web/developers/webhook_rotate.html"
    return refused(request, template, context) if form.errors else render(request, template, context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_delete(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """Ask, then end it."""
    user = user_of(request)
    endpoint = own_endpoint(user, endpoint_id)
    if request.method == "POST":
        endpoints.delete_endpoint(user=user, endpoint_id=endpoint.pk)
        messages.success(request, _("L’adresse est supprimée : plus rien n’y est envoyé."))
        return redirect("web:developer_webhooks")
    context = portal_frame(request, title=_("Supprimer l’adresse ?"), section=SECTION, endpoint=endpoint)
    return render(request, "web/developers/webhook_delete.html", context)


@require_safe
def webhook_guide(request: HttpRequest) -> HttpResponse:
    """How a program receives and verifies; for everybody."""
    is_signed_in = request.user.is_authenticated
    meta = Meta(
        title=_("Recevoir des webhooks"),
        description=_("Vérifier la signature d’un webhook en six langages, y répondre, et ce qui se passe quand vous ne répondez pas."),
        canonical=None if is_signed_in else page_url(request),
        robots="noindex" if is_signed_in else None,
    )
    context = frame(
        request, meta=meta, nav="developers", portal=SECTION if is_signed_in else "", heading=_("Recevoir des webhooks"),
        samples=verification(), example=EXAMPLE, headers=HEADERS, steps=STEPS,
    )  # fmt: skip
    return render(request, "web/developers/webhook_guide.html", context)


def own_endpoint(user: User, endpoint_id: uuid.UUID) -> WebhookEndpoint:
    """:raises Http404: there is none, or it is somebody else's."""
    try:
        return find_endpoint(endpoints_of(user), endpoint_id)
    except NotFound as error:
        raise Http404 from error


@sensitive_variables()
def _shown(request: HttpRequest, *, endpoint: WebhookEndpoint, secret: str, title: str, **context: Any) -> HttpResponse:
    shown = portal_frame(request, title=title, section=SECTION, endpoint=endpoint, secret=secret, samples=verification(), **context)
    return secret_answer(request, "web/developers/webhook_secret.html", shown)
