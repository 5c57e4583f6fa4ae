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
import uuid
from zlib import crc32

from django.conf import settings
from django.core import signing

LIVE_PREFIX, TEST_PREFIX = "romapi_live_", "romapi_test_"
RANDOM_CHARS, CHECKSUM_CHARS = 32, 6
PREFIX_SHOWN = 16
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_KEY = re.compile(rf"(romapi_(?:live|test)_[0-9A-Za-z]{{{RANDOM_CHARS}}})([0-9A-Za-z]{{{CHECKSUM_CHARS}}})", re.ASCII)
# What a key looks like wherever it turns up: in an address, a log, a page. For secret scanners, too.
PUBLISHED_PATTERN = re.compile(r"romapi_(?:live|test)_[0-9A-Za-z]{38}", re.ASCII)

# Revoking a key from a mail needs no log-in: the link itself is the proof, for so long.
REVOKE_SALT, REVOKE_MAX_AGE_S = "notifications.revoke-key", 30 * 24 * 3600


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


def revocation_token(*, key_id: uuid.UUID | str, user_id: uuid.UUID | str) -> str:
    """What stands in the address of a mail: who holds it may end this one key, and nothing else."""
    return signing.dumps({"key": str(key_id), "user": str(user_id)}, salt=REVOKE_SALT)


def read_revocation_token(token: str) -> tuple[uuid.UUID, uuid.UUID]:
    """The key and its owner.

    :raises SignatureExpired: it was written more than `REVOKE_MAX_AGE_S` ago. :raises BadSignature: we did not write it.
    """
    said = signing.loads(token, salt=REVOKE_SALT, max_age=REVOKE_MAX_AGE_S)
    return uuid.UUID(said["key"]), uuid.UUID(said["user"])
