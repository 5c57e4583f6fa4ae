"""What the ranking reads of an entry, in bytes that are searched as they are: nothing of it is decoded for a query.

The candidates of a query hold twenty thousand terms, of which the query asks for a dozen. To decode them into dicts cost 6 µs an
entry, more than judging it; to look for a key of four bytes among the keys of an entry costs a tenth of a microsecond.

A key is another number than the engines' (`documents.term_id`): where two words share one there, they do not share one here.
"""

from __future__ import annotations

import functools
import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from apps.search.analysis import STOP_WORDS

KEY_BYTES = 4
FIELD_COUNT = 4
# Words of each field, then the number of keys. Counts stand at the places of their keys, a byte for each field.
_HEAD = struct.Struct("<4HI")
_LENGTH_MAX, _COUNT_MAX = 65_535, 255


@functools.lru_cache(maxsize=131_072)
def word_key(term: str) -> bytes:
    """A term as the four bytes that are looked for."""
    return hashlib.blake2b(term.encode(), digest_size=KEY_BYTES).digest()


STOP_KEYS = frozenset(map(word_key, STOP_WORDS))


def split_keys(joined: bytes) -> list[bytes]:
    """The keys of one of `Packed.names`."""
    return [joined[place : place + KEY_BYTES] for place in range(0, len(joined), KEY_BYTES)]


class Packed(NamedTuple):
    """`names` are the keys of each name's words in order, joined; `counts` has, at the place of a key, how often its term stands in each
    field (at most 255: repeating a word soon stops helping); `lengths` how many words each field has.
    """

    lengths: Sequence[int]
    keys: bytes
    counts: bytes
    names: Sequence[bytes]

    def find(self, key: bytes) -> int:
        """The place of a key, negative when the entry does not hold its term."""
        place = self.keys.find(key)
        # The end of one key and the beginning of the next may look like it.
        while place > 0 and place % KEY_BYTES:
            place = self.keys.find(key, place + 1)
        return place


def pack(names: Iterable[Sequence[str]], fields: Sequence[Mapping[bytes, int]], lengths: Sequence[int]) -> bytes:
    """See `Packed`.

    :param names: the forms of each name. :param fields: how often each key stands in each of the four fields.
    """
    table: dict[bytes, int] = {}
    for number, counted in enumerate(fields):
        shift = 8 * number
        if max(counted.values(), default=0) > _COUNT_MAX:
            counted = {key: min(count, _COUNT_MAX) for key, count in counted.items()}  # noqa: PLW2901  rare, and then the same
        for key, count in counted.items():
            table[key] = table.get(key, 0) + (count << shift)
    keys = sorted(table)
    head = _HEAD.pack(*(min(length, _LENGTH_MAX) for length in lengths), len(keys))
    counts = struct.pack(f"<{len(keys)}I", *map(table.__getitem__, keys))
    words = [list(map(word_key, forms[:_COUNT_MAX])) for forms in names]
    return b"".join([head, *keys, counts, *(bytes([len(own)]) + b"".join(own) for own in words)])


def unpack(packed: bytes) -> Packed:
    """The inverse of `pack`."""
    *lengths, count = _HEAD.unpack_from(packed)
    counts_at = _HEAD.size + KEY_BYTES * count
    place = counts_at + FIELD_COUNT * count
    keys, counts = packed[_HEAD.size : counts_at], packed[counts_at:place]
    names = []
    while place < len(packed):
        end = place + 1 + KEY_BYTES * packed[place]
        names.append(packed[place + 1 : end])
        place = end
    return Packed(lengths, keys, counts, names)
