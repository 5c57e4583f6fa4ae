"""What the words of a query may mean: a phone number, a category, a place or landmark, and conditions such as "ouvert maintenant".

The meaning of a name is soft: its words still find entries that hold them ("Hôtel Akwa Palace" is in Akwa or not). Only what
nobody says of a name is a condition. Misspelt words are put right before they come here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.search.analysis import Word
from apps.search.documents import PHONE_DIGITS_MIN
from apps.search.questions import Understood, UnderstoodKind
from apps.search.selectors.names import Meaning, Names
from apps.search.selectors.phrases import LINKS

COUNTRY_CODE, NATIONAL_DIGITS = "237", 9
_PHONE = re.compile(rf"(?<!\w)[+(]{{0,2}}\d(?:[\s().\-/]{{0,3}}\d){{{PHONE_DIGITS_MIN - 1},17}}(?!\w)")

# "concours 2024-2025" is no old number of eight digits.
_YEARS = re.compile(r"(?:19|20)\d\d\D{1,3}(?:19|20)\d\d", re.ASCII)


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """Folded phrases, the longest first, so that the first that fits is the right one."""
    return tuple(sorted((tuple(line.split()) for line in text.strip().splitlines()), key=len, reverse=True))


# Said of a place, they are conditions; folded, without elided articles.
CONDITIONS = {
    UnderstoodKind.OPEN_NOW: _phrases(
        """
        ouvert maintenant
        ouverte maintenant
        ouverts maintenant
        ouvertes maintenant
        ouvert en ce moment
        ouverte en ce moment
        ouverts en ce moment
        ouvertes en ce moment
        ouvert actuellement
        ouverte actuellement
        ouvert la nuit
        ouverte la nuit
        ouverts la nuit
        ouvertes la nuit
        ouvert tard
        ouverte tard
        ouverts tard
        ouvertes tard
        ouvert ce soir
        ouverte ce soir
        ouvert aujourd hui
        ouverte aujourd hui
        ouvert 24h 24
        ouverte 24h 24
        ouvert 24h
        ouverte 24h
        ouvert
        ouverte
        ouverts
        ouvertes
        open right now
        open now
        open late
        open at night
        open tonight
        open today
        open 24 hours
        open 24 7
        open 24h
        24h 24
        24 h 24
        24h sur 24
        24 heures sur 24
        24 24
        24h
        24 7
        24 hours
        that is open
        that are open
        still open
        """
    ),
    UnderstoodKind.DUTY: _phrases("de garde\non duty\non call\nde permanence"),
    UnderstoodKind.NEAR_ME: _phrases(
        """
        pres de moi
        pres de chez moi
        pres ici
        a cote de moi
        a cote de chez moi
        autour de moi
        a proximite
        a cote
        dans les environs
        dans les parages
        dans le coin
        pas loin
        le plus proche
        la plus proche
        les plus proches
        proche de moi
        proche
        near me
        near here
        close to me
        close by
        around me
        around here
        nearby
        nearest
        closest
        """
    ),
}
# These end a phrase only when no name follows: "à côté du marché", "garde d’enfants".
_NOT_BEFORE = {
    ("a", "proximite"): {"de", "du", "des"}, ("a", "cote"): {"de", "du", "des"}, ("pas", "loin"): {"de", "du", "des"},
    ("proche",): {"de", "du", "des"}, ("de", "garde"): {"enfant", "enfants", "robe", "meuble", "meubles"},
}  # fmt: skip
# They lead to a place or a landmark, and are said of nothing themselves.
_LEADS = _phrases(
    """
    du cote de
    du cote du
    a cote de
    a cote du
    pres de
    pres du
    pres des
    non loin de
    non loin du
    pas loin de
    pas loin du
    a proximite de
    a proximite du
    autour de
    autour du
    proche de
    proche du
    en face de
    en face du
    face a
    face au
    face
    derriere
    devant
    juste avant
    juste apres
    vers
    next to
    close to
    opposite
    behind
    in front of
    around
    near
    """
)
# Points that a quarter gives its name to; said of an entry they are words like others.
POINT_WORDS = frozenset(
    ["carrefour", "rondpoint", "rond", "point", "echangeur", "entree", "montee", "descente", "feu", "feux", "roundabout", "junction"]
)
_NEARLY = {"cote", "pres", "loin", "proximite", "autour", "proche", "vers", "close", "around", "near", "next"}
_REGION_WORDS = {"region", "regions", "province"}
# A single word that is a region's name and an ordinary word means the region at the end, or after one of these.
_ORDINARY = {"centre", "center", "nord", "sud", "est", "ouest", "littoral", "north", "south", "east", "west", "western"}
_TO_PLACE = {"a", "au", "dans", "en", "in", "region", "du", "de"}


@dataclass(frozen=True, slots=True)
class Part:
    """Words [start, end) and what they mean; `meanings` of a name, likeliest first, empty for conditions and phones.

    :ivar is_near: a word such as "vers" or "near" leads to this place. :ivar value: digits of a phone, slug of a landmark.
    :ivar name, point: of a landmark.
    """

    kind: UnderstoodKind
    start: int
    end: int
    meanings: tuple[Meaning, ...] = ()
    value: str = "true"
    is_near: bool = False
    name: str = ""
    point: tuple[float, float] | None = None

    @property
    def slug(self) -> str:
        """What `Understood` says."""
        return self.meanings[0].slug if self.meanings else self.value


@dataclass(frozen=True, slots=True)
class Understanding:
    """Parts in the order of their words, and words that lead to them and are asked of no entry.

    :ivar beside: words [start, end) behind one that leads to a place, when they are no place that is known by name: maybe a landmark.
    """

    parts: tuple[Part, ...] = ()
    leads: frozenset[int] = frozenset()
    beside: tuple[int, int] | None = None

    def first(self, kind: UnderstoodKind) -> Part | None:
        """The first part of a kind."""
        return next((part for part in self.parts if part.kind is kind), None)


def understand(text: str, words: Sequence[Word], names: Names, landmark: Part | None = None) -> Understanding:
    """The parts of a query. `words` may have other forms than the text (misspelt words put right), at the same places.

    :param landmark: what words `beside` of a former understanding have turned out to be.
    """
    forms = [word.form for word in words]
    free = [True] * len(words)
    parts = _phones(text, words, free)
    parts += _conditions(forms, free)
    leads = _find_leads(forms, free)
    if landmark is not None:
        parts.append(landmark)
        _take(free, landmark.start, landmark.end)
    parts += _named(forms, free, leads, names)
    parts.sort(key=lambda part: part.start)
    return Understanding(tuple(parts), frozenset(leads), None if landmark else _beside(forms, leads, parts))


def _phones(text: str, words: Sequence[Word], free: list[bool]) -> list[Part]:
    parts = []
    for match in _PHONE.finditer(text):
        covered = [place for place, word in enumerate(words) if match.start() <= word.start and word.end <= match.end()]
        digits = national_digits(match[0])
        if covered and digits:
            parts.append(Part(UnderstoodKind.PHONE, covered[0], covered[-1] + 1, value=digits))
            _take(free, covered[0], covered[-1] + 1)
    return parts


def national_digits(text: str) -> str:
    """The digits of a phone number without the country's code; "" when they cannot be one."""
    if _YEARS.fullmatch(text.strip()):
        return ""
    digits = "".join(c for c in text if c.isdecimal() and c.isascii()).removeprefix("00")
    if len(digits) >= len(COUNTRY_CODE) + PHONE_DIGITS_MIN:
        digits = digits.removeprefix(COUNTRY_CODE)
    # Numbers begin with 6 and 2, those of eight digits on old signs with others too; the rest are years and prices in a row.
    first = "235679" if len(digits) == NATIONAL_DIGITS - 1 else "26"
    is_possible = PHONE_DIGITS_MIN <= len(digits) <= NATIONAL_DIGITS and digits[0] in first
    return digits if is_possible else ""


