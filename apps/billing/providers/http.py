"""The HTTP client for operators: what they do, also nothing at all, is an answer, and never an error.

Built on httpx's transport, httpcore: nothing is followed, kept or taken from the environment, because nothing there does so.
"""

from __future__ import annotations

import ipaddress
import json
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import httpcore
import httpx
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.billing.choices import CallKind
from apps.billing.providers.port import Journal
from apps.billing.providers.reading import parse_object, storable
from apps.billing.providers.redaction import redact
from apps.core.outgoing import OutgoingError, OutgoingFailed, OutgoingTimeout, is_allowed, resolve_host
from apps.core.outgoing.connecting import ADDRESSES_TRIED, BoundedStream, Deadline

CONNECT_S, READ_S, TOTAL_S = 5.0, 15.0, 20.0
BODY_MAX = 256 * 1024
# Operators close idle connections after about a minute.
IDLE_S = 20.0
CONNECTIONS = 16

_deadline: ContextVar[Deadline] = ContextVar("deadline")


@dataclass(frozen=True)
class Reply:
    """What came back of one call.

    `status` is None when nothing whole came: `error` then says why (too_slow, connection_failed, tls_failed, answer_broken,
    too_large, encoding_unknown, name_unknown, https_only). `data` is the body when it is a JSON object. `shown` may be kept.
    """

    status: int | None
    data: dict[str, Any] | None = None
    is_empty: bool = False
    shown: str = ""
    error: str = ""

    @property
    def is_readable(self) -> bool:
        """A body that says nothing, or something that we can read. An HTML page decides nothing, whatever its status."""
        return self.status is not None and (self.is_empty or self.data is not None)

    @property
    def raw_reason(self) -> str:
        """In short, for people: the transport's error, or status and body."""
        return self.error or storable(f"HTTP {self.status} {self.shown}")


def scaled(seconds: float) -> float:
    """A waiting time, divided by `PAYMENT_TIME_SCALE` and never below a second."""
    return max(1.0, seconds / settings.PAYMENT_TIME_SCALE)


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine's."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@cache
def _authorities(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)


class OperatorClient:
    """Asks one operator, over connections that are kept. Threads may share it, processes may not.

    :param base_url: https, or http on this machine and in `OUTGOING_ALLOWED_NETWORKS`.
    :param ca_file: PEM of the only authorities that are trusted; empty: the system's.
    :param secrets: taken out of what the journal gets.
    :raises ImproperlyConfigured: not a usable address, or no such file.
    """

    def __init__(self, base_url: str, *, ca_file: str = "", secrets: Iterable[str] = ()) -> None:
        self._base = base_url.rstrip("/")
        self._secrets = tuple(secret for secret in secrets if secret)
        try:
            self._url = httpx.URL(self._base)
            is_usable = self._url.scheme in {"https", "http"} and bool(self._url.host) and not self._url.userinfo
            trusted = _authorities(ca_file)
        except (httpx.InvalidURL, OSError) as error:
            raise ImproperlyConfigured(f"{self._base}: {error}") from error
        if not is_usable:
            raise ImproperlyConfigured(f"{self._base} is not the address of an operator.")
        if not all(secret.isascii() and secret.isprintable() for secret in self._secrets):
            raise ImproperlyConfigured(f"A credential for {self._base} cannot be sent in a header.")
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted,
            network_backend=_Backend(is_encrypted=self._url.scheme == "https"),
            max_connections=CONNECTIONS,
            keepalive_expiry=IDLE_S,
        )

    @property
    def base_url(self) -> str:
        """Where it asks."""
        return self._base

    @property
    def host(self) -> str:
        """Whom it asks."""
        return self._url.host

    def close(self) -> None:
        """Let go of all connections."""
        self._pool.close()

    def call(
        self,
        kind: CallKind,
        method: str,
        path: str,
        journal: Journal,
        *,
        headers: Mapping[str, str],
        content: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        secrets: Iterable[str] = (),
    ) -> Reply:
        """Ask once and read the whole answer; the journal learns of it before and after.

        :param content: sent as JSON; `form` as a form; neither as an empty body with its length.
        :param secrets: of this call, taken out of what the journal gets.
        """
        hidden = (*self._secrets, *(secret for secret in secrets if secret))
        body, kept = _body(content, form)
        sent = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": settings.SITE_NAME, **kept, **headers}
        if method != "GET":
            sent["Content-Length"] = str(len(body))
        call = journal.begin(kind, method, _shown_path(self._url.path.rstrip("/") + path, hidden))
        reply = self._ask(method, path, sent, body, hidden)
        journal.end(call, status=reply.status, body=reply.shown, error=reply.error)
        return reply

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes, hidden: tuple[str, ...]) -> Reply:
        marker = _deadline.set(Deadline(scaled(TOTAL_S)))
        try:
            with _own_errors():
                url = httpx.URL(self._base + path)
                target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
                waits = {"connect": scaled(CONNECT_S), "pool": scaled(CONNECT_S), "read": scaled(READ_S), "write": scaled(READ_S)}
                with self._pool.stream(method, target, headers=[*headers.items()], content=body, extensions={"timeout": waits}) as response:
                    got = _read(response)
                return _reply(response.status, got, hidden)
        except OutgoingError as error:
            return Reply(None, error=error.reason)
        finally:
            _deadline.reset(marker)


