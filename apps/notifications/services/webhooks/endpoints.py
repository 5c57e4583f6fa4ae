"""Endpoints: made, changed, switched on and off, deleted here alone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.exceptions import FieldsInvalid, NotFound
from apps.core.outgoing import Client, OutgoingError
from apps.notifications.choices import EndpointState, WebhookState
from apps.notifications.exceptions import EndpointLimitReached
from apps.notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret
from apps.notifications.services.webhooks import signing
from apps.notifications.webhook_types import CHOOSABLE

ENDPOINTS_MAX = 10
URL_MAX, DESCRIPTION_MAX = 2000, 200
OVERLAP_DEFAULT, OVERLAP_MAX = dt.timedelta(hours=24), dt.timedelta(days=7)
# Looking up a name, while somebody waits for the answer.
LOOK_UP_S = 3.0
Problem = tuple[str, str, str | Promise]


@dataclass(frozen=True)
class CheckedUrl:
    """An address that may be asked. Made by `check_url` alone: a service holds a transaction, which no look-up of a name may prolong."""

    text: str


@dataclass(frozen=True)
class EndpointInput:
    """What an endpoint is asked to be."""

    url: CheckedUrl
    event_types: Sequence[str]
    description: str = ""
    include_object: bool = False
    livemode: bool = True


def check_url(url: str, *, client: Client | None = None) -> CheckedUrl:
    """The address, when it is https (plain http: in allowed networks alone), of the open internet, on a port of the web.

    What its name stands for may change at any time: every try checks again.

    :raises FieldsInvalid: it is not, or its name is unknown now.
    """
    text = url.strip()
    try:
        if len(text) > URL_MAX or not text.isprintable():
            raise FieldsInvalid([("/url", "url_invalid", _("Cette adresse n’est pas une adresse web valide."))])
        (client or Client()).check(text, timeout_s=LOOK_UP_S)
    except OutgoingError as refusal:
        raise FieldsInvalid([("/url", refusal.reason, str(refusal.detail))]) from refusal
    return CheckedUrl(text)


@transaction.atomic
def create_endpoint(*, user: User, data: EndpointInput, at: dt.datetime) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which nobody is shown again.

    :raises FieldsInvalid: a member breaks a rule. :raises EndpointLimitReached: there are as many of this mode as there may be.
    """
    # One at a time for a user, so that their number is counted right.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    fields = _checked({"event_types": data.event_types, "description": data.description})
    if WebhookEndpoint.objects.filter(user=user, livemode=data.livemode).count() >= ENDPOINTS_MAX:
        raise EndpointLimitReached
    endpoint = WebhookEndpoint.objects.create(
        user=user, url=data.url.text, include_object=data.include_object, livemode=data.livemode, state_changed_at=at, created_at=at,
        updated_at=at, **fields,
    )  # fmt: skip
    return endpoint, _new_secret(endpoint, at=at)


@transaction.atomic
def change_endpoint(*, user: User, endpoint_id: uuid.UUID, changes: Mapping[str, Any], at: dt.datetime) -> WebhookEndpoint:
    """Change address, description, types, or whether the object comes along; switch it on or off.

    :param changes: `url` is a `CheckedUrl`; `state` is `enabled` or `disabled`.
    :raises NotFound: not his. :raises FieldsInvalid: a member breaks a rule.
    """
    endpoint = locked(user, endpoint_id)
    fields = _checked(changes)
    state = fields.pop("state", None)
    for name, value in fields.items():
        setattr(endpoint, name, value)
    endpoint.updated_at = at
    endpoint.save(update_fields=[*fields, "updated_at"])
    if state is not None and state != endpoint.state:
        switch(endpoint, EndpointState(state), at=at)
    return endpoint


def switch(endpoint: WebhookEndpoint, state: EndpointState, *, at: dt.datetime) -> None:
    """Put a locked endpoint into a state. Off: what waits is held. On: it begins with a clean record, and a replay sends what was held."""
    endpoint.state, endpoint.state_changed_at = state, at
    if state == EndpointState.ENABLED:
        endpoint.failures, endpoint.failing_since, endpoint.throttled_until = 0, None, None
    else:
        endpoint.deliveries.filter(state=WebhookState.PENDING).update(state=WebhookState.HELD, next_attempt_at=None, claimed_until=None)
    endpoint.updated_at = at
    endpoint.save(update_fields=["state", "state_changed_at", "failures", "failing_since", "throttled_until", "updated_at"])


