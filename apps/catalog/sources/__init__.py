"""Files that imports read, one format a module. Each yields (line or object number, raw row or `UnreadableRow`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A line that is not a row at all, with the reason."""

    reason: str
    detail: str
