"""The network address of whoever sent a request."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  no address that anybody listens on: the name of "we do not know"


def client_ip(request: HttpRequest) -> str:
    """The client's address: the connection's, or what the last `TRUSTED_PROXIES` proxies wrote into X-Forwarded-For.

    Each proxy of ours appends the address that it saw. Only the entry that our outermost proxy wrote can be believed;
    everything before it came from the client and is ignored, and without proxies the whole header is.
    """
    remote = request.META.get("REMOTE_ADDR", "")
    hops = int(settings.TRUSTED_PROXIES)
    if hops:
        seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        # Fewer entries than proxies: the request came past one of them.
        remote = seen[-hops] if len(seen) >= hops else remote
    return _plain(remote)


@lru_cache(maxsize=10_000)
def _plain(text: str) -> str:
    """An address as Python writes it, an IPv4 one out of its IPv6 form; who calls once calls again."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return UNKNOWN
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def limit_key(address: str) -> str:
    """What one anonymous caller is for limits: an IPv4 address, or the /64 that a customer with IPv6 has to himself."""
    ip = ipaddress.ip_address(address)
    return address if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))
