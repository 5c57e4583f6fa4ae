"""WhatsApp: approved templates through a port, and the adapters that ship. `WHATSAPP_BACKEND` names the one in use."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.notifications.exceptions import PortFailed
from apps.notifications.ports import calling
from apps.notifications.ports.receipts import Receipt

# https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
# Trying again is of no use: the number is not reachable there, the template is unknown, paused or wrongly filled, the reader
# stopped such messages, or Meta keeps them from him.
FINAL_CODES = {100, 368, 131008, 131009, 131026, 131047, 131049, 131050, 131051, 132000, 132001, 132005, 132007, 132012, 132015, 132016}
NO_ACCOUNT_CODE = 131026


class WhatsAppPort(Protocol):
    """Sends one approved template to one number."""

    def send(self, *, to: str, template: str, language: str, parameters: Sequence[str], reference: str) -> Receipt:
        """The provider's receipt. :raises PortFailed: it did not leave."""


class ConsoleWhatsApp:
    """Writes messages to standard output: for a developer's machine."""

    def send(self, *, to: str, template: str, language: str, parameters: Sequence[str], reference: str) -> Receipt:  # noqa: ARG002  the port's
        """As `WhatsAppPort`."""
        sys.stdout.write(f"WhatsApp to {to}: {template} ({language}) {list(parameters)}\n")
        sys.stdout.flush()
        return Receipt(f"console-{uuid.uuid4().hex[:12]}")


@dataclass(frozen=True)
class SentTemplate:
    """What the fake provider took."""

    to: str
    template: str
    language: str
    parameters: tuple[str, ...]
    reference: str


class FakeWhatsApp:
    """A provider in memory with the faults that Meta documents. The last digits of a number choose the fault."""

    outbox: list[SentTemplate] = []  # noqa: RUF012  one provider for all who ask
    faults: dict[str, Callable[[], PortFailed]] = {  # noqa: RUF012  likewise
        "1026": lambda: PortFailed("131026 undeliverable", is_final=True, is_bounce=True),
        "2001": lambda: PortFailed("132001 template does not exist", is_final=True),
        "0429": lambda: PortFailed("130429 rate limit"),
        "0504": lambda: PortFailed("timeout"),
    }

    def send(self, *, to: str, template: str, language: str, parameters: Sequence[str], reference: str) -> Receipt:
        """As `WhatsAppPort`."""
        fault = self.faults.get(to[-4:])
        if fault is not None:
            raise fault()
        self.outbox.append(SentTemplate(to, template, language, tuple(parameters), reference))
        return Receipt(f"wamid.fake-{reference}", settings.WHATSAPP_COST_XAF, is_confirmed_later=True)


class MetaWhatsApp:
    """Meta's Cloud API. https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates"""

    def send(self, *, to: str, template: str, language: str, parameters: Sequence[str], reference: str) -> Receipt:
        """As `WhatsAppPort`."""
        components = [{"type": "body", "parameters": [{"type": "text", "text": one} for one in parameters]}] if parameters else []
        reply = calling.post(
            f"{settings.WHATSAPP_BASE_URL}/{settings.WHATSAPP_PHONE_NUMBER_ID}/messages",
            headers={"Authorization": f"Bearer {settings.WHATSAPP_ACCESS_TOKEN}"},
            json={
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": to.removeprefix("+"),
                "type": "template",
                "template": {"name": template, "language": {"code": language}, "components": components},
                "biz_opaque_callback_data": reference,
            },
        )
        if reply.status == 200:
            return Receipt(_first_id(reply.data), settings.WHATSAPP_COST_XAF, is_confirmed_later=True)
        raise _refused(reply)


def _first_id(data: dict[str, Any]) -> str:
    match data.get("messages"):
        case [{"id": str(found)}, *_]:
            return found
    # Taken, and nobody can ever say of which message a receipt speaks.
    return ""


def _refused(reply: calling.Reply) -> PortFailed:
    error = reply.data.get("error")
    code, words = (error.get("code"), error.get("message", "")) if isinstance(error, dict) else (None, "")
    return PortFailed(
        f"HTTP {reply.status} {code or ''} {words}"[:300],
        is_final=code in FINAL_CODES,
        is_bounce=code == NO_ACCOUNT_CODE,
    )


def send(*, to: str, template: str, language: str, parameters: Sequence[str], reference: str) -> Receipt:
    """Send through the adapter in use. :raises PortFailed: it did not leave."""
    port: WhatsAppPort = import_string(settings.WHATSAPP_BACKEND)()
    return port.send(to=to, template=template, language=language, parameters=parameters, reference=reference)
