"""An event as somebody tells it, understood but not believed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec


class Incoming(msgspec.Struct, gc=False):
    """One event: words of the wire are numbers by now, the listing is still a name."""

    place: int
    resource: str
    event_type: int
    channel: int = 0
    position: int | None = None
    referrer: str = ""
    campaign: str = ""
    poster: str = ""
    city: str = ""
    is_private: bool = False
    occurred_at: dt.datetime | None = None
    event_id: str = ""


class Rejected(NamedTuple):
    """An event that is not taken, and why: `code` is one of those in docs/analytics.md."""

    place: int
    code: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a call's events. What is set aside is kept and shown as such, and does not count."""

    accepted: int
    set_aside: int
    rejected: Sequence[Rejected]
