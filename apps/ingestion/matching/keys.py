"""Blocking: keys that two records of one place are likely to share, so that a new record meets few of a million.

`stored_keys` are written for an entry, `wanted_keys` are looked up for a new record. A key is 8 bytes as a signed integer,
ready for a `bigint` column. Positions are cut into cells; a record is stored under its own cell and looks into the four
cells around the corner it is nearest to, which finds everything within half a cell.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator

from apps.ingestion.matching.profiles import Profile

# Degrees: half a cell is 44 m (whatever the name) and 3.3 km (a word in common). Of the labelled pairs of one place 703 in 704 share
# a key so; three times as far, all do, and a record in a town meets nine times as many neighbours that are none of its business.
_NEAR_CELL, _WIDE_CELL = 0.0008, 0.06
_WORDS_MAX, _PHONES_MAX = 4, 4


def stored_keys(profile: Profile) -> list[int]:
    """Keys under which an entry is found."""
    return sorted({_number(text) for text in _texts(profile, around=False)})


def wanted_keys(profile: Profile) -> list[int]:
    """Keys that find the entries which a record may be."""
    return sorted({_number(text) for text in _texts(profile, around=True)})


def _texts(profile: Profile, *, around: bool) -> Iterator[str]:
    for phone in sorted(profile.phones)[:_PHONES_MAX]:
        yield f"p{phone}"
    if profile.host:
        yield f"h{profile.host}"
    if profile.email:
        yield f"e{profile.email}"
    words = _words(profile)
    if profile.latitude is not None and profile.longitude is not None:
        for cell in _cells(profile.latitude, profile.longitude, _NEAR_CELL, around=around):
            yield f"n{cell}"
        for cell in _cells(profile.latitude, profile.longitude, _WIDE_CELL, around=around):
            for word in words:
                yield f"w{word}{cell}"
    yield from _names_somewhere(profile, words, around=around)


def _names_somewhere(profile: Profile, words: list[str], *, around: bool) -> Iterator[str]:
    """Keys for pairs of which one says less about where it is: a town instead of a position, or only a name.

    Who says as much as most do looks only for those that say less: a word that is all over a town would find the whole town.
    """
    is_placed = profile.latitude is not None and profile.longitude is not None
    if profile.city:
        for word in words:
            if around and is_placed:
                yield f"d{word}/{profile.city}"
            else:
                yield f"c{word}/{profile.city}"
                if not is_placed:
                    yield f"d{word}/{profile.city}"
    for core in {"".join(sorted(name.core)) for name in profile.names if name.core}:
        if profile.region:
            yield f"x{core}/{profile.region}"
            yield f"y{core}" if around else f"z{core}"
        else:
            yield f"y{core}"
            if around:
                yield f"z{core}"


def _words(profile: Profile) -> list[str]:
    """The longest words of its names as they sound; places of one sort without a name of their own share that sort."""
    found = {sound(word): len(word) for name in profile.names for word in name.core if len(word) > 2}
    return sorted(found, key=lambda word: (-found[word], word))[:_WORDS_MAX]


def sound(word: str) -> str:
    """The beginning of a word as it sounds in French and English, so that spellings meet: Ngousso, Ngouso; Mokolo, Mocolo."""
    text = re.sub(r"ph", "f", word)
    text = re.sub(r"ou|oo|w", "u", text)
    text = re.sub(r"[yi]+e?", "i", text)
    text = re.sub(r"ck|qu|q|c(?=[aouklrt]|$)", "k", text)
    text = re.sub(r"h", "", text)
    text = re.sub(r"(.)\1+", r"\1", text)
    return text[:5].rstrip("es") or text[:5]


def _cells(latitude: float, longitude: float, size: float, *, around: bool) -> Iterator[str]:
    row, column = latitude / size, longitude / size
    south, west = math.floor(row), math.floor(column)
    yield f"@{south},{west}"
    if around:
        beside_row = south + (1 if row - south >= 0.5 else -1)
        beside_column = west + (1 if column - west >= 0.5 else -1)
        yield f"@{beside_row},{west}"
        yield f"@{south},{beside_column}"
        yield f"@{beside_row},{beside_column}"


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