def _conditions(forms: Sequence[str], free: list[bool]) -> list[Part]:
    parts = []
    for kind, phrases in CONDITIONS.items():
        for phrase in phrases:
            for start in range(len(forms) - len(phrase) + 1):
                end = start + len(phrase)
                following = forms[end] if end < len(forms) else ""
                if (
                    tuple(forms[start:end]) == phrase
                    and all(free[start:end])
                    and following not in _NOT_BEFORE.get(phrase, ())
                    # A single word is said of something; alone it may be the name of a bar.
                    and (len(phrase) > 1 or len(forms) > 1)
                ):
                    parts.append(Part(kind, start, end))
                    _take(free, start, end)
    return parts


def _find_leads(forms: Sequence[str], free: list[bool]) -> set[int]:
    found: set[int] = set()
    for phrase in _LEADS:
        for start in range(len(forms) - len(phrase)):
            end = start + len(phrase)
            if tuple(forms[start:end]) == phrase and all(free[start:end]) and found.isdisjoint(range(start, end)):
                found.update(range(start, end))
    return found


def _beside(forms: Sequence[str], leads: set[int], parts: Sequence[Part]) -> tuple[int, int] | None:
    """From behind the last word that leads somewhere to the end, unless all of it is places, or nothing is left to be looked for."""
    if not leads:
        return None
    start = max(leads) + 1
    places = {place for part in parts if part.kind is not UnderstoodKind.CATEGORY for place in range(part.start, part.end)}
    is_unknown = any(place not in places and forms[place] not in LINKS for place in range(start, len(forms)))
    is_asked = any(place not in leads and forms[place] not in LINKS for place in range(start))
    return (start, len(forms)) if is_unknown and is_asked else None