def _reply(status: int, body: bytes, hidden: tuple[str, ...]) -> Reply:
    return Reply(status, parse_object(body), is_empty=not body.strip(), shown=redact(body, hidden))


def _body(content: Mapping[str, Any] | None, form: Mapping[str, str] | None) -> tuple[bytes, dict[str, str]]:
    if content is not None:
        return json.dumps(content, separators=(",", ":")).encode(), {"Content-Type": "application/json"}
    if form is not None:
        return urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    return b"", {}


def _shown_path(path: str, hidden: tuple[str, ...]) -> str:
    for secret in hidden:
        path = path.replace(secret, "***").replace(quote(secret, safe=""), "***")
    return path


def _read(response: httpcore.Response) -> bytes:
    """:raises OutgoingFailed: packed though we asked for it plain. :raises OutgoingError: too large."""
    headers = httpx.Headers(response.headers)
    if headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise OutgoingFailed("encoding_unknown")
    length = headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > BODY_MAX:
        raise OutgoingError("too_large")
    pieces, total = [], 0
    for piece in response.iter_stream():
        total += len(piece)
        if total > BODY_MAX:
            raise OutgoingError("too_large")
        pieces.append(piece)
    return b"".join(pieces)


@contextmanager
def _own_errors() -> Iterator[None]:
    """What the library raises, in our words."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise OutgoingTimeout("too_slow", error) from error
    except httpcore.ConnectError as error:
        raise OutgoingFailed("connection_failed", error) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise OutgoingFailed("answer_broken", error) from error


class _CallDeadline(Deadline):
    """The deadline of whatever call uses the connection just now: connections outlive calls."""

    def __init__(self) -> None:
        """There is nothing to remember."""

    def left(self, at_most: float | None = None) -> float:
        return _deadline.get().left(at_most)


class _Backend(httpcore.NetworkBackend):
    """Connects within the call's deadline, the look-up of the name included."""

    def __init__(self, *, is_encrypted: bool) -> None:
        self._is_encrypted = is_encrypted
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's addresses. :raises OutgoingFailed: there is none."""
        deadline = _CallDeadline()
        try:
            addresses = resolve_host(host.strip("[]"), deadline.left(timeout))
        except OSError as error:
            raise OutgoingFailed("name_unknown", host) from error
        failure: Exception | None = None
        for address in addresses[:ADDRESSES_TRIED]:
            if not (self._is_encrypted or is_loopback(address) or is_allowed(address)):
                raise OutgoingFailed("https_only", host)
            try:
                stream = self._plain.connect_tcp(address, port, deadline.left(timeout), local_address, socket_options)
            except (httpcore.ConnectTimeout, httpcore.ConnectError) as error:
                failure = error
            else:
                return BoundedStream(stream, deadline)
        raise failure or OutgoingFailed("name_unknown", host)
