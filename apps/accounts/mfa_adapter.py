"""Second factors: their secrets are stored encrypted."""

from __future__ import annotations

import base64
import hashlib
import hmac

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings


class MfaAdapter(DefaultMFAAdapter):
    """Named in `MFA_ADAPTER`. Whoever reads the database alone cannot make anybody's codes."""

    def encrypt(self, text: str) -> str:
        """The secret as stored."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret as used. :raises cryptography.fernet.InvalidToken: stored under another `API_KEY_PEPPER`."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    # A key of its own from the one secret that has to outlive the database: sessions' SECRET_KEY may change at any time.
    key = hmac.digest(str(settings.API_KEY_PEPPER).encode(), b"second factors", hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(key))
