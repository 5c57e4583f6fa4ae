"""From a name to a connection with a checked address, under one deadline."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from apps.core.outgoing.addresses import check_address, check_host, is_allowed
from apps.core.outgoing.errors import OutgoingFailed, OutgoingRefused, OutgoingTimeout

# A name and a number of seconds in, addresses as text out. :raises OSError: there are none.
Resolve = Callable[[str, float], list[str]]
ADDRESSES_TRIED = 4
WEB_PORTS = frozenset({80, 443})


class Deadline:
    """The moment at which everything has to be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, at_most: float | None = None) -> float:
        """Seconds left, no more than `at_most`. :raises OutgoingTimeout: none is."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise OutgoingTimeout
        return left if at_most is None else min(left, at_most)


def resolve_host(host: str, timeout_s: float) -> list[str]:
    """Addresses of a name, from the system. :raises OSError: there are none. :raises OutgoingTimeout: the name servers are silent."""
    answers: queue.Queue[list[str] | OSError] = queue.Queue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            answers.put([str(one[4][0]) for one in found])
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    # The system's call takes no time-out: whoever waits leaves it behind.
    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        raise OutgoingTimeout("too_slow", host) from None
    if isinstance(answer, OSError):
        raise answer
    return list(dict.fromkeys(answer))


def checked_addresses(host: str, port: int, *, is_encrypted: bool, resolve: Resolve, deadline: Deadline) -> list[str]:
    """Every address that the host stands for, all of them fit to be asked.

    :raises OutgoingRefused: one of them is not; plain http or another port than the web's, outside the allowed networks.
    :raises OutgoingFailed: there is no such name.
    """
    check_host(host)
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
        addresses = [host]
    except OSError:
        try:
            addresses = resolve(host, deadline.left())
        except OSError as error:
            raise OutgoingFailed("name_unknown", f"{host}: {error}") from error
    if not addresses:
        raise OutgoingFailed("name_unknown", host)
    for address in addresses:
        check_address(address)
    if not all(is_allowed(address) for address in addresses):
        if not is_encrypted:
            raise OutgoingRefused("https_only", host)
        if port not in WEB_PORTS:
            raise OutgoingRefused("port_not_allowed", port)
    return addresses


class CheckedBackend(httpcore.NetworkBackend):
    """What httpcore connects with: it asks for a name, and gets a connection to an address that was checked."""

    def __init__(self, *, is_encrypted: bool, resolve: Resolve, deadline: Deadline) -> None:
        self._is_encrypted, self._resolve, self._deadline = is_encrypted, resolve, deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's addresses. :raises OutgoingError: there is none that may be, or can be."""
        addresses = checked_addresses(host, port, is_encrypted=self._is_encrypted, resolve=self._resolve, deadline=self._deadline)
        error: Exception | None = None
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                stream = self._plain.connect_tcp(address, port, self._deadline.left(timeout), local_address, socket_options)
            except httpcore.ConnectTimeout as silence:
                error = silence
            except httpcore.ConnectError as refusal:
                error = refusal
            else:
                return BoundedStream(stream, self._deadline)
        if isinstance(error, httpcore.ConnectTimeout):
            raise OutgoingTimeout("too_slow", host) from error
        raise OutgoingFailed("connection_failed", error) from error


class BoundedStream(httpcore.NetworkStream):
    """A connection on which no wait outlasts the deadline: a server that sends a byte a second gains nothing by it."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """As httpcore's."""
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """As httpcore's."""
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        """As httpcore's."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """As httpcore's; the name is the one that was asked for, not the address. :raises OutgoingFailed: no valid certificate."""
        try:
            return BoundedStream(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout)), self._deadline)
        except httpcore.ConnectError as error:
            raise OutgoingFailed("tls_failed", error) from error

    def get_extra_info(self, info: str) -> Any:
        """As httpcore's."""
        return self._stream.get_extra_info(info)
