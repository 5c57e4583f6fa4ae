"""What every reader yields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Texts of a page that are longer are no names or descriptions; the steps cut further.
TEXT_MAX = 10_000
# One page or answer holds no more entries than this.
ROWS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A line, page or object that is not a row at all: a stable word, what was found, and where."""

    reason: str
    detail: str
    source_url: str = ""


Rows = Iterator[dict[str, Any] | UnreadableRow]


def shortened(text: str, most: int = TEXT_MAX) -> str:
    """Its beginning, with white space folded."""
    return " ".join(text[: 4 * most].split())[:most]
