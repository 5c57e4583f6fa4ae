"""What every port answers when a message left."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Receipt:
    """The provider's reference and price. `is_confirmed_later`: the provider tells by itself when the message arrived."""

    provider_id: str
    cost_xaf: int = 0
    is_confirmed_later: bool = False
