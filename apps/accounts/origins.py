"""Where a request comes from, as far as we keep it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from django.http import HttpRequest

from apps.core.client_address import client_ip


@dataclass(frozen=True)
class Origin:
    """Where a request came from, as far as we keep it: the network, not the address; the family of the browser, not its version."""

    ip_prefix: str = ""
    device: str = ""


NOWHERE = Origin()


def network_of(address: str) -> str:
    """The /24 (or /48) of an address; empty when it is none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}(?=/|$)")


def device_of(user_agent: str) -> str:
    """`Chrome, Android` for a browser, the name of a program otherwise; no version, nothing that tells people apart."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser:
        return f"{browser}, {system}" if system else browser
    found = _PROGRAM.match(user_agent)
    return found[0] if found else ""


def origin_of(request: HttpRequest) -> Origin:
    """Network and device of a request."""
    return Origin(ip_prefix=network_of(client_ip(request)), device=device_of(request.META.get("HTTP_USER_AGENT", "")[:500]))
