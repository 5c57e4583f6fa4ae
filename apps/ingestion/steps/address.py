"""Step `address`: out of one line come the P.O. box, phones, landmarks, quarter and town; what is left is the address."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from apps.catalog.gazetteer import fold
from apps.ingestion.steps import phones
from apps.ingestion.steps.context import Context
from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.phones import Mention
from apps.ingestion.steps.place import Place, named_city, named_quarter
from apps.ingestion.steps.text import is_absent

ADDRESS_MAX, PO_BOX_MAX, LANDMARK_MAX = 255, 40, 255
_ROUNDS = 6
_PO_BOX = re.compile(
    r"\b(?:b\.?\s?p\.?|p\.?\s?o\.?\s?b\.?(?:ox)?|p\.?\s?m\.?\s?b\.?|bo[iî]te\s+postale)\s*[:.]?\s*(?:n[°o]\s*)?(?P<number>\d{1,6})\b"
    r"(?:[\s–-]+(?P<town>[^\W\d_][\w'’.-]*(?:\s+[^\W\d_][\w'’.-]*)?))?",
    re.IGNORECASE,
)
# Between parts of an address. A hyphen without spaces belongs to a name, as in Mvog-Ada.
_SEPARATOR = re.compile(r"\s*[,;\n•|]\s*|\s+[-–—_]+\s*|\s*[–—_]+\s+|\s*_+\s*|\s*\((?=\w)|\)\s*")
# Words that begin a landmark wherever they stand.
_RELATION = (
    r"(?:en\s+)?face(?:\s+(?:à|a|au|aux|de|du|des)\b|\s+d['’]|\b)|(?:à|a)\s+c[ôo]t[ée]\b|juste\s+(?:à|a|en|derri[èe]re|devant|apr[èe]s|avant)\b"
    r"|derri[éèe]re\b|devant\b|pr[èe]s\s+d|non\s+loin\b|(?:à|a)\s+proximit[ée]\b|au[-\s]dessus\b|au[-\s]dessous\b|en\s+dessous\b|vis[-\s](?:à|a)[-\s]vis\b"
    r"|(?:à|a)\s+\d+\s?m(?:[èe]tres)?\b|\d+\s?m(?:[èe]tres|eters)?\s+(?:apr[èe]s|avant|de|du|from|after|before)\b"
    r"|opposite\b|opp\.|behind\b|beside\b|besides\b|next\s+to\b|near\b|adjacent\b|in\s+front\s+of\b|close\s+to\b|across\s+(?:from|the)\b|by\s+the\b"
)
# Words that begin a landmark at the start of a part.
_PLACE_WORD = (
    r"carrefour\b|carref\b|k['’]four\b|rond[-\s]point\b|entr[ée]e\b|sortie\b|mont[ée]e\b|descente\b|immeuble\b|barri[èe]re\b|vers\b|apr[èe]s\b|avant\b|entre\b"
    r"|au\s+pont\b|au\s+niveau\b|(?:à\s+)?l['’]entr[ée]e\b|junction\b|roundabout\b|entrance\b|between\b|after\b|before\b|at\s+the\b"
)
_RELATED = re.compile(rf"(?<![\w'’])(?:{_RELATION})", re.IGNORECASE)
_LANDMARK_START = re.compile(rf"(?:{_RELATION}|{_PLACE_WORD})", re.IGNORECASE)
_SPACED_HYPHEN = re.compile(r"(\w+)\s*-\s*(\w+)")
# A line that the source cut off behind its first word of a landmark.
_BARE_RELATION = re.compile(
    r"(?i)(?:en\s+)?face(?:\s+(?:à|a|au))?|derri[éèe]re|devant|(?:à|a)\s+c[ôo]t[ée](?:\s+d[eu])?|near|behind|opposite|next\s+to"
)
_ONLY_PUNCTUATION = re.compile(r"[\W_]*")
# What else sources put into an address.
_NOT_AN_ADDRESS = frozenset({"nouvelle gestion", "cameroun", "cameroon"})


class Address(msgspec.Struct):
    """The parts of an address. `phones` are numbers that stood in it."""

    line: str = ""
    po_box: str = ""
    landmark: str = ""
    phones: list[Mention] = []


def read(text: str, place: Place, context: Context, notes: Notes) -> Address:
    """Take a line apart.

    Fills what `place` does not know: a town or quarter that is a part of the line by itself, or, guessed, one that is named inside a part.
    """
    found = Address(line=text)
    # What is taken out of the middle may bring together what then reads differently: until nothing more is found.
    for _round in range(_ROUNDS):
        before = found.line
        if not before:
            break
        _take_apart(found, place, context, notes)
        if found.line == before:
            break
    else:
        found.line = ""
        notes.dropped("address", "address_not_understood", text)
    notes.changed("address", "address", text, found.line)
    if found.landmark:
        notes.changed("address", "landmark", "", found.landmark)
    if found.po_box:
        notes.changed("address", "po_box", "", found.po_box)
    return found


def _take_apart(found: Address, place: Place, context: Context, notes: Notes) -> None:
    """One pass over the line that is left."""
    rest = _take_po_box(found.line, found, context)
    rest = _take_phones(rest, found, context)
    parts = [part.strip(" .:,;-–_") for part in _SEPARATOR.split(_joined_names(rest, place))]
    lines: list[str] = []
    landmarks: list[str] = []
    is_whole = rest == found.line
    starts = _LANDMARK_START if context.country == "CM" else _RELATED
    for part in parts:
        if is_absent(part) or _ONLY_PUNCTUATION.fullmatch(part) or fold(part) in _NOT_AN_ADDRESS or _BARE_RELATION.fullmatch(part):
            is_whole = is_whole and not part
            continue
        if _is_place(part, place, context, notes):
            is_whole = False
            continue
        if starts.match(part):
            landmarks.append(part)
            continue
        related = _RELATED.search(part)
        if related and related.start() >= 3:
            lines.append(part[: related.start()].rstrip(" ,-–("))
            landmarks.append(part[related.start() :])
        else:
            lines.append(part)
    _look_inside([*lines, *landmarks], place, notes)
    # A line of which nothing was taken keeps its own punctuation.
    if not (is_whole and not landmarks):
        found.line = ", ".join(line for line in lines if not is_absent(line))
    found.line = found.line[:ADDRESS_MAX].strip()
    found.landmark = ", ".join(part for part in (found.landmark, *landmarks) if part)[:LANDMARK_MAX]


def _joined_names(text: str, place: Place) -> str:
    """The text with `Biyem - Assi` as one word, where the town has such a quarter."""
    if place.city is None or (" -" not in text and "- " not in text):
        return text
    quarters = place.city.quarters

    def joined(match: re.Match[str]) -> str:
        return f"{match[1]}-{match[2]}" if fold(f"{match[1]} {match[2]}") in quarters else match[0]

    return _SPACED_HYPHEN.sub(joined, text)


def _take_po_box(text: str, found: Address, context: Context) -> str:
    match = _PO_BOX.search(text)
    if match is None:
        return text
    end = match.end("number")
    town = ""
    words = (match["town"] or "").split() if context.country in context.gazetteer.countries else []
    # `BP 1234 Douala Face poste`: of the words behind, those that name a town belong to the box.
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count]).strip(" .-")
        if context.gazetteer.city(name) is not None:
            town = name
            end = text.index(words[count - 1], match.start("town")) + len(words[count - 1])
            break
    found.po_box = found.po_box or f"BP {match['number']} {town}".strip()[:PO_BOX_MAX]
    return f"{text[: match.start()]}, {text[end:]}"


def _take_phones(text: str, found: Address, context: Context) -> str:
    if not phones.may_hold(text):
        return text
    mentions = phones.find(text, country=context.country, is_prose=True)
    found.phones += mentions
    return without(text, mentions)


def without(text: str, mentions: Iterable[Mention]) -> str:
    """The text with a comma in place of each number and its label."""
    for mention in sorted(mentions, key=lambda one: one.start, reverse=True):
        before = re.sub(
            r"(?i)[\s/,;:(–-]*(?:\b(?:t[ée]l(?:[ée]phone)?|phone|mob(?:ile)?|cel(?:l)?|gsm|whats\s?app|fax|contact)s?\b[\s.:]*)?$",
            "",
            text[: mention.start],
        )
        text = f"{before}, {text[mention.end :].lstrip(' /,;:)–-')}".strip(" ,")
    return text


def _is_place(part: str, place: Place, context: Context, notes: Notes) -> bool:
    """Whether a part is nothing but the name of the town or a quarter, which then is known."""
    if context.country not in context.gazetteer.countries:
        return False
    if place.city is None or place.is_city_guessed:
        city = named_city(part, place.region, context) if len(part) <= 40 else None
        if city is not None and (place.city is None or city is place.city):
            place.city, place.is_city_guessed = city, False
            place.region, place.department = place.region or city.region, place.department or city.department
            notes.changed("address", "city", part, city.slug)
            return True
    if place.city is None:
        return False
    if place.city in {named_city(part, place.region, context), context.gazetteer.city_alike(part)}:
        return True
    quarter = named_quarter(place.city, part)
    if quarter and (not place.quarter_id or place.is_quarter_guessed or place.quarter_id == quarter):
        if place.quarter_id != quarter or place.is_quarter_guessed:
            notes.changed("address", "quarter", "", part)
        place.quarter_id, place.is_quarter_guessed = quarter, False
        return True
    return False


def _look_inside(parts: list[str], place: Place, notes: Notes) -> None:
    """A quarter named among other words, as in `Carrefour Bastos`: the name of most words wins, and it is a guess."""
    if place.city is None or (place.quarter_id and not place.is_quarter_guessed):
        return
    best: tuple[tuple[int, int], str, str] | None = None
    for part in parts:
        words = fold(part).split()
        for length in range(min(4, len(words)), 0, -1):
            for start in range(len(words) - length + 1):
                name = " ".join(words[start : start + length])
                quarter = place.city.quarters.get(name)
                if quarter is not None and len(name) > 3 and (best is None or (length, len(name)) > best[0]):
                    best = ((length, len(name)), str(quarter), part)
    if best is not None:
        if place.quarter_id != best[1]:
            notes.changed("address", "quarter", best[2], "?")
        place.quarter_id, place.is_quarter_guessed = best[1], True
