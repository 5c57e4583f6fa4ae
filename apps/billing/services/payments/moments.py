"""The time of an entry point, which goes on while the network is waited for."""

from __future__ import annotations

import datetime as dt
import time


class Moment:
    """Begins at the time that the entry point read from the database's clock, and advances with this machine's."""

    def __init__(self, at: dt.datetime) -> None:
        self._at, self._began = at, time.monotonic()

    def now(self) -> dt.datetime:
        """The time now, aware."""
        return self._at + dt.timedelta(seconds=time.monotonic() - self._began)
