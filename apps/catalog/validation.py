"""Rules for what is said of a place, whoever says it."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlsplit

from apps.catalog.osm_hours import Week


def normalise_website(text: str) -> str | None:
    """An http(s) address with a host, `http://` added when the scheme is missing; None when it cannot be one."""
    candidate = text if re.match(r"(?i)https?://", text) else f"http://{text}"
    try:
        parts = urlsplit(candidate)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or "." not in host or re.search(r"[\s<>\"\\^`{|}]", candidate):
        return None
    return candidate if len(candidate) <= 255 else None


def has_overlap(week: Week) -> bool:
    """Whether two intervals cover the same minute, the night from Saturday to Sunday included."""
    spans = sorted(_minutes(day, opens, closes) for day, intervals in week.items() for opens, closes in intervals)
    if not spans:
        return False
    wrapped = (spans[0][0] + 7 * 1440, spans[0][1] + 7 * 1440)
    return any(first[1] > second[0] for first, second in zip(spans, [*spans[1:], wrapped], strict=True))


def _minutes(day: int, opens: dt.time, closes: dt.time) -> tuple[int, int]:
    start = day * 1440 + opens.hour * 60 + opens.minute
    end = day * 1440 + closes.hour * 60 + closes.minute
    return start, end if closes > opens else end + 1440
