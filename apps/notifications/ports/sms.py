"""SMS: a port, and the adapters that ship. `SMS_BACKEND` names the one in use; an operator's adapter is one more class."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from django.conf import settings
from django.core.cache import cache
from django.utils.module_loading import import_string

from apps.notifications.exceptions import PortFailed
from apps.notifications.ports import calling, gsm
from apps.notifications.ports.receipts import Receipt


class SmsPort(Protocol):
    """Sends one text to one number."""

    def send(self, *, to: str, text: str) -> Receipt:
        """The provider's receipt. :raises PortFailed: it did not leave."""


class ConsoleSms:
    """Writes messages to standard output: for a developer's machine."""

    def send(self, *, to: str, text: str) -> Receipt:
        """As `SmsPort`."""
        sys.stdout.write(f"SMS to {to}: {text}\n")
        sys.stdout.flush()
        return Receipt(f"console-{uuid.uuid4().hex[:12]}")


@dataclass(frozen=True)
class SentSms:
    """What the fake operator took."""

    to: str
    text: str


class FakeSms:
    """An operator in memory, with the faults that real ones document. The last digits of a number choose the fault."""

    outbox: list[SentSms] = []  # noqa: RUF012  one operator for all who ask
    # What gateways answer: an unknown subscriber, a full queue, no answer in time.
    faults: dict[str, Callable[[], PortFailed]] = {  # noqa: RUF012  likewise
        "0404": lambda: PortFailed("unknown subscriber", is_final=True, is_bounce=True),
        "0429": lambda: PortFailed("throttled, try later"),
        "0504": lambda: PortFailed("timeout"),
    }

    def send(self, *, to: str, text: str) -> Receipt:
        """As `SmsPort`."""
        fault = self.faults.get(to[-4:])
        if fault is not None:
            raise fault()
        self.outbox.append(SentSms(to, text))
        return Receipt(f"fake-{len(self.outbox)}", gsm.parts(text) * settings.SMS_COST_XAF, is_confirmed_later=True)


class OrangeSms:
    """Orange's SMS interface for Africa. https://developer.orange.com/apis/sms/getting-started"""

    def send(self, *, to: str, text: str) -> Receipt:
        """As `SmsPort`."""
        sender = f"tel:{settings.ORANGE_SMS_SENDER}"
        reply = calling.post(
            f"{settings.ORANGE_SMS_BASE_URL}/smsmessaging/v1/outbound/{quote(sender, safe='')}/requests",
            headers={"Authorization": f"Bearer {self._token()}"},
            json={
                "outboundSMSMessageRequest": {
                    "address": f"tel:{to}",
                    "senderAddress": sender,
                    "outboundSMSTextMessage": {"message": text},
                }
            },
        )
        if reply.status == 201:
            sent = reply.data.get("outboundSMSMessageRequest")
            address = str(sent.get("resourceURL", "")) if isinstance(sent, dict) else ""
            return Receipt(address.rstrip("/").rpartition("/")[2], gsm.parts(text) * settings.SMS_COST_XAF, is_confirmed_later=True)
        if reply.status == 401:
            # The next try asks for a new token.
            cache.delete(_TOKEN_KEY)
        raise PortFailed(f"HTTP {reply.status} {str(reply.data)[:200]}", is_final=reply.status == 400)

    def _token(self) -> str:
        known = cache.get(_TOKEN_KEY)
        if known:
            return str(known)
        reply = calling.post(
            f"{settings.ORANGE_SMS_BASE_URL}/oauth/v3/token",
            headers={"Authorization": f"Basic {settings.ORANGE_SMS_CREDENTIALS}"},
            form={"grant_type": "client_credentials"},
        )
        token = str(reply.data.get("access_token", ""))
        if reply.status != 200 or not token:
            raise PortFailed(f"no token: HTTP {reply.status}")
        # An hour by its documentation; renewed well before.
        cache.set(_TOKEN_KEY, token, 1800)
        return token


_TOKEN_KEY = "notifications:orange-sms-token"  # noqa: S105  a name


def send(*, to: str, text: str) -> Receipt:
    """Send through the adapter in use, in the cheap alphabet. :raises PortFailed: it did not leave."""
    port: SmsPort = import_string(settings.SMS_BACKEND)()
    return port.send(to=to, text=gsm.plain(text))
