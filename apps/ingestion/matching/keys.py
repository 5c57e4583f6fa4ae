"""Blocking: keys that two records of one place are likely to share, so that a new record meets few of a million.

`stored_keys` are written for an entry, `wanted_keys` are looked up for a new record. A key is 8 bytes as a signed integer,
ready for a `bigint` column. Positions are cut into cells; a record is stored under its own cell and looks into the four
cells around the corner it is nearest to, which finds everything within half a cell.
"""

from __future__ import annotations

import functools
import hashlib
import math
import re
import struct
from collections.abc import Sequence

from apps.ingestion.matching.profiles import Profile

# Degrees: half a cell is 44 m (whatever the name) and 3.3 km (a word in common). Of the labelled pairs of one place 703 in 704 share
# a key so; three times as far, all do, and a record in a town meets nine times as many neighbours that are none of its business.
_NEAR_CELL, _WIDE_CELL = 0.0008, 0.06
_WORDS_MAX, _PHONES_MAX = 4, 4


def stored_keys(profile: Profile) -> list[int]:
    """Keys under which an entry is found."""
    texts, _wanted = _texts(profile)
    return sorted(set(_numbers(texts)))


def wanted_keys(profile: Profile) -> list[int]:
    """Keys that find the entries which a record may be."""
    return stored_and_wanted_keys(profile)[1]


def stored_and_wanted_keys(profile: Profile) -> tuple[list[int], list[int]]:
    """Both at once for less: most texts are the same."""
    stored, wanted = _texts(profile)
    texts = list(dict.fromkeys([*stored, *wanted]))
    number_of = dict(zip(texts, _numbers(texts), strict=True))
    return sorted({number_of[text] for text in stored}), sorted({number_of[text] for text in wanted})


def _texts(profile: Profile) -> tuple[list[str], list[str]]:
    """What its keys are made of: those under which it is found, and those by which it looks.

    It also looks for pairs of which one says less about where it is: a town instead of a position, or only a name. Who says as much
    as most do looks only for those that say less: a word that is all over a town would find the whole town.
    """
    words = _words(profile)
    stored = _contacts(profile)
    wanted = stored.copy()
    latitude, longitude, city, region = profile.latitude, profile.longitude, profile.city, profile.region
    if latitude is not None and longitude is not None:
        cells = _cells_around(latitude, longitude, _NEAR_CELL)
        stored.append(f"n{cells[0]}")
        wanted += [f"n{cell}" for cell in cells]
        cells = _cells_around(latitude, longitude, _WIDE_CELL)
        stored += [f"w{word}{cells[0]}" for word in words]
        wanted += [f"w{word}{cell}" for cell in cells for word in words]
        if city:
            stored += [f"c{word}/{city}" for word in words]
            wanted += [f"d{word}/{city}" for word in words]
    elif city:
        in_town = [f"{letter}{word}/{city}" for letter in "cd" for word in words]
        stored += in_town
        wanted += in_town
    for core in _cores(profile):
        if region:
            stored += [f"x{core}/{region}", f"z{core}"]
            wanted += [f"x{core}/{region}", f"y{core}"]
        else:
            stored.append(f"y{core}")
            wanted += [f"y{core}", f"z{core}"]
    return stored, wanted


def _contacts(profile: Profile) -> list[str]:
    texts = [f"p{phone}" for phone in sorted(profile.phones)[:_PHONES_MAX]]
    if profile.host:
        texts.append(f"h{profile.host}")
    if profile.email:
        texts.append(f"e{profile.email}")
    return texts


def _cores(profile: Profile) -> set[str]:
    names = profile.names
    if len(names) == 1:
        return {"".join(names[0].ordered)} if names[0].core else set()
    return {"".join(name.ordered) for name in names if name.core}


def _words(profile: Profile) -> list[str]:
    """The longest words of its names as they sound; places of one sort without a name of their own share that sort."""
    found = {sound(word): len(word) for name in profile.names for word in name.core if len(word) > 2}
    return sorted(found, key=lambda word: (-found[word], word))[:_WORDS_MAX]


@functools.lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """The beginning of a word as it sounds in French and English, so that spellings meet: Ngousso, Ngouso; Mokolo, Mocolo."""
    text = re.sub(r"ph", "f", word)
    text = re.sub(r"ou|oo|w", "u", text)
    text = re.sub(r"[yi]+e?", "i", text)
    text = re.sub(r"ck|qu|q|c(?=[aouklrt]|$)", "k", text)
    text = re.sub(r"h", "", text)
    text = re.sub(r"(.)\1+", r"\1", text)
    return text[:5].rstrip("es") or text[:5]


def _cells_around(latitude: float, longitude: float, size: float) -> list[str]:
    """The own cell, and those beside the corner that is nearest."""
    row, column = latitude / size, longitude / size
    south, west = math.floor(row), math.floor(column)
    beside_row = south + (1 if row - south >= 0.5 else -1)
    beside_column = west + (1 if column - west >= 0.5 else -1)
    return [f"@{south},{west}", f"@{beside_row},{west}", f"@{south},{beside_column}", f"@{beside_row},{beside_column}"]


def _numbers(texts: Sequence[str]) -> tuple[int, ...]:
    """The key of each text. All digests are taken for numbers at once: one by one that was a third of making keys."""
    digest = hashlib.blake2b
    return struct.unpack(f">{len(texts)}q", b"".join([digest(text.encode(), digest_size=8).digest() for text in texts]))
