"""How numbers are written in the active language."""

from __future__ import annotations

from django.utils.translation import get_language

NARROW_SPACE = "\u202f"


def is_english() -> bool:
    """Whether the active language is English; anything else is written the French way."""
    return (get_language() or "").startswith("en")


def group_thousands(value: int, *, nbsp: str = NARROW_SPACE) -> str:
    """`12 480` with a space that does not break in French, `12,480` in English."""
    return f"{value:,}".replace(",", "," if is_english() else nbsp)


def decimal_mark(text: str) -> str:
    """Turn the point of a number into the comma of French."""
    return text if is_english() else text.replace(".", ",")


def per_cent(text: str) -> str:
    """`29 %` with a space that does not break in French, `29%` in English."""
    return f"{text}%" if is_english() else f"{text}\u00a0%"
