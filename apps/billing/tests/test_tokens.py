"""Tokens: shared, few, renewed in time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django_redis import get_redis_connection

from apps.billing.choices import Reason
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.providers.http import Reply
from apps.billing.providers.tokens import TokenStore, token_key


class Mint:
    """Gives numbered tokens, as often as it is asked."""

    def __init__(self, *, expires_in: Any = 3600, takes_s: float = 0.0) -> None:
        self.times, self._expires_in, self._takes_s = 0, expires_in, takes_s

    def __call__(self) -> Reply:
        self.times += 1
        number = self.times
        time.sleep(self._takes_s)  # long enough for the others to come meanwhile
        return Reply(200, {"access_token": f"token-{number}", "expires_in": self._expires_in})


@pytest.fixture
def store() -> Callable[[], TokenStore]:
    """Each call is as another process would have it: the same account, nothing in memory."""
    key = token_key("https://operator", "collection", "subscription", "user", uuid.uuid4().hex)
    return lambda: TokenStore(key, name="mtn:collection", early_s=600)


def test_it_works(store: Callable[[], TokenStore]) -> None:
    mint = Mint()
    assert store().get(mint).token == "token-1"
    assert store().get(mint).token == "token-1"
    assert mint.times == 1


def test_another_account_or_key_has_another_token() -> None:
    parts = ["https://operator", "collection", "subscription", "user", "key"]
    keys = {token_key(*parts)} | {token_key(*parts[:place], "other", *parts[place + 1 :]) for place in range(5)}
    assert len(keys) == 6


@pytest.mark.parametrize(
    ("expires_in", "early_s", "kept_s"),
    [(3600, 600, 3000), (1200, 600, 900), (3600, 60, 3540), (100, 60, 75), ("3600", 600, 3000), (7776000, 60, 7775940),
     (10**11, 60, 7775940),
     (None, 600, 45), ("soon", 600, 45), (-5, 600, 45), (True, 600, 45)],
)  # fmt: skip
def test_when_it_is_renewed(expires_in: Any, early_s: float, kept_s: float) -> None:
    key = token_key("early", uuid.uuid4().hex)
    TokenStore(key, name="x", early_s=early_s).get(Mint(expires_in=expires_in))
    left_s = get_redis_connection().ttl(cache.make_key(f"operator:token:{key}"))
    assert kept_s - 5 <= left_s <= kept_s


def test_the_answers_own_journey_counts(store: Callable[[], TokenStore]) -> None:
    mint = Mint(expires_in=1, takes_s=0.8)
    assert store().get(mint).token == "token-1"
    # Three quarters of its second were over before it arrived: it is used and not kept.
    assert store().get(mint).token == "token-2"


def test_a_refused_token_is_never_given_again(store: Callable[[], TokenStore]) -> None:
    mint = Mint()
    one = store()
    assert one.get(mint).token == "token-1"
    assert one.get(mint, refused="token-1").token == "token-2"
    assert one.get(mint).token == "token-2"


def test_who_comes_late_with_a_refused_token_takes_the_new_one(store: Callable[[], TokenStore]) -> None:
    mint = Mint()
    store().get(mint)
    store().get(mint, refused="token-1")
    assert store().get(mint, refused="token-1").token == "token-2"
    assert mint.times == 2


def test_two_a_minute_and_one_after_a_refusal(store: Callable[[], TokenStore]) -> None:
    mint = Mint(expires_in=0)
    assert [bool(store().get(mint).token) for _ in range(3)] == [True, True, False]
    assert store().get(mint, refused="token-2").token == "token-3"
    stopped = store().get(mint, refused="token-3")
    assert (stopped.token, stopped.reason, mint.times) == ("", Reason.PROVIDER_UNAVAILABLE, 3)


def test_the_minute_goes_by(store: Callable[[], TokenStore], settings: Any) -> None:
    settings.PAYMENT_TIME_SCALE = 60
    mint, one = Mint(expires_in=0), store()
    assert [bool(one.get(mint).token) for _ in range(3)] == [True, True, False]
    # The cache keeps real time: this is the scaled minute, one second, and a bit.
    time.sleep(1.1)
    assert one.get(mint).token


def test_failed_mints_count(store: Callable[[], TokenStore]) -> None:
    asked = []

    def mint() -> Reply:
        asked.append(1)
        return Reply(None, error="too_slow")

    assert [store().get(mint).reason for _ in range(4)] == [Reason.PROVIDER_UNAVAILABLE] * 4
    assert len(asked) == 2


def test_many_at_once_mint_once(store: Callable[[], TokenStore]) -> None:
    mint, got = Mint(takes_s=0.2), []
    stores = [store() for _ in range(4)]
    threads = [threading.Thread(target=lambda one=one: got.append(one.get(mint).token)) for one in stores * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (set(got), len(got), mint.times) == ({"token-1"}, 16, 1)


def test_without_the_cache_the_process_remembers(settings: Any) -> None:
    options = settings.CACHES["default"]["OPTIONS"] | {"SOCKET_CONNECT_TIMEOUT": 0.2}
    away = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0", "OPTIONS": options}
    settings.CACHES = {"default": away}
    mint, one = Mint(), TokenStore(token_key(uuid.uuid4().hex), name="x", early_s=60)
    assert one.get(mint).token == "token-1"
    cache.clear()
    assert one.get(mint).token == "token-1"
    assert one.get(mint, refused="token-1").token == "token-2"
    assert mint.times == 2


ROOT = Path(__file__).parents[3]
PAYING = """
import sys, uuid, django
django.setup()
from apps.billing.providers.port import Silent
from apps.billing.providers.registry import provider
from apps.billing.tests.charges import charge
sys.stdin.readline()
for _ in range(3):
    print(provider("mtn").submit(charge(reference=uuid.uuid4()), Silent()).outcome.value)
"""


def test_processes_share_one_token(fake_operator: FakeOperator) -> None:
    environment = os.environ | fake_operator.environment() | {"MTN_MOMO_API_KEY": uuid.uuid4().hex}
    command = [sys.executable, "-c", PAYING]
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(command, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(3)
        ]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate()[0].split() for process in processes]
    assert said == [["accepted"] * 3] * 3
    assert fake_operator.counts()["mtn.token"] == 1
