"""Sending again what was sent or missed, and a message to try an endpoint."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.exceptions import Conflict, FieldsInvalid, NotFound
from apps.core.ids import uuid7
from apps.notifications.choices import EndpointState, WebhookState
from apps.notifications.models import WebhookDelivery, WebhookEndpoint
from apps.notifications.services.webhooks.endpoints import locked
from apps.notifications.services.webhooks.recording import message_body, send_soon
from apps.notifications.webhook_types import TEST

# A range takes so many at once; who has more asks again, and gets the next.
REPLAYED_AT_ONCE = 1000
MISSED = (WebhookState.FAILED, WebhookState.HELD)


@transaction.atomic
def send_test(*, user: User, endpoint_id: uuid.UUID, at: dt.datetime) -> WebhookDelivery:
    """A `webhook.test` for an endpoint, on or off. It is tried once and counts for nothing. :raises NotFound: not his."""
    endpoint = locked(user, endpoint_id)
    row = WebhookDelivery.objects.create(
        endpoint=endpoint, type=TEST, event_key=f"test:{uuid7()}", next_attempt_at=at, occurred_at=at, created_at=at,
        body=message_body(TEST, livemode=endpoint.livemode, occurred_at=at, data={"id": str(endpoint.pk)}, shown=None),
    )  # fmt: skip
    send_soon()
    return row


@transaction.atomic
def replay_one(*, user: User, endpoint_id: uuid.UUID, delivery_id: uuid.UUID, at: dt.datetime) -> WebhookDelivery:
    """Send one message again, whatever became of it, under its own id; one that waits is sent now. A pause of the endpoint ends.

    :raises NotFound: not his. :raises Conflict: the endpoint is off.
    """
    endpoint = _open(user, endpoint_id)
    row = WebhookDelivery.objects.select_for_update().filter(pk=delivery_id, endpoint=endpoint).first()
    if row is None:
        raise NotFound
    if row.state != WebhookState.PENDING:
        row.failures, row.claimed_until = 0, None
    row.state, row.next_attempt_at = WebhookState.PENDING, at
    row.save(update_fields=["state", "failures", "claimed_until", "next_attempt_at"])
    _send_now(endpoint)
    return row


@transaction.atomic
def replay_range(
    *, user: User, endpoint_id: uuid.UUID, since: dt.datetime, until: dt.datetime, is_everything: bool = False, at: dt.datetime
) -> tuple[int, dt.datetime | None]:
    """Send again what happened in a range and did not arrive, oldest first; returns how many, and from when on some are left.

    What failed and waits for its next try, and whatever waits for the end of a pause, does not wait any longer and begins its tries anew
    like what was given up; the pause ends: whoever asks has mended his server. All else that was not sent yet is on its way already.

    :param since: included, :param until: excluded. :param is_everything: also what arrived.
    :raises NotFound: not his. :raises Conflict: the endpoint is off. :raises FieldsInvalid: a range that ends before it begins.
    """
    if since >= until:
        raise FieldsInvalid([("/until", "out_of_range", _("La fin vient après le début."))])
    endpoint = _open(user, endpoint_id)
    found = WebhookDelivery.objects.filter(endpoint=endpoint, occurred_at__gte=since, occurred_at__lt=until).exclude(type=TEST)
    wanted = Q(state__in=(*MISSED, WebhookState.DELIVERED) if is_everything else MISSED)
    untouched = Q(claimed_until=None) | Q(claimed_until__lte=at)
    is_paused = endpoint.throttled_until is not None and endpoint.throttled_until > at
    held_up = Q() if is_paused else Q(failures__gt=0, next_attempt_at__gt=at)
    waiting = Q(untouched, held_up, state=WebhookState.PENDING)
    rows = found.filter(wanted | waiting).order_by("occurred_at", "pk").select_for_update()
    chosen = list(rows.values_list("pk", "occurred_at")[: REPLAYED_AT_ONCE + 1])
    taken = WebhookDelivery.objects.filter(pk__in=[pk for pk, _moment in chosen[:REPLAYED_AT_ONCE]]).update(
        state=WebhookState.PENDING, failures=0, claimed_until=None, next_attempt_at=at
    )
    if taken:
        _send_now(endpoint)
    return taken, chosen[-1][1] if len(chosen) > REPLAYED_AT_ONCE else None


def _send_now(endpoint: WebhookEndpoint) -> None:
    """Have a worker look, also at an endpoint that asked for a pause: its owner knows better than its last answer."""
    if endpoint.throttled_until is not None:
        endpoint.throttled_until = None
        endpoint.save(update_fields=["throttled_until"])
    send_soon()


def _open(user: User, endpoint_id: uuid.UUID) -> WebhookEndpoint:
    endpoint = locked(user, endpoint_id)
    if endpoint.state != EndpointState.ENABLED:
        raise Conflict(_("Cette adresse est désactivée : activez-la d’abord."))
    return endpoint
