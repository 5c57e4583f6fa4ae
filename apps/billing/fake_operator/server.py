"""The network side: HTTP/1.1 with connections that stay open, a thread for each, and every fault a line may have."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote

from apps.billing.fake_operator import control
from apps.billing.fake_operator.operator import Operator
from apps.billing.fake_operator.routes import answer
from apps.billing.fake_operator.rules import Effects
from apps.billing.fake_operator.wire import Answer, Request

BODY_MAX = 1_000_000


class Server(ThreadingHTTPServer):
    """Listens for one operator. `address` is `http://host:port`."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, operator: Operator) -> None:
        super().__init__((host, port), Handler)
        self.operator = operator
        self.address = operator.address = f"http://{host}:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Without asking who we are by name, as the parent does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is none of our business; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        request = self._read()
        if request is None:
            return
        if request.path.startswith(control.PREFIX):
            self._write(control.answer(self.server.operator, request), Effects())
            return
        endpoint, given, effects = answer(self.server.operator, request)
        self.server.operator.count(endpoint, request.method, request.path, None if effects.reset else given.status)
        if effects.stall_s:
            # The fault that was asked for: an operator that keeps its callers waiting.
            time.sleep(effects.stall_s)
        self._write(given, effects)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815  the names of http.server

    def _read(self) -> Request | None:
        length = self.headers.get("Content-Length")
        if length is not None and not (length.isdigit() and int(length) <= BODY_MAX):
            self.close_connection = True
            self._write(Answer(413), Effects())
            return None
        # A body of unknown length is not read: the connection ends after the answer.
        self.close_connection |= self.headers.get("Transfer-Encoding") is not None
        body = self.rfile.read(int(length)) if length else b""
        path, _, query = self.path.partition("?")
        has_length = length is not None or self.command not in {"POST", "PUT"}
        return Request(self.command, unquote(path), dict(parse_qsl(query)), self.headers, body, has_length)

    def _write(self, given: Answer, effects: Effects) -> None:
        if effects.reset:
            self._reset()
            return
        body = given.body + b" " * (effects.huge or 0)
        head = [f"HTTP/1.1 {given.status} {self.responses.get(given.status, ('',))[0]}", f"Content-Length: {len(body)}"]
        if body:
            head.append(f"Content-Type: {given.content_type}")
        head += [f"{name}: {value}" for name, value in given.headers.items()]
        if self.close_connection:
            head.append("Connection: close")
        message = "\r\n".join([*head, "", ""]).encode("latin-1") + body
        if effects.cut:
            message = message[: -max(1, len(body) // 2)] if body else message[:12]
            self.close_connection = True
        if effects.drip_s:
            for place in range(len(message)):
                self.wfile.write(message[place : place + 1])
                # The fault that was asked for: an answer that comes byte by byte.
                time.sleep(effects.drip_s)
        else:
            self.wfile.write(message)

    def _reset(self) -> None:
        """Hang up without an answer: with RST, not FIN."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The file objects of http.server hold the socket open.
        self.rfile.close()
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's signature
        """Calls are counted, not printed."""


@contextlib.contextmanager
def serving(operator: Operator, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[Server]:
    """Serve in a thread until the block ends."""
    server = Server(host, port, operator)
    operator.start()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="operator", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        operator.stop()
