"""Random ids of payments. None is derived from a time, a phone or a counter."""

from __future__ import annotations

import secrets

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_order_id() -> str:
    """`P` and 17 characters of Crockford's base 32: 85 random bits in the 20 characters that Orange takes."""
    return "P" + "".join(secrets.choice(_CROCKFORD) for _ in range(17))


def new_callback_token() -> str:
    """The unguessable end of a callback's address: 192 random bits in 32 characters."""
    return secrets.token_urlsafe(24)
