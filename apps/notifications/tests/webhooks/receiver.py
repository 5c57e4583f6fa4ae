"""A receiver of webhooks on a socket of this machine, and what tests need around it."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
from collections.abc import Callable, Iterator
from typing import Any

from standardwebhooks import Webhook

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.core.clock import now
from apps.core.outgoing import Client, Limits
from apps.core.tests.talking_server import TalkingServer, reply
from apps.notifications.models import WebhookDelivery, WebhookEndpoint
from apps.notifications.services.webhooks import dispatching, endpoints
from apps.notifications.services.webhooks.attempting import Sender
from apps.notifications.webhook_types import CHOOSABLE

# A machine may be busy; a server that never answers shall cost a test half a second all the same.
PATIENT = Limits(total_s=30, wait_s=30, body_bytes=1 << 60, redirects=0)
SHORT = Limits(total_s=0.5, wait_s=0.5, body_bytes=1 << 60, redirects=0)
NO_CONTENT = reply("204 No Content")
Talk = Callable[[socket.socket, bytes], object]


def read_and_take(connection: socket.socket, _head: bytes) -> None:
    """Answer 204 once the body is there, which TLS brings in a record of its own: unread, it would make the close a reset."""
    connection.recv(65536)
    connection.sendall(NO_CONTENT)


class Receiver:
    """Keeps every message that it got whole, and answers what the test says."""

    def __init__(self) -> None:
        self.answer: bytes | Talk = NO_CONTENT
        self.messages: list[tuple[dict[str, str], bytes]] = []
        self._server = TalkingServer(self._talk)
        self.url = f"{self._server.url}hook"

    def _talk(self, connection: socket.socket, head: bytes) -> None:
        lines, _empty, body = head.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in lines.decode().split("\r\n")[1:])
        headers = {name.lower(): value for name, value in headers.items()}
        while len(body) < int(headers["content-length"]):
            body += connection.recv(65536)
        self.messages.append((headers, body))
        if isinstance(self.answer, bytes):
            connection.sendall(self.answer)
        else:
            self.answer(connection, head)

    @property
    def ids(self) -> list[str]:
        """The `webhook-id` of each message, in the order in which they came."""
        return [headers["webhook-id"] for headers, _body in self.messages]

    def close(self) -> None:
        """Listen no more."""
        self._server.close()


@contextlib.contextmanager
def receiving(answer: bytes | Talk = NO_CONTENT) -> Iterator[Receiver]:
    """A receiver for the length of a block."""
    receiver = Receiver()
    receiver.answer = answer
    try:
        yield receiver
    finally:
        receiver.close()


def make_endpoint(
    url: str = "https://exemple.cm/hook", *, user: User | None = None, types: list[str] | None = None, at: dt.datetime | None = None,
    include_object: bool = False, livemode: bool = True, **fields: Any,
) -> tuple[WebhookEndpoint, str]:  # fmt: skip
    """An endpoint that wants everything, and its secret. The address is taken as it is: tests of `check_url` look it up."""
    data = endpoints.EndpointInput(
        url=endpoints.CheckedUrl(url), event_types=types or list(CHOOSABLE), include_object=include_object, livemode=livemode
    )
    endpoint, secret = endpoints.create_endpoint(user=user or make_user(), data=data, at=at or now())
    if fields:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**fields)
        endpoint.refresh_from_db()
    return endpoint, secret


def make_delivery(endpoint: WebhookEndpoint, *, at: dt.datetime | None = None, key: str = "", **fields: Any) -> WebhookDelivery:
    """Something that waits for an endpoint."""
    moment = at or now()
    number = WebhookDelivery.objects.filter(endpoint=endpoint).count()
    values: dict[str, Any] = {
        "type": "key.created", "event_key": key or f"{number}:x", "body": f'{{"type":"key.created","data":{{"id":"{number} é"}}}}',
        "next_attempt_at": moment, "occurred_at": moment, "created_at": moment, **fields,
    }  # fmt: skip
    return WebhookDelivery.objects.create(endpoint=endpoint, **values)


def send(at: dt.datetime | None = None, *, client: Client | None = None, limits: Limits = PATIENT) -> int:
    """One round of the dispatcher."""
    return dispatching.dispatch(at=at or now(), sender=Sender(client=client, limits=limits))


def verified(secret: str, message: tuple[dict[str, str], bytes]) -> Any:
    """What the published library reads. :raises WebhookVerificationError: it does not believe it."""
    headers, body = message
    return Webhook(secret).verify(body, headers)
