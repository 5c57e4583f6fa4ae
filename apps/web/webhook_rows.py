"""Endpoints and deliveries as their pages show them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core.outgoing.errors import words_of
from apps.core.templatetags.eco import number
from apps.notifications.choices import EndpointState, WebhookState
from apps.notifications.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from apps.notifications.webhook_types import WEBHOOK_TYPES
from apps.web.key_rows import moment

_ENDPOINT_TONES = {EndpointState.ENABLED: "brand", EndpointState.DISABLED: ""}
_TONES = {WebhookState.DELIVERED: "brand", WebhookState.PENDING: "sun", WebhookState.FAILED: "clay", WebhookState.HELD: "indigo"}
# What no outgoing error says.
_OWN_WORDS: dict[str, str | Promise] = {
    "redirect": gettext_lazy("Elle renvoie ailleurs : une redirection est un échec."),
    "unsigned": gettext_lazy("Son secret ne peut plus être lu : renouvelez-le."),
    "internal": gettext_lazy("Erreur de notre côté."),
}


@dataclass(frozen=True)
class EndpointRow:
    """One endpoint and how it does."""

    endpoint: WebhookEndpoint
    state: str
    tone: str

    @property
    def is_on(self) -> bool:
        """Whether it is sent anything."""
        return self.endpoint.state == EndpointState.ENABLED

    @property
    def name(self) -> str:
        """What its owner calls it, or whose it is."""
        return self.endpoint.description or urlsplit(self.endpoint.url).hostname or self.endpoint.url


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery: what, how it stands, what comes next."""

    delivery: WebhookDelivery
    label: str | Promise
    state: str
    tone: str
    result: str
    following: str = ""


@dataclass(frozen=True)
class AttemptRow:
    """One try in words."""

    when: str
    result: str
    is_good: bool
    duration: str
    answer: str


@dataclass(frozen=True)
class Choice:
    """A filter that is a link."""

    label: str | Promise
    url: str
    is_on: bool


def endpoint_row(endpoint: WebhookEndpoint, *, at: dt.datetime) -> EndpointRow:
    """The endpoint at a moment."""
    state = EndpointState(endpoint.state)
    if state == EndpointState.ENABLED and endpoint.throttled_until and endpoint.throttled_until > at:
        return EndpointRow(endpoint, _("En pause jusqu’au %(moment)s") % {"moment": moment(endpoint.throttled_until)}, "sun")
    if state == EndpointState.ENABLED and endpoint.failures:
        words = ngettext("%(n)s échec de suite", "%(n)s échecs de suite", endpoint.failures) % {"n": number(endpoint.failures)}
        return EndpointRow(endpoint, words, "clay" if endpoint.failures > 4 else "sun")
    return EndpointRow(endpoint, str(state.label), _ENDPOINT_TONES.get(state, "clay"))


def delivery_row(delivery: WebhookDelivery) -> DeliveryRow:
    """The delivery; its body is not asked for."""
    state = WebhookState(delivery.state)
    kind = WEBHOOK_TYPES.get(delivery.type)
    following = moment(delivery.next_attempt_at) if delivery.next_attempt_at and delivery.tries else ""
    result = result_words(delivery.last_status, delivery.last_error) if delivery.tries else ""
    return DeliveryRow(delivery, kind.label if kind else delivery.type, str(state.label), _TONES[state], result, following)


def attempt_row(one: WebhookAttempt) -> AttemptRow:
    """A try."""
    duration = _("%(n)s ms") % {"n": number(one.duration_ms)}
    return AttemptRow(moment_s(one.at), result_words(one.status, one.error), not one.error, duration, one.answer)


def result_words(status: int | None, error: str) -> str:
    """`204`, `500`, or why there was no answer."""
    if status is not None:
        return f"{status} · {_OWN_WORDS['redirect']}" if error == "redirect" else str(status)
    return str(_OWN_WORDS.get(error) or words_of(error))


def moment_s(at: dt.datetime) -> str:
    """A moment to the second."""
    return _("%(moment)s, %(seconds)s s") % {"moment": moment(at), "seconds": f"{at:%S}"}


def payload_text(delivery: WebhookDelivery) -> str:
    """The body, to be read by people. What is signed has no spaces."""
    value: Any = json.loads(delivery.body)
    return json.dumps(value, ensure_ascii=False, indent=2)


def state_links(address: str, asked: QueryDict) -> list[Choice]:
    """Filters by state, which keep the type."""
    kind = f"&type={asked['type']}" if asked.get("type") in WEBHOOK_TYPES else ""
    now_on = asked.get("state", "")
    choices: Sequence[tuple[str, str | Promise]] = [("", _("Tous")), *((one.value, one.label) for one in WebhookState)]
    return [Choice(label, f"{address}?state={value}{kind}" if value or kind else address, now_on == value) for value, label in choices]
