"""What a name says, taken apart: the sort of place, whose, which number or part, and the words that make it its own."""

from __future__ import annotations

import functools
import html
import re

import ftfy
import ftfy.badness
import msgspec
from rapidfuzz.distance import Levenshtein

from apps.catalog.gazetteer import fold
from apps.catalog.services.reference import read_reference
from apps.ingestion.matching.kinds import CATEGORY_PARTS, GROUPS, KIND_PHRASES, VAGUE
from apps.ingestion.matching.words import (
    CHAINS,
    COMMON_WORDS,
    EMPTY_WORDS,
    GOODS,
    LITTLE_WORDS,
    MARKERS,
    OWNERS,
    SAME_WORDS,
    TOWNS,
    WEAK_WORDS,
    number_of,
)

# A phone number of at least six digits, which scrapers glue to names.
_GLUED_PHONE = re.compile(r"(?:\+?\d[\s.\-/]?){6,}")
_SECTION = re.compile(r"(?<=\S)\s+['\"(]*([A-D])['\")]*\s*(?=,|$)")
_KILOMETRE = re.compile(r"\bp\.? ?k ?(\d+)\b")
_TILL = re.compile(r"\b(?:pos|gab|dab|atm)\b")
# "(espace conseils)"; "… Dr Tchachou Joseph".
_REMARK = re.compile(r"\([^()]{3,}\)|\[[^\[\]]{3,}\]")
_PERSON = re.compile(r"(?i)(?<=\w)[\s,\-–:]+(?:du )?(?:dr|docteur|doctor|pr\.|mr|mme)\b\.?\s+\w")
_TITLES = ("dr", "doct", "pr.", "mr", "mme")
_ENTITIES_DEEP = 12
_LONG_EMPTY_WORDS = tuple(word for word in EMPTY_WORDS if len(word) >= 9)
# What a common word counts, against 1 for any other.
_COMMON = 0.25


class Name(msgspec.Struct, frozen=True):
    """One name of a place. `core` is what is left of it without its sort, owner, numbers and empty words; empty for "Pharmacie".

    `whole` keeps all words but the little ones, in one language, so that two names can be compared as they stand. The last six are
    made of the others, once for a name, because one is compared with many.
    """

    whole: str
    core: tuple[str, ...]
    kinds: frozenset[str]
    numbers: frozenset[int]
    markers: frozenset[str]
    owners: frozenset[str]
    initials: str
    is_chain: bool
    # Nothing but words that are in many names.
    is_common: bool
    # Nothing but the name of a quarter or town.
    is_place: bool
    # The core as one word: "Bona Beri" is "Bonaberi"; its words in order; what is its own of it as one word, as written and in order.
    joined: str
    ordered: tuple[str, ...]
    own: str
    own_ordered: str
    # The words of the whole in order.
    whole_ordered: str
    # Each word of the core with what it counts.
    weighed: tuple[tuple[str, float], ...]


def repair(text: str) -> str:
    """The text with mojibake and entities (even those of entities) undone."""
    for _time in range(_ENTITIES_DEEP):
        if "&" not in text or (plain := html.unescape(text)) == text:
            break
        text = plain
    return ftfy.fix_text(text) if not text.isascii() and ftfy.badness.is_bad(text) else text


def group_of(kind: str) -> str:
    """The group of a sort of place."""
    return GROUPS.get(kind, kind)


@functools.lru_cache(maxsize=4096)
def kind_of_category(category: str) -> str:
    """The sort of place that a raw category or one of our slugs names; "" when it names none that we compare."""
    folded = fold(repair(category))
    return next((kind for part, kind in CATEGORY_PARTS if part in folded), "")


def shorter(text: str) -> str:
    """A name without what is put behind it: a remark in brackets, the person who runs it; "" when that leaves it as it is."""
    cut = _REMARK.sub(" ", text) if "(" in text or "[" in text else text
    # The pattern takes ten times as long as this to find nothing.
    folded = cut.lower()
    person = _PERSON.search(cut) if any(title in folded for title in _TITLES) else None
    cut = " ".join((cut[: person.start()] if person else cut).split())
    return cut if cut and cut != " ".join(text.split()) else ""


