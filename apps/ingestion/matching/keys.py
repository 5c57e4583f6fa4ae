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

from apps.ingestion.matching.profiles import Profile

# Degrees: half a cell is 44 m (whatever the name) and 3.3 km (a word in common). Of the labelled pairs of one place 703 in 704 share
# a key so; three times as far, all do, and a record in a town meets nine times as many neighbours that are none of its business.
_NEAR_CELL, _WIDE_CELL = 0.0008, 0.06
_WORDS_MAX, _PHONES_MAX = 4, 4


def stored_keys(profile: Profile) -> list[int]:
    """Keys under which an entry is found."""
    return sorted(set(_stored(profile).values()))


def wanted_keys(profile: Profile) -> list[int]:
    """Keys that find the entries which a record may be."""
    return stored_and_wanted_keys(profile)[1]


def stored_and_wanted_keys(profile: Profile) -> tuple[list[int], list[int]]:
    """Both at once for less: most texts are the same."""
    stored = _stored(profile)
    wanted = {stored[text] if text in stored else _number(text) for text in _wanted_texts(profile, _words(profile))}
    return sorted(set(stored.values())), sorted(wanted)


# A record's entry is stored under what the record was looked for by, some seconds later.
@functools.lru_cache(maxsize=2048)
def _stored(profile: Profile) -> dict[str, int]:
    """The keys under which it is found, by their texts."""
    words = _words(profile)
    texts = _contacts(profile)
    is_placed = profile.latitude is not None and profile.longitude is not None
    if profile.latitude is not None and profile.longitude is not None:
        south, west = _cell(profile.latitude, _NEAR_CELL), _cell(profile.longitude, _NEAR_CELL)
        texts.append(f"n@{south},{west}")
        south, west = _cell(profile.latitude, _WIDE_CELL), _cell(profile.longitude, _WIDE_CELL)
        texts += [f"w{word}@{south},{west}" for word in words]
    if profile.city:
        texts += [f"c{word}/{profile.city}" for word in words]
        if not is_placed:
            texts += [f"d{word}/{profile.city}" for word in words]
    for core in _cores(profile):
        texts += [f"x{core}/{profile.region}", f"z{core}"] if profile.region else [f"y{core}"]
    return {text: _number(text) for text in texts}


def _wanted_texts(profile: Profile, words: list[str]) -> list[str]:
    """Also for pairs of which one says less about where it is: a town instead of a position, or only a name.

    Who says as much as most do looks only for those that say less: a word that is all over a town would find the whole town.
    """
    texts = _contacts(profile)
    is_placed = profile.latitude is not None and profile.longitude is not None
    if profile.latitude is not None and profile.longitude is not None:
        texts += [f"n{cell}" for cell in _cells_around(profile.latitude, profile.longitude, _NEAR_CELL)]
        cells = _cells_around(profile.latitude, profile.longitude, _WIDE_CELL)
        texts += [f"w{word}{cell}" for cell in cells for word in words]
    if profile.city:
        texts += [f"d{word}/{profile.city}" for word in words]
        if not is_placed:
            texts += [f"c{word}/{profile.city}" for word in words]
    for core in _cores(profile):
        texts += [f"x{core}/{profile.region}", f"y{core}"] if profile.region else [f"y{core}", f"z{core}"]
    return texts


def _contacts(profile: Profile) -> list[str]:
    texts = [f"p{phone}" for phone in sorted(profile.phones)[:_PHONES_MAX]]
    if profile.host:
        texts.append(f"h{profile.host}")
    if profile.email:
        texts.append(f"e{profile.email}")
    return texts


def _cores(profile: Profile) -> set[str]:
    return {"".join(name.ordered) for name in profile.names if name.core}


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


def _cell(degrees: float, size: float) -> int:
    return math.floor(degrees / size)


def _cells_around(latitude: float, longitude: float, size: float) -> list[str]:
    """The own cell and those beside the corner that is nearest."""
    row, column = latitude / size, longitude / size
    south, west = math.floor(row), math.floor(column)
    beside_row = south + (1 if row - south >= 0.5 else -1)
    beside_column = west + (1 if column - west >= 0.5 else -1)
    return [f"@{south},{west}", f"@{beside_row},{west}", f"@{south},{beside_column}", f"@{beside_row},{beside_column}"]


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
