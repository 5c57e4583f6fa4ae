"""An operator on a loopback socket that answers what a test has it answer, byte for byte."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Talk = Callable[[socket.socket], object]


@dataclass
class Request:
    """What was asked. Header names in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class ScriptedOperator:
    """Rules by method and path; each gives its answers in turn and then repeats the last. Connections are kept open."""

    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._rules: list[tuple[str, re.Pattern[str], list[bytes | Talk]]] = []
        self._tls: ssl.SSLContext | None = None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def encrypt(self, tls: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._tls = tls

    def on(self, method: str, path: str, *answers: bytes | Talk) -> None:
        """Rule for requests whose path matches; a later rule goes before an earlier one."""
        self._rules.insert(0, (method, re.compile(path), list(answers)))

    def asked(self, method: str, path: str) -> list[Request]:
        """The requests so far whose path matches."""
        return [one for one in self.requests if one.method == method and re.fullmatch(path, one.path)]

    def close(self) -> None:
        """Take no more connections, and drop those there are."""
        for one in [self._socket, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        self.connections += 1
        with contextlib.suppress(OSError), contextlib.closing(connection):
            stream = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            with contextlib.closing(stream):
                while request := _read_request(stream):
                    self.requests.append(request)
                    answer = self._answer(request)
                    if not isinstance(answer, bytes):
                        answer(stream)
                        return
                    stream.sendall(answer)

    def _answer(self, request: Request) -> bytes | Talk:
        for method, path, answers in self._rules:
            if method == request.method and path.fullmatch(request.path):
                return answers.pop(0) if len(answers) > 1 else answers[0]
        return reply(418, {"unexpected": f"{request.method} {request.path}"})


def _read_request(stream: socket.socket) -> Request | None:
    got = b""
    while b"\r\n\r\n" not in got:
        piece = stream.recv(65536)
        if not piece:
            return None
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        piece = stream.recv(65536)
        if not piece:
            return None
        body += piece
    method, path, _version = first.split(" ", 2)
    return Request(method, path, headers, body)


def reply(status: int, body: object = b"", *headers: str, kind: str = "application/json") -> bytes:
    """A whole answer with its length; a body that is not bytes goes as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Said", *headers, f"Content-Type: {kind}", f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode() + content


def html(status: int) -> bytes:
    """What a gateway says instead of the operator."""
    return reply(status, b"<html><head><title>Request Rejected</title></head><body>Support ID: 1234</body></html>", kind="text/html")


def silent(stream: socket.socket) -> None:
    """Say nothing until the other side gives up."""
    stream.settimeout(30)
    stream.recv(1)


def reset(stream: socket.socket) -> None:
    """Hang up rudely."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()


def hang_up(stream: socket.socket) -> None:
    """Hang up."""
    stream.close()


def cut(whole: bytes, left_out: int = 10) -> Talk:
    """Send all but the end."""
    return lambda stream: stream.sendall(whole[:-left_out])


def drip(whole: bytes, *, at_once: int = 0, pause_s: float = 0.05) -> Talk:
    """Send a byte at a time, after a beginning."""

    def talk(stream: socket.socket) -> None:
        stream.sendall(whole[:at_once])
        for number in range(at_once, len(whole)):
            stream.sendall(whole[number : number + 1])
            time.sleep(pause_s)  # the drip is what the test is about

    return talk


@contextlib.contextmanager
def scripted_operator() -> Iterator[ScriptedOperator]:
    """One for the length of a block."""
    operator = ScriptedOperator()
    try:
        yield operator
    finally:
        operator.close()
