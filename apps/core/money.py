"""How an amount in francs CFA is written. Amounts are whole francs: XAF has no smaller unit."""

from __future__ import annotations

from apps.core.numbers import group_thousands

NARROW_SPACE = "\u202f"


def format_xaf(amount: int, *, nbsp: str = NARROW_SPACE) -> str:
    """`5 000 F CFA` in French, `5,000 F CFA` in English.

    :param nbsp: the space that does not break. Pages use U+202F; PDF fonts often lack it, so documents pass U+00A0.
    """
    return f"{group_thousands(amount, nbsp=nbsp)}{nbsp}F{nbsp}CFA"
