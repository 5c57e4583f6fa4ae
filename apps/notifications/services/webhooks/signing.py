"""Secrets and signatures of Standard Webhooks 1.0 (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from cryptography.fernet import Fernet
from django.conf import settings

PREFIX = "whsec_"
# The specification allows 24 to 64.
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret as its owner gets it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def seal(secret: str) -> str:
    """The secret as stored: signing needs it back, so that a digest will not do."""
    return _cipher().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret as used. :raises cryptography.fernet.InvalidToken: stored under another `API_KEY_PEPPER`."""
    return _cipher().decrypt(sealed.encode()).decode()


def signatures(*, message_id: str, timestamp: int, body: bytes, secrets_used: Iterable[str]) -> str:
    """The value of `webhook-signature`: one signature a secret, so that either verifies while two overlap."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix(PREFIX)) for secret in secrets_used]
    return " ".join(f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}" for key in keys)


def _cipher() -> Fernet:
    # A key of its own from the one secret that has to outlive the database, as second factors have.
    return Fernet(base64.urlsafe_b64encode(hmac.digest(str(settings.API_KEY_PEPPER).encode(), b"webhook secrets", hashlib.sha256)))
