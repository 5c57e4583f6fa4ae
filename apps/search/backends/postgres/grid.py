"""Positions as terms: an entry holds the cell in which it lies, at each of five sizes, and a box is a few cells of one size.

A word and a box of many entries in which it is nearly never: the index of positions finds all of the box, the index of terms all of the
word, and to look at either took 0.1 s at a million entries. As terms the two meet inside one index, and only what is in both is looked at.
Cells are larger than the box, so that the position itself still decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from apps.search.backends.postgres.circles import Box

# Cells of a degree on each side at the finest size, 1.7 km, and how many of each size make the next on each side: 28, 111, 445 km.
FINEST = 64
_SHIFTS = (0, 2, 4, 6, 8)
# The index asks of every entry which of these it is in. No box of Cameroon takes more.
CELLS_MAX = 24


def cells(latitude: float, longitude: float) -> Iterator[str]:
    """The names of the cells of a position, one of each size."""
    east, north = math.floor(longitude * FINEST), math.floor(latitude * FINEST)
    return (_name(shift, east >> shift, north >> shift) for shift in _SHIFTS)


def covering(boxes: Sequence[Box]) -> list[str]:
    """The names of the smallest cells, no more than `CELLS_MAX`, that together hold these boxes; none where that takes more."""
    for shift in _SHIFTS if boxes else ():
        ranges = [tuple(range(_cell(low, shift), _cell(high, shift) + 1) for low, high in ((w, e), (s, n))) for w, s, e, n in boxes]
        if sum(len(easts) * len(norths) for easts, norths in ranges) <= CELLS_MAX:
            return [_name(shift, east, north) for easts, norths in ranges for east in easts for north in norths]
    return []


def _cell(degrees: float, shift: int) -> int:
    return math.floor(degrees * FINEST) >> shift


def _name(shift: int, east: int, north: int) -> str:
    return f"{shift}:{east}:{north}"