@functools.lru_cache(maxsize=65536)
def parse_name(text: str, kind: str = "") -> Name:
    """Take a name apart.

    :param kind: sort of the place by its category, which says which of several sorts the name is about.
    """
    text = _GLUED_PHONE.sub(" ", repair(text)[:200])
    section = _SECTION.search(text)
    folded = _KILOMETRE.sub(r"pk\1", fold(text.replace("&", " et ")))
    spans = _sorts(folded, kind)
    kinds = frozenset(kind for _start, _end, kind, is_own in spans if is_own)
    words: list[str] = []
    numbers: set[int] = {100 + ord(section[1])} if section else set()
    markers: set[str] = set()
    owners: set[str] = set()
    weak: list[str] = []
    for position, token in enumerate(_without_own_sorts(folded, spans)):
        number = number_of(token, is_first=position == 0 and not kinds)
        word = SAME_WORDS.get(token, token)
        if number is not None:
            numbers.add(number)
        elif token in MARKERS:
            markers.add(MARKERS[token])
            weak.append(token)
        elif token in OWNERS or word in OWNERS:
            owners.add(OWNERS.get(token) or OWNERS[word])
        elif word.isdigit():
            numbers.add(int(word))
        elif token in EMPTY_WORDS or _is_empty_misspelt(token) or (section and token == section[1].lower() and len(token) == 1):
            if token in WEAK_WORDS:
                weak.append(token)
        elif not token.isdigit():
            words.append(word)
    core = [word for word in words if word not in TOWNS] or weak or words
    if GOODS.issuperset(core):
        core = []
    whole = [SAME_WORDS.get(token, token) for token in _canonical(folded, spans).split() if token not in LITTLE_WORDS]
    plain = [token for token in folded.split() if token not in LITTLE_WORDS]
    own = [word for word in core if word not in COMMON_WORDS] or core
    return Name(
        whole=" ".join(whole),
        core=tuple(core),
        kinds=kinds,
        numbers=frozenset(numbers),
        markers=frozenset(markers),
        owners=frozenset(owners),
        initials="".join(token[0] for token in plain) if len(plain) >= 3 else "",
        is_chain=bool(words) and CHAINS.issuperset(words),
        is_common=COMMON_WORDS.issuperset(core),
        is_place=bool(core) and place_words().issuperset(core),
        joined="".join(core),
        ordered=tuple(sorted(core)),
        own="".join(own),
        own_ordered="".join(sorted(own)),
        whole_ordered=" ".join(sorted(whole)),
        weighed=tuple((word, min(len(word), 6) * (_COMMON if word in COMMON_WORDS else 1.0)) for word in core),
    )


@functools.cache
def place_words() -> frozenset[str]:
    """Words that name quarters and towns."""
    rows = [*read_reference("quarters"), *read_reference("cities")]
    words = {
        SAME_WORDS.get(word, word)
        for row in rows
        for name in (str(row.get("name") or row.get("name_fr") or ""), *row.get("aliases", ()))
        for word in fold(name).split()
    }
    return frozenset(word for word in words if len(word) >= 4) - COMMON_WORDS


@functools.lru_cache(maxsize=16384)
def _is_empty_misspelt(token: str) -> bool:
    """ "Internatinale" says as little as "internationale"."""
    if len(token) < 8:
        return False
    return any(word[0] == token[0] and Levenshtein.distance(word, token, score_cutoff=2) <= 2 for word in _LONG_EMPTY_WORDS)


Span = tuple[int, int, str, bool]


def _sorts(folded: str, kind: str) -> list[Span]:
    """Where the text names sorts of place: start, end, sort, and whether it is the place's own and not part of its name.

    "Pharmacie du Marché" is a pharmacy called "marché": the own sort is that of the category if the name has it, else the first
    word's, else the last's; sorts of the same group are its own, too ("école maternelle et primaire").
    """
    found = [(match.start(), match.end(), str(match.lastgroup).rpartition("_")[0]) for match in KIND_PHRASES.finditer(folded)]
    if not found:
        return []
    wanted = "" if kind in VAGUE else group_of(kind)
    groups = [group_of(kind) for _start, _end, kind in found]
    if "banque" in groups and _TILL.search(folded):
        # A till of a bank in a pharmacy is the bank's, whatever the source calls it.
        own = "banque"
    elif wanted in groups:
        own = wanted
    elif found[0][0] == 0:
        own = groups[0]
    elif found[-1][1] == len(folded):
        own = groups[-1]
    else:
        own = groups[0]
    return [(start, end, kind, group == own) for (start, end, kind), group in zip(found, groups, strict=True)]


def _without_own_sorts(folded: str, spans: list[Span]) -> list[str]:
    """The words left."""
    parts, last = [], 0
    for start, end, _kind, is_own in spans:
        parts += [folded[last:start], "" if is_own else folded[start:end]]
        last = end
    return " ".join([*parts, folded[last:]]).split()


def _canonical(folded: str, spans: list[Span]) -> str:
    parts, last = [], 0
    for start, end, kind, _is_own in spans:
        parts += [folded[last:start], kind]
        last = end
    return " ".join([*parts, folded[last:]])
