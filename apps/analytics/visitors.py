"""Who a visitor is for a day, and no longer. His address and browser are read here and forgotten here: nothing else gets to see them."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.http import HttpRequest
from redis.exceptions import RedisError

from apps.analytics.constants import ZONE
from apps.analytics.exceptions import StreamAway
from apps.analytics.robots import is_robot
from apps.analytics.stream import stream
from apps.core import day_salts
from apps.core.client_address import client_ip, limit_key

PURPOSE = "analytics-visitors"


@dataclass(frozen=True, slots=True)
class Visitor:
    """What is known of a visitor.

    :ivar number: a hash under the day's salt, the same for all listings; None when he asks not to be followed.
    :ivar address: a hash of his network address under that salt, for the limits of an hour alone.
    :ivar is_private: Do-Not-Track or Global Privacy Control: what he does counts in totals, and nothing is kept of him.
    """

    number: int | None
    address: bytes
    is_private: bool
    is_robot: bool


class _OwnSalt:
    """This process's own, while Redis cannot say the shared one; for one day, too."""

    day: dt.date | None = None
    salt = b""


def visitor_of(request: HttpRequest, *, at: dt.datetime) -> Visitor:
    """Whoever sent this request."""
    meta = request.META
    ip = client_ip(request)
    salt = _salt(at)
    place = limit_key(ip).encode()
    # https://www.w3.org/TR/tracking-dnt/ and https://www.w3.org/TR/gpc/
    is_private = meta.get("HTTP_DNT") == "1" or meta.get("HTTP_SEC_GPC") == "1"
    agent = meta.get("HTTP_USER_AGENT", "")[:400].encode("utf-8", "replace")
    number = None if is_private else _number(salt, b"visitor|%b|%b" % (ip.encode(), agent))
    address = hashlib.blake2b(b"address|" + place, key=salt, digest_size=8).digest()
    return Visitor(number, address, is_private, is_robot(request, address=ip))


def _number(salt: bytes, text: bytes) -> int:
    """64 bits of a keyed hash (BLAKE2 has its MAC built in, RFC 7693), signed as PostgreSQL's bigint; never 0, which means nobody."""
    return int.from_bytes(hashlib.blake2b(text, key=salt, digest_size=8).digest(), signed=True) or 1


def _salt(at: dt.datetime) -> bytes:
    day = at.astimezone(ZONE).date()
    known = day_salts.known_salt(PURPOSE, day)
    if known:
        return known
    try:
        return day_salts.salt_of(stream.client(), PURPOSE, day, at=at)
    except StreamAway:
        pass
    except (RedisError, OSError) as error:
        stream.failed(error)
    if day != _OwnSalt.day:
        _OwnSalt.day, _OwnSalt.salt = day, secrets.token_bytes(day_salts.SALT_SIZE)
    return _OwnSalt.salt
