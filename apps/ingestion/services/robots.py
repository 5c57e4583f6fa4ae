"""Rules for robots (RFC 9309), asked once a day for each host and kept as they were."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from protego import Protego

from apps.core.outgoing import AnswerTooLarge, Client, Limits, OutgoingError, OutgoingRefused
from apps.ingestion.models import RobotsSnapshot

FRESH_FOR = dt.timedelta(hours=24)
# What nobody answered is asked again sooner.
RETRY_AFTER = dt.timedelta(minutes=10)
# The standard asks to read at least so much.
BODY_MAX = 512_000
DELAY_MAX_S = 60.0
NO_ANSWER = 0
FORBID_ALL, ALLOW_ALL = "User-agent: *\nDisallow: /", ""


def host_of(url: str) -> str:
    """What rules and pace hold for: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"[:260]


def agent() -> str:
    """The word by which rules know us."""
    return f"{settings.SITE_NAME}Bot"


class RobotsRules(NamedTuple):
    """What a host says of one address: whether we may read it, and seconds between two requests (0: it says nothing)."""

    is_allowed: bool
    delay_s: float


def rules_for(url: str, *, client: Client, at: dt.datetime) -> RobotsRules:
    """The rules for an address, asked anew when they are old. Who wants more than a minute between two requests gets a minute.

    :raises OutgoingRefused: a host that we do not ask at all.
    """
    rules = _parsed(_snapshot(url, client=client, at=at))
    rate = rules.request_rate(agent())
    delays = float(rules.crawl_delay(agent()) or 0), rate.seconds / rate.requests if rate and rate.requests else 0.0
    return RobotsRules(bool(rules.can_fetch(url, agent())), min(max(delays), DELAY_MAX_S))


@lru_cache(maxsize=64)
def _parsed(text: str) -> Protego:
    return Protego.parse(text)


def _snapshot(url: str, *, client: Client, at: dt.datetime) -> str:
    """The text that holds now. Missing: all is allowed. Failing: what it said before, else nothing is."""
    host = host_of(url)
    known = RobotsSnapshot.objects.filter(host=host).first()
    if known is not None and at - known.fetched_at < (FRESH_FOR if known.status != NO_ANSWER else RETRY_AFTER):
        return known.body
    status, body = _ask(host, client)
    if status == NO_ANSWER:
        body = known.body if known is not None and known.body else FORBID_ALL
    RobotsSnapshot.objects.update_or_create(host=host, defaults={"status": status, "body": body, "fetched_at": at})
    return body


def _ask(host: str, client: Client) -> tuple[int, str]:
    """:raises OutgoingRefused: a host that we do not ask at all."""
    try:
        with client.stream(f"{host}/robots.txt", headers={"Accept": "text/plain"}, limits=Limits(body_bytes=10 * BODY_MAX)) as answer:
            if answer.status >= 500 or answer.status == 429:
                return NO_ANSWER, ""
            if answer.status != 200:
                return answer.status, ALLOW_ALL
            body = b""
            for chunk in answer.chunks:
                body += chunk
                if len(body) > BODY_MAX:
                    break
    except OutgoingRefused:
        raise
    except AnswerTooLarge:
        return NO_ANSWER, ""
    except OutgoingError:
        return NO_ANSWER, ""
    # A database text holds no NUL.
    return 200, body[:BODY_MAX].decode("utf-8", errors="replace").replace("\x00", "")
