"""What long commands show while they work."""

from __future__ import annotations

from typing import Any

from tqdm import tqdm

SHOWN_LINES = 20


def progress_bar(total: int | None, *, unit: str) -> tqdm[Any]:
    """A bar on the terminal; silent when the output is not one."""
    return tqdm(total=total, unit=unit, unit_scale=True, disable=None, leave=False)
