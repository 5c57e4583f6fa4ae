"""The form of the tokens that applications hold: `romapi_oat_` for access, `romapi_ort_` for renewal (features, C.2)."""

from __future__ import annotations

import hmac
import secrets
import string

from apps.accounts.keys import CHECKSUM_CHARS, checksum

ACCESS_PREFIX, REFRESH_PREFIX = "romapi_oat_", "romapi_ort_"
# 256 bits of chance.
RANDOM_CHARS = 43
_LETTERS = string.ascii_letters + string.digits


def make_token(prefix: str) -> str:
    """A new token that ends in a checksum of itself."""
    body = prefix + "".join(secrets.choice(_LETTERS) for _ in range(RANDOM_CHARS))
    return body + checksum(body)


def is_access_token(text: str) -> bool:
    """Whether it could be an access token: start, length and checksum. Says nothing of whether it exists."""
    body, check = text[:-CHECKSUM_CHARS], text[-CHECKSUM_CHARS:]
    if not text.isascii() or not text.startswith(ACCESS_PREFIX) or len(body) != len(ACCESS_PREFIX) + RANDOM_CHARS:
        return False
    return hmac.compare_digest(checksum(body), check)
