"""Words that people write as they hear them: the words of categories, places and synonyms by how they sound in French.

"farmacy", "kincaillerie" and "coifeur" are further from the right word than typing errors are, but sound like it. The words of
the catalogue are too many to keep here; what people look for is nearly always a category or a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from apps.search.spelling import distance, errors_allowed

# Of folded words, one after the other. Capitals are nasal vowels.
_RULES = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ph", "f"), ("sch", "ch"), ("qu|q", "k"), ("eau|au", "o"), ("oe", "e"), ("gn", "n"), ("tion", "sion"),
        ("[ae]i(?=[nm](?![aeiouy]))", "i"), ("(?:ai|ei|ay|ey)(?![nm]{1,2}[aeiouy]?$)", "e"), ("ou", "u"), ("y", "i"),
        ("[ae][nm](?![aeiounm])", "A"), ("i[nm](?![aeiounm])", "I"), ("o[nm](?![aeiounm])", "O"),
        ("c(?=[ei])", "s"), ("c(?!h)", "k"), ("g(?=[ei])", "j"), ("ge?(?=[ao])", "g"), ("x", "ks"), ("z", "s"), ("w", "v"), ("(?<!c)h", ""),
        (r"(.)\1+", r"\1"), ("(?<=.{3})[estdxpr]+$", ""),
    )
]  # fmt: skip


class HeardWord(NamedTuple):
    """A word of a name or a synonym. As `sources.KnownWord`; how many entries hold it is not known here."""

    form: str
    shown: str
    df: int = 0


def sound(form: str) -> str:
    """How a folded word sounds, roughly."""
    for pattern, replacement in _RULES:
        form = pattern.sub(replacement, form)
    return form


class Sounds:
    """Words by their sound. Filled once, then only read."""

    def __init__(self, forms: Iterable[str] = ()) -> None:
        self._by_sound: dict[str, list[str]] = {}
        for form in sorted(set(forms)):
            if errors_allowed(form):
                self._by_sound.setdefault(sound(form), []).append(form)

    def alike(self, form: str, *, limit: int) -> Sequence[HeardWord]:
        """Words that sound the same, the one that is written most alike first."""
        if not errors_allowed(form):
            return []
        found = [other for other in self._by_sound.get(sound(form), ()) if other != form]
        return [HeardWord(other, other) for other in sorted(found, key=lambda other: distance(form, other, most=9))[:limit]]