def _named(forms: Sequence[str], free: list[bool], leads: set[int], names: Names) -> list[Part]:
    """Categories and places; where both claim a word the longer phrase has it, then the place, which says more."""
    open_words = [is_free and place not in leads for place, is_free in enumerate(free)]
    claims: list[Part] = []
    for found in names.places.find_all(forms, open_words):
        part = _place(forms, leads, found.start, found.end, found.meanings)
        if part is not None:
            claims.append(part)
    for found in names.categories.find_all(forms, open_words):
        meanings = tuple(sorted(found.meanings, key=lambda meaning: meaning.is_alias))
        claims.append(Part(UnderstoodKind.CATEGORY, found.start, found.end, meanings))
    claims.sort(key=lambda part: (part.start - part.end, part.kind is UnderstoodKind.CATEGORY))
    parts: list[Part] = []
    for claim in claims:
        if all(open_words[claim.start : claim.end]):
            parts.append(claim)
            _take(open_words, claim.start, claim.end)
    return _in_named_towns(parts)


def _place(forms: Sequence[str], leads: set[int], start: int, end: int, meanings: tuple[Meaning, ...]) -> Part | None:
    before = [place for place in range(start) if forms[place] not in LINKS]
    is_near = bool(before and before[-1] in leads and any(forms[place] in _NEARLY for place in leads if place < start))
    if meanings[0].kind is UnderstoodKind.REGION:
        has_word = bool(before and forms[before[-1]] in _REGION_WORDS) or (end < len(forms) and forms[end] in _REGION_WORDS)
        is_said = end == len(forms) or (start > 0 and forms[start - 1] in _TO_PLACE)
        if end - start == 1 and forms[start] in _ORDINARY and not has_word and not (is_said and len(forms) > 1):
            return None
        if before and forms[before[-1]] in _REGION_WORDS:
            start = before[-1]
        elif end < len(forms) and forms[end] in _REGION_WORDS:
            end += 1
    if meanings[0].kind is UnderstoodKind.QUARTER:
        while start > 0 and forms[start - 1] in POINT_WORDS and start - 1 not in leads:
            start, is_near = start - 1, True
    return Part(meanings[0].kind, start, end, meanings, is_near=is_near)


def _in_named_towns(parts: list[Part]) -> list[Part]:
    """Of places with one name, the quarters of a town that is named too."""
    towns = {part.slug for part in parts if part.kind is UnderstoodKind.CITY}
    made = []
    for part in parts:
        kept = tuple(meaning for meaning in part.meanings if meaning.town in towns - {part.slug})
        made.append(replace(part, kind=kept[0].kind, meanings=kept) if kept else part)
    return made


def _take(free: list[bool], start: int, end: int) -> None:
    free[start:end] = [False] * (end - start)


def as_understood(text: str, words: Sequence[Word], understanding: Understanding, *, language: str) -> list[Understood]:
    """The parts as they are told to people, each with the text that is left without it."""
    made = []
    for part in understanding.parts:
        first = part.start
        while first > 0 and first - 1 in understanding.leads:
            first -= 1
        start, end = words[first].start, words[part.end - 1].end
        without = " ".join((text[:start] + " " + text[end:]).split())
        shown = text[words[part.start].start : end]
        name = part.meanings[0].name_in(language) if part.meanings else part.name or shown
        made.append(Understood(part.kind, part.slug, name, words[part.start].start, end, without))
    return made
