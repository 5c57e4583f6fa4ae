"""Addresses that a partner's application may be sent back to: registered ones, compared as written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

REDIRECT_MAX = 300
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})+", re.IGNORECASE | re.ASCII)
# RFC 8252, section 7.1: an app's own scheme is a domain name turned round.
_APP_SCHEME = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+", re.ASCII)
_WRITTEN = re.compile(r"[!-~]+", re.ASCII)
_UNSAFE = set("\\<>\"'`{}|^;,*")


def is_acceptable(uri: str) -> bool:
    """Whether an address may be registered: https, http on the developer's own machine, or the scheme of an app."""
    if not _WRITTEN.fullmatch(uri) or len(uri) > REDIRECT_MAX or _UNSAFE & set(uri) or "#" in uri:
        return False
    parts = _split(uri)
    if parts is None or "@" in parts.netloc:
        return False
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(_HOST.fullmatch(host)) or host in LOOPBACK_HOSTS
    if parts.scheme == "http":
        return host in LOOPBACK_HOSTS
    return bool(_APP_SCHEME.fullmatch(parts.scheme))


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Whether this very address is registered. On the own machine alone the port is free: apps get another each time."""
    return any(uri == known or _is_same_but_port(uri, known) for known in registered)


def origin_of_uri(uri: str) -> str:
    """What `form-action` has to name so that a browser follows a form's answer there; empty when it is no address of that kind."""
    if not is_acceptable(uri):
        return ""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def _is_same_but_port(uri: str, known: str) -> bool:
    given, wanted = _split(uri), _split(known)
    if given is None or wanted is None or wanted.scheme != "http" or wanted.hostname not in LOOPBACK_HOSTS or not is_acceptable(uri):
        return False
    return given.hostname == wanted.hostname and given._replace(netloc="") == wanted._replace(netloc="")


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts
