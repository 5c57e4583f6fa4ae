"""A server that takes callbacks, as our web server would."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One callback."""

    method: str
    path: str
    body: dict[str, Any]


class Receiver(ThreadingHTTPServer):
    """Answers 200 with nothing."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hooks/mtn/3fT9wQ"
        self.received: queue.Queue[Received] = queue.Queue()

    def next(self) -> Received:
        """The next one; fails when none comes."""
        return self.received.get(timeout=10)


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.put(Received(self.command, self.path, json.loads(body)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT = _take  # noqa: N815  the names of http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's signature
        """Say nothing."""


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """Take callbacks until the block ends."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
