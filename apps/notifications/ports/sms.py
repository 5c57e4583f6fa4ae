"""SMS: a port, and the adapters that ship. `SMS_BACKEND` names the one in use; an operator's adapter is one more class."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.notifications.exceptions import PortFailed


class SmsPort(Protocol):
    """Sends one text to one number."""

    def send(self, *, to: str, text: str) -> str:
        """The provider's reference. :raises PortFailed: it did not leave."""


class ConsoleSms:
    """Writes messages to standard output: for a developer's machine."""

    def send(self, *, to: str, text: str) -> str:
        """As `SmsPort`."""
        sys.stdout.write(f"SMS to {to}: {text}\n")
        sys.stdout.flush()
        return f"console-{uuid.uuid4().hex[:12]}"


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
        "0404": lambda: PortFailed("unknown subscriber", is_final=True),
        "0429": lambda: PortFailed("throttled, try later"),
        "0504": lambda: PortFailed("timeout"),
    }

    def send(self, *, to: str, text: str) -> str:
        """As `SmsPort`."""
        fault = self.faults.get(to[-4:])
        if fault is not None:
            raise fault()
        self.outbox.append(SentSms(to, text))
        return f"fake-{len(self.outbox)}"


def send(*, to: str, text: str) -> str:
    """Send through the adapter in use; returns the provider's reference. :raises PortFailed: it did not leave."""
    port: SmsPort = import_string(settings.SMS_BACKEND)()
    return port.send(to=to, text=text)
