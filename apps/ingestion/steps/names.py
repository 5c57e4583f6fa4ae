"""Step `name`: the display name, free of what scrapers glued to it; legal forms (`Ets`, `Sarl`) stay, only matching drops them."""

from __future__ import annotations

import re
from dataclasses import replace

from apps.catalog.gazetteer import fold
from apps.ingestion.steps import phones, text
from apps.ingestion.steps.address import without
from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.phones import Mention
from apps.ingestion.steps.record import Reason, Refused

# A row number before the name: `010PHARMACIE ARC`. Names such as `3D Print` begin with no zero.
_ROW_NUMBER = re.compile(r"^0\d{1,3}(?=[^\W\d_]{2})")
# A list in the order of its index writes the article behind: `Etoudi d'` is `Pharmacie d'Etoudi`.
_ARTICLE_BEHIND = re.compile(r"^(?P<name>.+?)\s+(?P<article>de\s+la|de\s+l['’]|du|des|de|d['’]|le|la|les|l['’])$", re.IGNORECASE)
_ROUNDS = 5
_ONLY_PUNCTUATION = re.compile(r"[\W_]*")


def read(value: object, notes: Notes) -> str:
    """The name as one clean line.

    :raises Refused: missing, not a text, with HTML in it (that is a page, not a name), a spreadsheet's formula, or too long.
    """
    if value is None:
        raise Refused(Reason("name", "name_missing"))
    if isinstance(value, dict | list | tuple | bool) or text.as_text(value) is None:
        raise Refused(Reason("name", "name_not_text", type(value).__name__))
    raw = text.as_text(value) or ""
    repaired = text.repair(raw[:2000]) if not text.is_plain(raw) else raw
    if text.has_markup(repaired):
        raise Refused(Reason("name", "name_has_html", text.one_line(repaired)[:80]))
    name = text.one_line(repaired)
    if name[:1] == "=":
        raise Refused(Reason("name", "name_is_formula", name[:80]))
    if text.is_absent(name) or _ONLY_PUNCTUATION.fullmatch(name):
        raise Refused(Reason("name", "name_missing", name[:80]))
    if len(name) > text.NAME_MAX or len(raw) > 2000:
        raise Refused(Reason("name", "name_too_long", name[:80]))
    if "\ufffd" in name:
        notes.dropped("name", "damaged_text", name)
    notes.changed("text", "name", raw, name)
    return name


def take_apart(name: str, *, city: str, category: str, country: str, notes: Notes) -> tuple[str, str, list[Mention]]:
    """(name, what belongs to the address, phones) of a name that a scraper glued together.

    :param city: the town as the source writes it; only its own town is cut off a name, after a phone or before a colon.
    :param category: the source's word; it goes before a name whose article stands behind.
    """
    rests: list[str] = []
    mentions: list[Mention] = []
    cleaned = name
    # What is cut off may uncover what then reads as a number or an article.
    for _round in range(_ROUNDS):
        before = cleaned
        cleaned, rest, found = _cut_once(cleaned, city, category, country)
        if text.is_absent(cleaned):
            return name, "", []
        rests.append(rest)
        mentions += found
        if cleaned == before:
            break
    else:
        return name, "", []
    notes.changed("name", "name", name, cleaned)
    return cleaned, ", ".join(rest for rest in reversed(rests) if rest), mentions


def _cut_once(name: str, city: str, category: str, country: str) -> tuple[str, str, list[Mention]]:
    cleaned, rest = _ROW_NUMBER.sub("", name), ""
    found: list[Mention] = []
    if phones.may_hold(cleaned):
        found = [mention for mention in phones.find(cleaned, country=country, is_prose=True) if mention.start > 2]
    if found:
        start = found[0].start
        head, tail = (
            cleaned[:start],
            without(cleaned[start:], [replace(mention, start=mention.start - start, end=mention.end - start) for mention in found]),
        )
        cleaned, rest = head.strip(" ,:;-–/("), tail
    elif city and ":" in cleaned:
        cleaned, rest = _cut_town(cleaned, city)
    return _article_first(cleaned, category), _without_town(rest, city), found


def _cut_town(name: str, city: str) -> tuple[str, str]:
    """`Pharmacie de MelongMelong: Face mairie` before and after its own town and colon."""
    match = re.search(rf"(?<=\w){re.escape(city)}\s*:\s*", name)
    if match is None or match.start() < 3:
        return name, ""
    return name[: match.start()], name[match.end() :]


def _without_town(rest: str, city: str) -> str:
    bare = rest.strip(" ,:;-–")
    if city and fold(bare).startswith(fold(city)):
        bare = re.sub(rf"(?i)^{re.escape(city)}\s*[:,]?\s*", "", bare) if bare.casefold().startswith(city.casefold()) else bare
    return bare.strip(" ,:;-–")


def _article_first(name: str, category: str) -> str:
    match = _ARTICLE_BEHIND.match(name)
    if match is None or not fold(category).startswith("pharmac") or fold(name).startswith("pharmac"):
        return name
    article = " ".join(match["article"].lower().split())
    space = "" if article.endswith(("'", "’")) else " "
    return f"Pharmacie {article}{space}{match['name']}"
