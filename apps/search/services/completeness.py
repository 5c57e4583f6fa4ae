"""How complete an entry is, 0 to 100: between equals the one that tells more comes first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What it tells, and what that is worth; together 100.
WEIGHTS = {
    "description": 20, "phone": 15, "hours": 15, "position": 10, "picture": 10, "quarter": 5, "address": 5, "landmark": 5,
    "both_languages": 5, "attributes": 5, "website": 3, "email": 2,
}  # fmt: skip


def completeness(told: Mapping[str, Any]) -> int:
    """The sum of the weights of what is told.

    :param told: by name of `WEIGHTS`, anything that is true when the entry tells it.
    """
    return sum(weight for name, weight in WEIGHTS.items() if told[name])
