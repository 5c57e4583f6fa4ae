"""Processes that work on the test's database and are killed wherever they are."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from typing import IO

from django.db import connection

# Begins processes by forking itself, which takes milliseconds: most of a short life would else be its start.
NURSERY = """
import os, signal, sys, time
import django
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = {name!r}
{imports}
signal.signal(signal.SIGCHLD, signal.SIG_IGN)

def busy():
    os.write(1, b"busy %d\\n" % os.getpid())

def work():
    while True:
{turn}

os.write(1, b"ready\\n")
for _line in sys.stdin:
    if os.fork() == 0:
        work()
"""


class KilledProcesses:
    """Processes that take turns for ever.

    :param imports: lines before them. :param turn: lines of a turn; `busy()` says that this process may be killed now.
    """

    def __init__(self, *, imports: str, turn: str, environment: Mapping[str, str] | None = None) -> None:
        env = {**os.environ, **(environment or {}), "DJANGO_SETTINGS_MODULE": "ecosysteme.settings.test"}
        lines = textwrap.indent(textwrap.dedent(turn).strip("\n"), " " * 8)
        program = NURSERY.format(name=connection.settings_dict["NAME"], imports=textwrap.dedent(imports).strip(), turn=lines)
        self._nursery = subprocess.Popen(
            [sys.executable, "-c", program], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        # A busy machine takes half a minute to start it; what waits for its processes would be old by then.
        assert self._out.readline() == b"ready\n"
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._out, selectors.EVENT_READ)
        self.killed: set[int] = set()

    @property
    def _out(self) -> IO[bytes]:
        assert self._nursery.stdout is not None
        return self._nursery.stdout

    def begin(self) -> None:
        """One more."""
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(b"\n")
        self._nursery.stdin.flush()

    def kill_one(self, *, after_s: float = 0.0) -> None:
        """The next that says it works, so many seconds into it; another takes its place."""
        while self._ready.select(timeout=0):
            process = int(self._out.readline().split()[1])
            if process not in self.killed:
                time.sleep(after_s)  # so that it dies at another place each time
                os.kill(process, signal.SIGKILL)
                self.killed.add(process)
                self.begin()
                return

    def end(self) -> None:
        """All of them, and where they come from."""
        os.killpg(self._nursery.pid, signal.SIGKILL)
        self._nursery.communicate()
