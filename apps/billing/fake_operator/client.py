"""A client of the control endpoint, for tests and benchmarks."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from apps.billing.fake_operator.addresses import CREDENTIALS, addresses

ROOT = Path(__file__).resolve().parents[3]


class ControlError(Exception):
    """The control endpoint refused; the text says why."""


class FakeOperator:
    """A running operator, driven from outside. `address` is `http://host:port`."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._where = urlsplit(address).netloc

    def _call(self, method: str, action: str, data: dict[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection(self._where, timeout=10)
        try:
            connection.request(method, f"/_control/{action}", json.dumps(data or {}).encode(), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            found = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise ControlError(found["error"])
        return found

    def settings(self) -> dict[str, Any]:
        """Every setting of Django that payments through this operator need."""
        values: dict[str, Any] = {**CREDENTIALS, **addresses(self.address)}
        return values | {"ORANGE_PAYMENT_PAGE_HOSTS": values["ORANGE_PAYMENT_PAGE_HOSTS"].split(",")}

    def environment(self) -> dict[str, str]:
        """The same as environment variables, for processes of their own."""
        return {**CREDENTIALS, **addresses(self.address)}

    def rule(self, **fields: Any) -> int:
        """Make calls or payments go differently; returns the rule's number. Fields: docs/fake-operator.md."""
        return int(self._call("POST", "rules", fields)["number"])

    def scenario(self, name: str, **fields: Any) -> int:
        """A ready-made rule, narrowed with `phone`, `reference`, `endpoint`, `times`; returns the rule's number."""
        return self.rule(scenario=name, **fields)

    def rules(self) -> list[dict[str, Any]]:
        """Every rule, with how often it was used."""
        return list(self._call("GET", "rules")["rules"])

    def remove_rule(self, number: int) -> None:
        """It no longer applies."""
        self._call("DELETE", f"rules/{number}")

    def remove_rules(self) -> None:
        """None applies any more: the operator recovered."""
        self._call("DELETE", "rules")

    def payments(self) -> list[dict[str, Any]]:
        """The operator's truth about payments, oldest first."""
        return list(self._call("GET", "truth")["payments"])

    def refunds(self) -> list[dict[str, Any]]:
        """The operator's truth about refunds, oldest first."""
        return list(self._call("GET", "truth")["refunds"])

    def movement(self, an_id: str) -> dict[str, Any] | None:
        """The truth about one payment or refund, by any of its ids; None when the operator never heard of it."""
        try:
            return dict(self._call("GET", f"truth/{an_id}"))
        except ControlError:
            return None

    def decide(self, an_id: str, status: str, reason: str = "") -> None:
        """End it now: `succeeded`, `failed` or `expired`."""
        self._call("POST", "decide", {"id": an_id, "status": status, "reason": reason})

    def confirm(self, an_id: str, msisdn: str = "693456789") -> dict[str, Any]:
        """Confirm as a payer on Orange's page, by order id or pay token; returns the truth."""
        return dict(self._call("POST", "confirm", {"id": an_id, "msisdn": msisdn}))

    def callbacks(self) -> list[dict[str, Any]]:
        """Every callback that was sent."""
        return list(self._call("GET", "callbacks")["callbacks"])

    def send_callback(self, an_id: str, *, url: str = "", times: int = 1, **changed: Any) -> None:
        """Send one now, true but for the fields that are given."""
        self._call("POST", "callbacks", {"id": an_id, "url": url, "times": times, "set": changed})

    def counts(self) -> dict[str, int]:
        """How many calls each endpoint had."""
        return dict(self._call("GET", "calls")["counts"])

    def calls(self) -> list[dict[str, Any]]:
        """The last 2,000 calls: `{at, endpoint, method, path, status}`; no status when the connection was reset."""
        return list(self._call("GET", "calls")["recent"])

    def advance(self, seconds: float) -> None:
        """Move the operator's clock on; tokens age with it."""
        self._call("POST", "advance", {"seconds": seconds})

    def options(self, **changed: Any) -> dict[str, Any]:
        """Change options, and read them."""
        return dict(self._call("POST", "options", changed))

    def expire_tokens(self, rail: str = "") -> int:
        """End every access token of a rail, or all."""
        return int(self._call("POST", "tokens", {"rail": rail})["expired"])

    def state(self) -> dict[str, Any]:
        """Address, time, options and ready-made scenarios."""
        return dict(self._call("GET", "state"))

    def reset(self) -> None:
        """As it started."""
        self._call("POST", "reset")


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[FakeOperator]:
    """A process of its own, until the block ends. `arguments`: those of `manage.py fake_operator`."""
    command = [sys.executable, "-m", "apps.billing.fake_operator", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  our own command
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            if not address:
                raise RuntimeError(f"The fake operator ended with code {process.wait()}.")
            yield FakeOperator(address)
        finally:
            process.terminate()
            process.wait()
