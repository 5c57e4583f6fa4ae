"""Places of the sample as bits of a number: who holds a word is one number, and words are AND and OR of such numbers."""

from __future__ import annotations

import functools
import re
import zlib
from array import array
from collections.abc import Iterable, Sequence
from sys import byteorder

_ONE = re.compile("1")
# A row that is kept in so few bytes needs no other page of the table. Most terms are rare, and their rows nearly empty.
_SHORT = 2_000


def packed_bits(places: Iterable[int], size: int) -> bytes:
    """Places below `size` as bits: the first in the lowest bit of the first byte."""
    packed = bytearray(bytes_of(size))
    for place in places:
        packed[place >> 3] |= 1 << (place & 7)
    return bytes(packed)


def bytes_of(size: int) -> int:
    """So many bytes have a bit for each of so many places."""
    return (size + 7) // 8


def unpacked(packed: bytes) -> int:
    """These bits as a number."""
    return int.from_bytes(packed, "little")


def stored(row: bytes) -> bytes:
    """A row as it is kept: short, or as it is."""
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    packed = packer.compress(row) + packer.flush()
    return packed if len(packed) < min(_SHORT, len(row)) else row


def restored(kept: bytes, length: int) -> bytes:
    """A row of this length, of what was kept of it."""
    return kept if len(kept) == length else zlib.decompress(kept)


def places_of(bits: int) -> Sequence[int]:
    """The places whose bits are set."""
    return [found.start() for found in _ONE.finditer(f"{bits:b}"[::-1])]


@functools.lru_cache(maxsize=32)
def every(stride: int, size: int) -> int:
    """Every so many places of so many."""
    return unpacked(packed_bits(range(0, size, stride), size))


def integers(packed: bytes) -> array[int]:
    """Numbers of four bytes as PostgreSQL sends them."""
    numbers = array("i")
    numbers.frombytes(packed)
    if byteorder == "little":
        numbers.byteswap()
    return numbers
