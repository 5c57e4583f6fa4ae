"""The form of API keys: `romapi_live_` or `romapi_test_`, 32 random characters, 6 of checksum (features, C.2).

The checksum lets a wrong or truncated key be refused without asking the database, and lets scanners tell a key from
a word. At rest a key is an HMAC-SHA-256 with a secret of the server: who reads the table can neither use nor guess it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from zlib import crc32

from django.conf import settings

LIVE_PREFIX, TEST_PREFIX = "romapi_live_", "romapi_test_"
RANDOM_CHARS, CHECKSUM_CHARS = 32, 6
PREFIX_SHOWN = 16
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_KEY = re.compile(rf"(romapi_(?:live|test)_[0-9A-Za-z]{{{RANDOM_CHARS}}})([0-9A-Za-z]{{{CHECKSUM_CHARS}}})", re.ASCII)
# What a key looks like wherever it turns up: in an address, a log, a page. For secret scanners, too.
PUBLISHED_PATTERN = re.compile(r"romapi_(?:live|test)_[0-9A-Za-z]{38}", re.ASCII)


def make_key(*, livemode: bool) -> str:
    """A new key with 190 bits of chance."""
    body = (LIVE_PREFIX if livemode else TEST_PREFIX) + "".join(secrets.choice(_BASE62) for _ in range(RANDOM_CHARS))
    return body + checksum(body)


def checksum(body: str) -> str:
    """Six characters for everything before them: CRC-32 in base 62."""
    value, text = crc32(body.encode()), ""
    for _ in range(CHECKSUM_CHARS):
        value, digit = divmod(value, 62)
        text = _BASE62[digit] + text
    return text


def is_well_formed(text: str) -> bool:
    """Whether it could be a key: form and checksum. Says nothing of whether it exists."""
    found = _KEY.fullmatch(text)
    return found is not None and hmac.compare_digest(checksum(found[1]), found[2])


def hash_key(key: str) -> str:
    """What is stored of a key: 64 hexadecimal digits."""
    return hmac.new(settings.API_KEY_PEPPER.encode(), key.encode(), hashlib.sha256).hexdigest()
