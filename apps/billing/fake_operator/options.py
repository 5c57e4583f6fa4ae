"""What may be set when the operator starts, or later through its control endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True)
class Options:
    """Seconds are the operator's.

    `delay_s`: how long payers take. `max_amount`: the cap of a wallet. `callback_hosts`: where callbacks may go besides this
    machine. `callback_host`: the host that API users of MTN registered; empty: any. `pawapay_callback_url`: pawaPay's is set
    once for an account. `credentials`: what alone is accepted, by name (docs/fake-operator.md); anything that is not named is
    accepted when it is not empty. `token_s`: how long tokens live, instead of what each operator grants; 0 leaves that.
    `queries_per_s`: MTN documents 10, and answers 429 above; 0: no cap.
    """

    delay_s: float = 5.0
    max_amount: int = 500_000
    min_amount: int = 1
    callback_hosts: tuple[str, ...] = ()
    callback_host: str = ""
    pawapay_callback_url: str = ""
    token_s: float = 0.0
    queries_per_s: int = 0
    credentials: Mapping[str, str] = field(default_factory=dict)

    def changed(self, data: Mapping[str, Any]) -> Options:
        """:raises ValueError: an unknown name."""
        if unknown := set(data) - {item.name for item in fields(self)}:
            raise ValueError(f"Unknown: {', '.join(sorted(unknown))}; known: {', '.join(item.name for item in fields(self))}")
        return replace(self, **data)

    def accepts(self, name: str, value: str | None) -> bool:
        """Whether this credential is good."""
        wanted = self.credentials.get(name)
        return bool(value) if wanted is None else value == wanted
