"""Access tokens and the credentials that buy them."""

from __future__ import annotations

import base64
import secrets
import threading
from dataclasses import dataclass

from apps.billing.fake_operator.clock import Clock


@dataclass(frozen=True)
class Token:
    """`holder` is whom it was given to: for MTN the API user."""

    product: str
    holder: str
    ends_at: float


class Tokens:
    """Every token that is alive. A product is `mtn.collection`, `mtn.disbursement`, `orange_web`, `orange_mp`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, Token] = {}

    def mint(self, product: str, holder: str, lifetime_s: float) -> str:
        """A new token, which looks like a JWT; older ones stay good."""
        text = f"eyJ0eXAiOiJKV1QiLCJhbGciOiJSMjU2In0.{secrets.token_urlsafe(48)}.{secrets.token_urlsafe(32)}"
        with self._lock:
            self._tokens[text] = Token(product, holder, self._clock.unscaled() + lifetime_s)
        return text

    def find(self, authorization: str | None, product: str) -> Token | None:
        """The living token of `Authorization: Bearer …`, when it was bought for that product."""
        scheme, _, text = (authorization or "").partition(" ")
        with self._lock:
            token = self._tokens.get(text.strip())
        if scheme.lower() != "bearer" or token is None or token.product != product or token.ends_at <= self._clock.unscaled():
            return None
        return token

    def expire(self, rail: str = "") -> int:
        """End every token of a rail, or all of them; returns how many."""
        with self._lock:
            ended = [text for text, token in self._tokens.items() if token.product.startswith(rail)]
            for text in ended:
                del self._tokens[text]
        return len(ended)


def pair(text: str | None) -> tuple[str, str] | None:
    """User and password of `base64(user:password)`; None when it is nothing like it, or one of them is empty."""
    try:
        user, _, password = base64.b64decode((text or "").strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if user and password else None


def basic(authorization: str | None) -> tuple[str, str] | None:
    """User and password of `Authorization: Basic …`."""
    scheme, _, text = (authorization or "").partition(" ")
    return pair(text) if scheme.lower() == "basic" else None
