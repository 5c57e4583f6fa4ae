"""How our web server is started, and what keeps slow senders from holding it.

Granian 2.8 has no bound on how long a body may take, and a read of one cannot be given up: it waits until the sender goes on
or away, and with it, the interpreter's lock in hand, whoever answered without waiting for it. So there are more threads than requests
in work: one works at a time, as with one thread, the others wait for senders.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# Of each worker. One is made when a request finds none that is idle, and ends after half a minute.
THREADS = 16
# So many may wait for senders; the rest is for those who have sent everything.
SENDERS_MAX = THREADS - 4
# What is read before a request's turn comes; longer bodies as the view asks for them, or refuses them unread.
READ_AHEAD_MAX = 64 * 1024


def command(host: str, port: int, *, workers: int, application: str = "ecosysteme.wsgi:application") -> list[str]:
    """The command that serves us; whoever starts it decides what happens when a worker ends."""
    # As a warning it would say of so many threads that there are fewer processors: most of them wait.
    return [
        str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers),
        "--blocking-threads", str(THREADS), "--no-access-log", "--log-level", "error", application,
    ]  # fmt: skip


class Turns:
    """An application of which one request works at a time; who waits for his sender lets others work.

    With `SENDERS_MAX` waiting, a request that brings a body is answered 503 unread, so that who brings none always finds a thread.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._turn = threading.Lock()
        self._senders = 0
        self._counting = threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, in whichever thread it came."""
        length = environ.get("CONTENT_LENGTH", "")
        if length in {"", "0"} and "HTTP_TRANSFER_ENCODING" not in environ:
            with self._turn:
                return self._application(environ, start_response)
        if self._senders >= SENDERS_MAX:
            start_response("503 Service Unavailable", [("Content-Length", "0"), ("Retry-After", "10"), ("Connection", "close")])
            return [b""]
        stream = environ["wsgi.input"]
        if length.isdecimal() and len(length) < 9 and int(length) <= READ_AHEAD_MAX:
            with self._waiting():
                environ["wsgi.input"] = io.BytesIO(stream.read(int(length)))
            with self._turn:
                return self._application(environ, start_response)
        environ["wsgi.input"] = _Body(stream, self.let_others_work)
        with self._turn:
            return self._application(environ, start_response)

    @contextmanager
    def let_others_work(self) -> Iterator[None]:
        """For whoever has the turn and waits for his sender."""
        self._turn.release()
        try:
            with self._waiting():
                yield
        finally:
            self._turn.acquire()

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        with self._counting:
            self._senders += 1
        try:
            yield
        finally:
            with self._counting:
                self._senders -= 1


class _Body:
    """A body that is read while others work."""

    def __init__(self, stream: Any, letting: Callable[[], Any]) -> None:
        self._stream, self._letting = stream, letting

    def read(self, size: int | None = None) -> bytes:
        with self._letting():
            found: bytes = self._stream.read(size)
        return found

    def readline(self, size: int | None = None) -> bytes:
        with self._letting():
            found: bytes = self._stream.readline(size)
        return found
