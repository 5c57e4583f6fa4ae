"""Who asks, as far as counting searches needs it: whether it is a person, and how two askers are told apart for a day."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest

from apps.core.client_address import client_ip, limit_key

# Programs that say so, and those that fetch a page because somebody shared its address.
_BOT = re.compile(
    r"bot\b|bot[/_-]|crawl|spider|slurp|archiver|preview|facebookexternalhit|whatsapp|telegram|monitor|uptime|pingdom|headless|lighthouse"
    r"|curl|wget|python|httpx|aiohttp|okhttp|java/|go-http|libwww|scrapy|^$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asker:
    """`name` tells askers apart and is never stored: a keyed hash of it together with the words is. "" asks not to be told apart."""

    name: str


def asker_of(request: HttpRequest, *, is_program: bool = False) -> Asker | None:
    """The asker, None when it is a robot.

    :param is_program: programs are expected here (the API), so that what they call themselves does not matter.
    """
    meta = request.META
    if not is_program and (_BOT.search(meta.get("HTTP_USER_AGENT", "")) or is_prefetch(request)):
        return None
    # https://www.w3.org/TR/tracking-dnt/ and https://www.w3.org/TR/gpc/
    if meta.get("HTTP_DNT") == "1" or meta.get("HTTP_SEC_GPC") == "1":
        return Asker("")
    return Asker(limit_key(client_ip(request)))


def is_prefetch(request: HttpRequest) -> bool:
    """Whether a browser fetches ahead what nobody has asked for yet."""
    return "prefetch" in request.META.get("HTTP_SEC_PURPOSE", request.META.get("HTTP_PURPOSE", ""))
