"""What stands around n8n in these tests: a site to read, a receiver of messages, and a gate before our API that misbehaves."""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Seen:
    """A request as it arrived, and what was answered (0: nothing)."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int


class _Server:
    """An HTTP server on a free port of this machine, in threads."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.answer(self, body)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815  names of the library

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Answer one request."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def note(self, request: BaseHTTPRequestHandler, body: bytes, status: int) -> None:
        """Keep it for the test."""
        self.seen.append(Seen(request.command, request.path, dict(request.headers), body, status))

    @staticmethod
    def reply(request: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        """Send it whole."""
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if status != 304:
            request.wfile.write(body)


class Site(_Server):
    """Pages and files with an ETag each; POST anywhere is a message that it keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, tuple[bytes, str]] = {}

    def put(self, path: str, content: bytes | str, kind: str = "text/html; charset=utf-8") -> str:
        """Serve it; its address."""
        self.files[path] = (content.encode() if isinstance(content, str) else content, kind)
        return self.url + path

    def messages(self) -> list[dict[str, Any]]:
        """What was posted."""
        return [json.loads(seen.body) for seen in self.seen if seen.method == "POST"]

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """The file, or 304, or 404."""
        if request.command == "POST":
            status, content, kind = 200, b'{"ok": true}', "application/json"
        elif request.path in self.files:
            (content, kind), status = self.files[request.path], 200
        else:
            status, content, kind = 404, b"", "text/plain"
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if status == 200 and request.headers.get("If-None-Match") == tag:
            status = 304
        self.note(request, body, status)
        self.reply(request, status, content, {"ETag": tag, "Content-Type": kind})


@dataclass
class Fault:
    """Something that goes wrong with one POST. `retry_after_s` goes with a status; `after` lets it through and loses the answer."""

    status: int = 0
    retry_after_s: int | None = None
    after: bool = False
    body: dict[str, Any] = field(default_factory=lambda: {"detail": "Le serveur est occupé."})


class Gate(_Server):
    """Passes everything on to our API, except what `faults` says about the next POSTs."""

    def __init__(self, upstream_port: int) -> None:
        super().__init__()
        self.upstream_port = upstream_port
        self.faults: deque[Fault] = deque()

    def posts(self) -> list[Seen]:
        """The calls that would write."""
        return [seen for seen in self.seen if seen.method == "POST"]

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Pass it on, or fail as planned."""
        fault = self.faults.popleft() if request.command == "POST" and self.faults else None
        if fault is not None and fault.status:
            headers = {"Content-Type": "application/problem+json"}
            if fault.retry_after_s is not None:
                headers["Retry-After"] = str(fault.retry_after_s)
            self.note(request, body, fault.status)
            self.reply(request, fault.status, json.dumps(fault.body).encode(), headers)
            return
        if fault is None or fault.after:
            status, headers, content = self._pass_on(request, body)
        if fault is not None:
            self.note(request, body, 0)
            request.close_connection = True
            request.connection.close()
            return
        self.note(request, body, status)
        self.reply(request, status, content, headers)

    def _pass_on(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream_port, timeout=120)
        sent = {name: value for name, value in request.headers.items() if name.lower() != "connection"}
        upstream.request(request.command, request.path, body=body, headers=sent)
        answer = upstream.getresponse()
        content = answer.read()
        kept = {
            name: value for name, value in answer.getheaders() if name.lower() not in {"connection", "content-length", "transfer-encoding"}
        }
        upstream.close()
        return answer.status, kept, content
