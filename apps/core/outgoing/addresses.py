"""Which addresses of the network may be asked on behalf of others."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from django.conf import settings

from apps.core.outgoing.errors import OutgoingRefused

# Python calls these global. https://www.iana.org/assignments/iana-ipv4-special-registry and …ipv6-special-registry
_REFUSED_V4 = tuple(
    map(
        IPv4Network,
        (
            "192.0.0.0/24",  # protocol assignments; some clouds answer their machines there
            "192.88.99.0/24",  # relays of 6to4, given up
            "168.63.129.16/32",  # what machines of Azure ask about themselves
        ),
    )
)
_REFUSED_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20", "2620:4f:8000::/48")))
# Everything that is routed on the internet today lies in it, so that private, local and mapped forms do not.
_GLOBAL_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# The URL standard reads a host whose last part is a number as an IPv4 address, in octal, hexadecimal or one piece, too.
_NUMERIC_END = re.compile(r"(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)\.?$")


def is_allowed(address: str) -> bool:
    """Whether `OUTGOING_ALLOWED_NETWORKS` makes an exception of it."""
    return _is_allowed(_meant(ipaddress.ip_address(address)))


def check_address(address: str) -> None:
    """:raises OutgoingRefused: not an address of the open internet, and not of an allowed network."""
    if "%" in address:
        raise OutgoingRefused("address_private", address)
    meant = _meant(ipaddress.ip_address(address))
    if not (_is_allowed(meant) or _is_public(meant)):
        raise OutgoingRefused("address_private", address)


def check_host(host: str) -> None:
    """:raises OutgoingRefused: no host, or an IPv4 address in a form that programs read differently."""
    if not host or len(host) > 253 or any(ord(letter) <= 0x20 or letter in '%<>\\^`{|}"' for letter in host):
        raise OutgoingRefused("host_odd", host)
    if ":" not in host and _NUMERIC_END.search(host.lower()):
        try:
            IPv4Address(host)
        except ValueError:
            raise OutgoingRefused("host_odd", host) from None


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one that is only another way to write it, or to get there."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _REFUSED_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _REFUSED_V6)


def _is_allowed(address: IPv4Address | IPv6Address) -> bool:
    return any(
        address.version == network.version and address in network for network in _networks(tuple(settings.OUTGOING_ALLOWED_NETWORKS))
    )


@lru_cache(maxsize=8)
def _networks(texts: Sequence[str]) -> list[IPv4Network | IPv6Network]:
    return [ipaddress.ip_network(text) for text in texts]
