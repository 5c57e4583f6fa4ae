"""Who is a program. The rule is stated in docs/analytics.md: names that programs give themselves, and what every browser sends."""

from __future__ import annotations

import ipaddress
import re
from bisect import bisect_right
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

# Programs that say so, those that fetch a page because somebody shared its address, and libraries.
_NAMES = re.compile(
    r"bot\b|bot[/_;-]|crawl|spider|slurp|archiver|scrape|fetcher|preview|facebookexternalhit|facebookcatalog|meta-external|whatsapp/"
    r"|telegrambot|skypeuripreview|embedly|monitor|uptime|pingdom|statuscake|headless|phantomjs|selenium|puppeteer|playwright|lighthouse"
    r"|pagespeed|gptbot|claude|perplexity|ccbot|bytespider|semrush|ahrefs|dataprovider|mediapartners|feedfetcher|google-read-aloud"
    r"|curl|wget|python|httpx|aiohttp|okhttp|java/|go-http|libwww|scrapy|axios|node-fetch|undici|guzzle|postman|insomnia|ruby|perl|php/",
    re.IGNORECASE,
)


def is_robot(request: HttpRequest, *, address: str) -> bool:
    """Whether what came is no person's doing."""
    meta = request.META
    agent = meta.get("HTTP_USER_AGENT", "")
    # Browsers say who they are and which languages they read; they also fetch ahead what nobody has asked for yet.
    if not agent or not meta.get("HTTP_ACCEPT_LANGUAGE") or not meta.get("HTTP_ACCEPT"):
        return True
    if "prefetch" in meta.get("HTTP_SEC_PURPOSE", meta.get("HTTP_PURPOSE", "")):
        return True
    return _is_robots_name(agent[:400]) or is_in_data_centre(address)


@lru_cache(maxsize=5000)
def _is_robots_name(agent: str) -> bool:
    return _NAMES.search(agent) is not None


def is_in_data_centre(address: str) -> bool:
    """Whether the address lies in `ANALYTICS_SERVER_NETWORKS`: people have no browsers there."""
    networks = tuple(settings.ANALYTICS_SERVER_NETWORKS)
    if not networks:
        return False
    ip = ipaddress.ip_address(address)
    starts, ends = _ranges(networks, ip.version)
    place = bisect_right(starts, int(ip)) - 1
    return place >= 0 and int(ip) <= ends[place]


@lru_cache(maxsize=8)
def _ranges(networks: tuple[str, ...], version: int) -> tuple[list[int], list[int]]:
    parsed = [ipaddress.ip_network(text) for text in networks]
    same = [network for network in parsed if network.version == version]
    # Collapsed ones do not overlap, so that the last that begins before an address decides.
    merged = sorted(ipaddress.collapse_addresses(same), key=lambda network: int(network.network_address))  # type: ignore[type-var]  # of one version
    return [int(network.network_address) for network in merged], [int(network.broadcast_address) for network in merged]
