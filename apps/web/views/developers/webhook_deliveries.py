"""One webhook endpoint: what was sent, what was answered; trying it, sending again."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.core.api.pagination import InvalidCursor, Keyset
from apps.core.clock import now
from apps.core.exceptions import Conflict, FieldsInvalid, NotFound
from apps.core.templatetags.eco import number
from apps.notifications.choices import WebhookState
from apps.notifications.models import WebhookDelivery, WebhookEndpoint
from apps.notifications.selectors.webhooks import attempts_of, delivery_page, find_delivery
from apps.notifications.services.webhooks import replaying
from apps.notifications.webhook_types import WEBHOOK_TYPES
from apps.web.forms.webhooks import RangeForm
from apps.web.people import user_of
from apps.web.views.developers.frames import portal_frame, refused
from apps.web.views.developers.webhooks import SECTION, own_endpoint
from apps.web.webhook_rows import attempt_row, delivery_row, endpoint_row, payload_text, state_links

SHOWN = 25


@login_required
@require_safe
def webhook_page(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """The endpoint, and a page of its deliveries. What a filter does not know counts as not asked."""
    endpoint = own_endpoint(user_of(request), endpoint_id)
    asked = request.GET
    states = [asked["state"]] if asked.get("state") in WebhookState.values else []
    types = [asked["type"]] if asked.get("type") in WEBHOOK_TYPES else []
    try:
        place = Keyset.decode(asked["cursor"], request) if "cursor" in asked else None
    except InvalidCursor:
        place = None
    rows, following, preceding = delivery_page(endpoint, states=states, types=types, place=place, limit=SHOWN)
    address = reverse("web:developer_webhook", args=[endpoint.pk])
    kept = "".join(f"&{name}={values[0]}" for name, values in (("state", states), ("type", types)) if values)

    def page(other: Keyset | None) -> str:
        return f"{address}?cursor={other.encode(request)}{kept}" if other else ""

    row = endpoint_row(endpoint, at=now())
    context = portal_frame(
        request, title=row.name, section=SECTION, row=row, endpoint=endpoint, rows=[delivery_row(one) for one in rows],
        states=state_links(address, asked), kinds=WEBHOOK_TYPES.values(), asked_type=types[0] if types else "",
        asked_state=states[0] if states else "", is_filtered=bool(states or types), next=page(following), previous=page(preceding),
        types=[WEBHOOK_TYPES[name] for name in endpoint.event_types if name in WEBHOOK_TYPES],
    )  # fmt: skip
    return render(request, "web/developers/webhook.html", context)


@login_required
@require_safe
def webhook_delivery(request: HttpRequest, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> HttpResponse:
    """One delivery: what was sent, and what was answered to each try."""
    endpoint = own_endpoint(user_of(request), endpoint_id)
    delivery = _own_delivery(endpoint, delivery_id)
    context = portal_frame(
        request, title=delivery.type, section=SECTION, endpoint=endpoint, row=delivery_row(delivery), payload=payload_text(delivery),
        attempts=[attempt_row(one) for one in attempts_of(delivery)], is_on=endpoint_row(endpoint, at=now()).is_on,
        is_first_try=delivery.state == WebhookState.PENDING and not delivery.tries,
    )  # fmt: skip
    template = "web/developers/_webhook_delivery.html" if request.headers.get("HX-Request") else "web/developers/webhook_delivery.html"
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return response


@login_required
@require_POST
def webhook_test(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """Send a message to try it; its page shows what is answered."""
    user = user_of(request)
    endpoint = own_endpoint(user, endpoint_id)
    delivery = replaying.send_test(user=user, endpoint_id=endpoint.pk, at=now())
    messages.success(request, _("Le message d’essai part."))
    return redirect("web:developer_webhook_delivery", endpoint_id=endpoint.pk, delivery_id=delivery.pk)


@login_required
@require_POST
def webhook_replay_one(request: HttpRequest, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> HttpResponse:
    """Send it again."""
    user = user_of(request)
    endpoint = own_endpoint(user, endpoint_id)
    delivery = _own_delivery(endpoint, delivery_id)
    try:
        replaying.replay_one(user=user, endpoint_id=endpoint.pk, delivery_id=delivery.pk, at=now())
    except Conflict as error:
        messages.error(request, str(error.detail))
    else:
        messages.success(request, _("Le message repart, sous le même identifiant."))
    return redirect("web:developer_webhook_delivery", endpoint_id=endpoint.pk, delivery_id=delivery.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_replay(request: HttpRequest, endpoint_id: uuid.UUID) -> HttpResponse:
    """What happened between two moments, again."""
    user, at = user_of(request), now()
    endpoint = own_endpoint(user, endpoint_id)
    form = RangeForm(request.POST if request.method == "POST" else None, at=at)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            count, rest = replaying.replay_range(
                user=user, endpoint_id=endpoint.pk, since=said["since"], until=said["until"], is_everything=said["is_everything"], at=at
            )
        except FieldsInvalid as error:
            form.add_refusals(error)
        except Conflict as error:
            form.add_error(None, str(error.detail))
        else:
            _say_how_many(request, count, is_more=rest is not None)
            return redirect("web:developer_webhook", endpoint_id=endpoint.pk)
    context = portal_frame(
        request, title=_("Rejouer des événements"), section=SECTION, is_refused=bool(form.errors), form=form, endpoint=endpoint
    )
    template = "web/developers/webhook_replay.html"
    return refused(request, template, context) if form.errors else render(request, template, context)


def _say_how_many(request: HttpRequest, count: int, *, is_more: bool) -> None:
    if not count:
        messages.warning(request, _("Rien à rejouer entre ces deux moments : tout est remis, ou déjà en route."))
        return
    messages.success(request, ngettext("%(n)s message repart.", "%(n)s messages repartent.", count) % {"n": number(count)})
    if is_more:
        messages.warning(request, _("Il en reste : rejouez encore une fois la même période."))


def _own_delivery(endpoint: WebhookEndpoint, delivery_id: uuid.UUID) -> WebhookDelivery:
    """:raises Http404: there is none."""
    try:
        return find_delivery(endpoint, delivery_id)
    except NotFound as error:
        raise Http404 from error
