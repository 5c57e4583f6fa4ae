"""A proxy for a browser of ours: whatever a page asks for is checked like every address that others give us."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar

from apps.core.outgoing.client import Client, Limits
from apps.core.outgoing.errors import OutgoingError, OutgoingRefused

# One connection of a page: seconds of life, seconds of silence, bytes to the page.
LIFE_S, SILENCE_S, BYTES_MAX = 120.0, 30.0, 20_000_000
PLAIN_LIMITS = Limits(total_s=60, wait_s=15, body_bytes=BYTES_MAX, redirects=0)
# What belongs to one connection, not to what passes through it.
HOP_HEADERS = frozenset({
    "connection", "proxy-connection", "proxy-authorization", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host",
    "content-length", "content-encoding", "accept-encoding",
})  # fmt: skip


class CheckingProxy:
    """Listens on a free port of loopback for the length of a block. `refused` are the addresses that it did not ask."""

    def __init__(self, client: Client) -> None:
        self.refused: list[str] = []
        handler = type("Handler", (_Handler,), {"client": client, "refused": self.refused})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="checking-proxy", daemon=True)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> CheckingProxy:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    client: ClassVar[Client]
    refused: ClassVar[list[str]]
    timeout = SILENCE_S
    protocol_version = "HTTP/1.1"

    def do_CONNECT(self) -> None:
        """A tunnel for https: the browser itself checks the certificate."""
        host, _colon, port = self.path.rpartition(":")
        try:
            upstream = self.client.connect(host.strip("[]"), int(port), is_encrypted=True, timeout_s=15)
        except (OutgoingError, ValueError) as error:
            self._refuse(self.path, error)
            return
        self.close_connection = True
        with contextlib.closing(upstream):
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _exchange(self.connection, upstream)

    def _forward(self) -> None:
        """Plain http, which only allowed networks may be asked by; redirects are the browser's, and come back here."""
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(min(length, 1_000_000)) if length else None
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_HEADERS}
        self.close_connection = True
        try:
            answer = self.client.fetch(self.path, method=self.command, headers=headers, content=content, limits=PLAIN_LIMITS, follows=False)
        except OutgoingError as error:
            self._refuse(self.path, error)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.multi_items():
            if name.lower() not in HOP_HEADERS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _forward  # noqa: N815  the library's names

    def _refuse(self, target: str, error: Exception) -> None:
        if isinstance(error, OutgoingRefused):
            self.refused.append(target)
        self.send_error(403 if isinstance(error, OutgoingRefused) else 502, str(getattr(error, "reason", "url_invalid")))

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the library's name
        """Addresses that a page asks for are no news."""


def _exchange(browser: socket.socket, upstream: socket.socket) -> None:
    """Bytes both ways until one side ends, is silent too long, or has had its share."""
    end, received = time.monotonic() + LIFE_S, 0
    other = {browser: upstream, upstream: browser}
    # Either side may hang up at any moment, which ends the exchange and is no fault.
    with selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
        for one in other:
            one.settimeout(SILENCE_S)
            selector.register(one, selectors.EVENT_READ)
        while received < BYTES_MAX and (left := end - time.monotonic()) > 0:
            ready = selector.select(min(left, SILENCE_S))
            if not ready:
                return
            for key, _events in ready:
                source: Any = key.fileobj
                data = source.recv(65536)
                if not data:
                    return
                received += len(data) if source is upstream else 0
                other[source].sendall(data)
