"""How a payer's number is shown to people who may see that it is theirs, and no more."""

from __future__ import annotations


def masked_phone(e164: str) -> str:
    """`+237 6•• ••• 111`; empty for no number."""
    return f"{e164[:4]} {e164[4:5]}•• ••• {e164[-3:]}" if len(e164) > 7 else ""
