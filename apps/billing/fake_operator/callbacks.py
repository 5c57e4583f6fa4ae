"""Callbacks: sent by the operator from threads of its own, once unless a policy says otherwise, and only to this machine."""

from __future__ import annotations

import http.client
import ipaddress
import json
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from apps.billing.fake_operator.clock import Clock, Scheduler
from apps.billing.fake_operator.options import Options
from apps.billing.fake_operator.rules import CallbackPolicy
from apps.billing.fake_operator.truth import Movement

# The operator waits that long for an answer, and does not try again.
TIMEOUT_S = 2
_METHODS = {"mtn": "PUT"}


class Callbacks:
    """What was sent, and what will be."""

    def __init__(self, clock: Clock, scheduler: Scheduler, options: Callable[[], Options]) -> None:
        self._clock, self._scheduler, self._options = clock, scheduler, options
        self._lock = threading.Lock()
        self._policies: dict[tuple[str, str], CallbackPolicy] = {}
        # Counts resets: what was under way before one is not reported after it.
        self._age = 0
        self._sent: deque[dict[str, Any]] = deque(maxlen=20_000)
        self._senders = ThreadPoolExecutor(max_workers=16, thread_name_prefix="callback")

    def stop(self) -> None:
        """What waits is not sent."""
        self._senders.shutdown(cancel_futures=True)

    def clear(self) -> None:
        """Nothing was sent."""
        with self._lock:
            self._age += 1
            self._policies.clear()
            self._sent.clear()

    def sent(self) -> list[dict[str, Any]]:
        """Every delivery: `{at, rail, reference, method, url, body, status, error}`; no status when nobody answered."""
        with self._lock:
            return list(self._sent)

    def set_policy(self, movement: Movement, policy: CallbackPolicy) -> None:
        """How this movement's end is told."""
        with self._lock:
            self._policies[movement.rail, movement.reference] = policy

    def policy_of(self, movement: Movement) -> CallbackPolicy:
        """Once, when nobody said otherwise."""
        with self._lock:
            return self._policies.get((movement.rail, movement.reference), CallbackPolicy())

    def announce(self, movement: Movement, body: dict[str, Any]) -> None:
        """A movement ended: tell as its policy says."""
        policy = self.policy_of(movement)
        first = self._clock.now() + policy.delay_s
        for number in range(policy.times):
            self._scheduler.at(first + number * policy.every_s, lambda: self.send(movement, body))

    def send(self, movement: Movement, body: dict[str, Any], *, url: str = "") -> None:
        """Send now, without waiting for the answer."""
        if url or movement.callback_url:
            self._senders.submit(self.send_now, movement, body, url=url)

    def send_now(self, movement: Movement, body: dict[str, Any], *, url: str = "") -> None:
        """Send and wait for the answer."""
        url = url or movement.callback_url
        if not url:
            return
        with self._lock:
            age = self._age
        method = self.policy_of(movement).method or _METHODS.get(movement.rail, "POST")
        status, error = self._deliver(method, url, json.dumps(body).encode())
        with self._lock:
            if age == self._age:
                self._sent.append({
                    "at": self._clock.now(), "rail": movement.rail, "reference": movement.reference, "method": method, "url": url,
                    "body": body, "status": status, "error": error,
                })  # fmt: skip

    def _deliver(self, method: str, url: str, body: bytes) -> tuple[int | None, str]:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not (is_this_machine(host) or host in self._options().callback_hosts):
            return None, "not sent: another machine"
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(host, parts.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            return None, type(error).__name__
        else:
            return answer.status, ""
        finally:
            connection.close()


def is_this_machine(host: str) -> bool:
    """`localhost` or a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
