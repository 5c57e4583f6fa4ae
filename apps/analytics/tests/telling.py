"""Browsers that tell events, and what came of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.test import Client

from apps.analytics.binary_rows import begun_row, moment_part, origin_part, visitor_part
from apps.analytics.choices import EventType, Verdict
from apps.analytics.constants import VISIT
from apps.analytics.models import Event
from apps.analytics.rows import EventRow
from apps.analytics.services.buffering import Buffered
from apps.analytics.services.draining import drain
from apps.analytics.services.recording import record
from apps.analytics.services.rollups import count_waiting
from apps.analytics.stream import NO_ID, PLACE, WHO, Asked

PATH = "/api/v1/analytics/track"
BROWSER = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "Accept": "*/*",
    "Accept-Language": "fr-CM,fr;q=0.9",
}


def row(number: int, *, at_us: int, visitor: int, kind: int = EventType.VIEW, position: int | None = None) -> bytes:
    """A begun row."""
    return begun_row(moment_part(at_us), number, kind, 0, origin_part(1, None, ""), position, visitor_part(visitor))


def asked(number: int, *, visitor: int, address: bytes) -> Asked:
    """What the rule asks about a visit."""
    return Asked(WHO.pack(visitor, number, 1, 0, 0), address + PLACE.pack(number, VISIT), NO_ID)


def buffered(*, at_us: int) -> Buffered:
    """An event as the buffer holds it."""
    question = asked(1, visitor=1, address=b"a" * 8)
    return Buffered(question.who, question.pair, NO_ID, row(1, at_us=at_us, visitor=1), int(Verdict.COUNTED))


def tell(client: Client, body: Any, *, content_type: str = "text/plain;charset=UTF-8", path: str = PATH, **headers: str) -> Any:
    """The answer to a body, sent as the page's script sends it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, raw, content_type=content_type, headers={**BROWSER, **named})


def told(client: Client, body: Any, **headers: str) -> dict[str, Any]:
    """What a readable body is answered."""
    answer = tell(client, body, **headers)
    assert answer.status_code == 202, answer.content
    found: dict[str, Any] = answer.json()
    return found


def written() -> list[Event]:
    """The events in the table, once the stream has been drained."""
    drain(idle_s=0)
    return list(Event.objects.order_by("created_at", "event_type", "channel", "position"))


def happened(rows: Sequence[EventRow], *, batch_id: str, at: dt.datetime) -> None:
    """A run is written and counted."""
    assert record(rows, batch_id=batch_id, at=at)
    count_waiting(at=at)
