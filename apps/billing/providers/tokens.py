"""Access tokens: one for all processes, minted seldom, renewed before its end, dropped when the operator refuses it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.core.cache import cache

from apps.billing.choices import Reason
from apps.billing.providers.http import TOTAL_S, Reply, scaled
from apps.billing.providers.reading import object_of, storable, text_of, token_of

TOKEN_LENGTH_MAX = 8000
LIFE_MAX_S = 90 * 86400
# An operator that does not say how long its token lives.
LIFE_UNKNOWN_S = 60
MINTS_A_MINUTE = 2
_POLL_S = 0.05


@dataclass(frozen=True)
class Grant:
    """A token, or why there is none: nothing was asked of the operator with it. Empty `token`: `reason` and `raw_reason` say why."""

    token: str = ""
    reason: Reason | None = None
    raw_reason: str = ""


def token_key(*parts: str) -> str:
    """Name of a token: whoever changes the address, the product, the account or its key gets another one."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


class TokenStore:
    """The token of one account of one product.

    The shared cache holds it for exactly as long as it is good; a copy in the process stands in while the cache is away.
    Mints take one of two slots that are free again after a minute, and a third when the operator refused a token.

    :param key: from `token_key`. :param name: whose mints are counted, like `mtn:collection`.
    :param early_s: renewed this long before its end, or a quarter of its life when that is shorter.
    """

    def __init__(self, key: str, *, name: str, early_s: float) -> None:
        self._key, self._name, self._early_s = f"operator:token:{key}", f"operator:mint:{name}:{key}", early_s
        self._lock = Lock()
        self._copy: tuple[str, float] = ("", 0.0)
        self._slots: dict[str, float] = {}

    def get(self, mint: Callable[[], Reply], *, refused: str = "") -> Grant:
        """A token that should work.

        :param mint: asks the operator for one. :param refused: a token that got a 401: never given again.
        """
        if refused:
            self._drop(refused)
        deadline = time.monotonic() + scaled(TOTAL_S)
        while True:
            if token := self._known(refused):
                return Grant(token)
            # One asks, the other threads and processes wait for what it gets.
            if self._lock.acquire(blocking=False):
                try:
                    if cache.add(f"{self._key}:lock", 1, scaled(TOTAL_S) + 1):
                        try:
                            token = self._known(refused)
                            return Grant(token) if token else self._minted(mint, is_after_refusal=bool(refused))
                        finally:
                            cache.delete(f"{self._key}:lock")
                finally:
                    self._lock.release()
            if time.monotonic() > deadline:
                return Grant(reason=Reason.PROVIDER_UNAVAILABLE, raw_reason="token: somebody else still waits for one")
            # Another process asks; the cache has no way to wake who waits for its answer.
            time.sleep(_POLL_S)

    def _known(self, refused: str) -> str:
        token = cache.get(self._key)
        if not token and getattr(cache, "is_away", False) and time.monotonic() < self._copy[1]:
            token = self._copy[0]
        return token if isinstance(token, str) and token != refused else ""

    def _drop(self, token: str) -> None:
        # Another process may have a new one already.
        if cache.get(self._key) == token:
            cache.delete(self._key)
        if self._copy[0] == token:
            self._copy = ("", 0.0)

    def _minted(self, mint: Callable[[], Reply], *, is_after_refusal: bool) -> Grant:
        slots = [str(number) for number in range(MINTS_A_MINUTE)] + ["refused"] * is_after_refusal
        if not any(self._takes(slot) for slot in slots):
            return Grant(reason=Reason.PROVIDER_UNAVAILABLE, raw_reason="token: asked for too often")
        # From before the request: the operator's clock starts while the answer still travels.
        asked_at = time.monotonic()
        reply = mint()
        data = reply.data or {}
        token = token_of(data.get("access_token"), TOKEN_LENGTH_MAX)
        if reply.status not in {200, 201} or not token:
            return _refusal(reply)
        life = text_of(data.get("expires_in"))
        life_s = min(int(life), LIFE_MAX_S) if life.isascii() and life.isdecimal() and len(life) < 19 else LIFE_UNKNOWN_S
        good_s = life_s - min(self._early_s, life_s / 4) - (time.monotonic() - asked_at)
        if good_s > 0:
            cache.set(self._key, token, good_s)
            self._copy = (token, asked_at + good_s)
        return Grant(token)

    def _takes(self, slot: str) -> bool:
        # The minute is a waiting time of ours, and goes faster in tests like the others.
        now, minute_s = time.monotonic(), scaled(60)
        if now < self._slots.get(slot, 0.0) or not cache.add(f"{self._name}:{slot}", 1, minute_s):
            return False
        self._slots[slot] = now + minute_s
        return True


def _refusal(reply: Reply) -> Grant:
    """Wrong credentials page us, and no repetition helps; anything else is an outage."""
    data = object_of(reply.data)
    # MTN says so with a 500. https://github.com/MoMoOpenAPI/MoMoOpenAPI_SandBox
    is_ours = reply.data is not None and (
        reply.status in {400, 401, 403} or text_of(data.get("error")) in {"login_failed", "invalid_client"}
    )
    return Grant(reason=Reason.CONFIGURATION if is_ours else Reason.PROVIDER_UNAVAILABLE, raw_reason=storable(f"token: {reply.raw_reason}"))


def call_with_token(tokens: TokenStore, mint: Callable[[], Reply], ask: Callable[[str], Reply], *, is_reading: bool) -> Reply | Grant:
    """Ask with a token; once more with a new one after a 401, which was never accepted. A `Grant`: no token, nothing was asked.

    :param ask: takes the token. :param is_reading: it may be repeated whatever the 401 looked like.
    """
    grant = tokens.get(mint)
    if not grant.token:
        return grant
    reply = ask(grant.token)
    # A page of somebody in between says nothing about the token.
    if reply.status != 401 or not (reply.is_readable or is_reading):
        return reply
    renewed = tokens.get(mint, refused=grant.token)
    return ask(renewed.token) if renewed.token else reply