@transaction.atomic
def rotate_secret(
    *, user: User, endpoint_id: uuid.UUID, at: dt.datetime, overlap: dt.timedelta = OVERLAP_DEFAULT
) -> tuple[WebhookEndpoint, str]:
    """A new secret; the one before it signs, too, until the overlap is over (none after a leak), an older one no more.

    :raises NotFound: not his. :raises FieldsInvalid: an overlap beyond a week.
    """
    if not dt.timedelta(0) <= overlap <= OVERLAP_MAX:
        raise FieldsInvalid([("/overlap", "out_of_range", _("La période commune va de 0 à 7 jours."))])
    endpoint = locked(user, endpoint_id)
    endpoint.secrets.filter(expires_at__isnull=False).delete()
    if overlap:
        endpoint.secrets.update(expires_at=at + overlap)
    else:
        endpoint.secrets.all().delete()
    return endpoint, _new_secret(endpoint, at=at)


@transaction.atomic
def delete_endpoint(*, user: User, endpoint_id: uuid.UUID) -> None:
    """End it, with everything that was sent there. :raises NotFound: not his."""
    _delete([locked(user, endpoint_id).pk])


@transaction.atomic
def forget_user(*, user_id: uuid.UUID) -> int:
    """End every endpoint of an account that is no more; returns how many."""
    mine = list(WebhookEndpoint.objects.select_for_update().filter(user=user_id).order_by("pk").values_list("pk", flat=True))
    _delete(mine)
    return len(mine)


def prune_secrets(*, at: dt.datetime) -> int:
    """Forget secrets that sign no more."""
    return WebhookSecret.objects.filter(expires_at__lte=at).delete()[0]


def locked(user: User, endpoint_id: uuid.UUID) -> WebhookEndpoint:
    """The endpoint, locked for the rest of the transaction. :raises NotFound: there is none, or it is somebody else's."""
    found = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id, user=user).first()
    if found is None:
        raise NotFound
    return found


def _delete(ids: Sequence[uuid.UUID]) -> None:
    """By tables: there may be a hundred thousand rows, which need not pass through here."""
    WebhookAttempt.objects.filter(delivery__endpoint__in=ids)._raw_delete("default")  # noqa: SLF001  Django's own fast way
    WebhookDelivery.objects.filter(endpoint__in=ids)._raw_delete("default")  # noqa: SLF001  likewise
    WebhookSecret.objects.filter(endpoint__in=ids).delete()
    WebhookEndpoint.objects.filter(pk__in=ids).delete()


def _new_secret(endpoint: WebhookEndpoint, *, at: dt.datetime) -> str:
    secret = signing.new_secret()
    WebhookSecret.objects.create(endpoint=endpoint, sealed=signing.seal(secret), created_at=at)
    return secret


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that these members mean. :raises FieldsInvalid: naming each member."""
    errors: list[Problem] = []
    fields = {name: given[name] for name in ("include_object",) if name in given}
    if "url" in given:
        fields["url"] = given["url"].text
    if "description" in given:
        fields["description"] = " ".join(str(given["description"]).split())
        if len(fields["description"]) > DESCRIPTION_MAX or not fields["description"].isprintable():
            errors.append(("/description", "invalid", _("La description va jusqu’à 200 caractères, sur une ligne.")))
    if "event_types" in given:
        fields["event_types"] = list(dict.fromkeys(given["event_types"]))
        if not fields["event_types"]:
            errors.append(("/event_types", "empty", _("Choisissez au moins un événement.")))
        elif unknown := sorted(set(fields["event_types"]) - set(CHOOSABLE)):
            errors.append(("/event_types", "unknown_type", _("Événement inconnu : %(names)s.") % {"names": ", ".join(unknown)[:200]}))
    if "state" in given:
        fields["state"] = given["state"]
        if given["state"] not in {EndpointState.ENABLED, EndpointState.DISABLED}:
            errors.append(("/state", "invalid", _("L’état demandé est enabled ou disabled.")))
    if errors:
        raise FieldsInvalid(errors)
    return fields
