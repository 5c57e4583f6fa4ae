"""The code on a receipt by which anybody can ask whether it is real."""

from __future__ import annotations

import secrets

# Crockford's base 32 (https://www.crockford.com/base32.html): no letter that is read as a digit, and no U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_check_code() -> str:
    """60 random bits, as stored: 12 characters without separators."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """As printed: `7K3M-9QXF-2TBC`."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_check_code(typed: str) -> str:
    """What a person typed or scanned, as stored; empty when it cannot be a code."""
    code = "".join(typed[:64].upper().translate(_READ_AS).replace("-", "").split())
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""
