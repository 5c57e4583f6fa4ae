"""Step `phones`: every number of a text as E.164, with what is wrong with the others.

Rules for Cameroon: 00237 or 237 dropped; 9 digits that the library knows; 8 digits of before November 2014 take a 6
(mobiles: 5, 6, 7, 9) or a 2 (fixed lines: 2, 3). Wireless lines of Camtel (`33 0…`) became 243 or 233: nobody can tell, so they are
doubtful.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from phonenumbers import PhoneMetadata

from apps.core.phones import InvalidPhone, parse_phone, repair_old_phone

PHONES_MAX = 5


def _cameroon() -> re.Pattern[str]:
    metadata = PhoneMetadata.metadata_for_region("CM")
    if metadata is None:
        raise LookupError("the phone library has no rules for Cameroon")
    kinds = (metadata.fixed_line, metadata.mobile, metadata.voip, metadata.toll_free, metadata.premium_rate, metadata.shared_cost)
    return re.compile("|".join(kind.national_number_pattern for kind in kinds if kind is not None and kind.national_number_pattern))


# The library's own patterns: asking it takes 50 µs a number, this one.
_NATIONAL = _cameroon()
_OLD = re.compile(r"[235679]\d{7}")
# Exchanges of fixed lines begin 332 to 335; the others of the old 33 were wireless.
_DOUBTFUL_OLD = re.compile(r"33[016789]")
_PREFIX = re.compile(r"(?:00)?237")
_RUN = re.compile(r"(?:\+\s?|\(\s?\+\s?)?\(?\d(?:[\s.\-‐‑–_()\u00a0]{0,3}\d)*")
_GROUP = re.compile(r"\d+")
_DIGIT = re.compile(r"\d")
_DIGITS_MIN = 7
_ENDINGS = re.compile(r"\s?/\s?(\d{1,3})(?![\s.\-]?\d)")
_LABEL = re.compile(r"(whats\s?app|\bwa\b|\bwsp\b|\bfax\b|\bt[ée]l[ée]copie\b)[\s.:/()\-–]*$", re.IGNORECASE)
_LABEL_AFTER = re.compile(r"[\s(\[\-–:]*(whats\s?app|fax)\b", re.IGNORECASE)
# A number in a sentence that is no phone: a box, a register, a year, a kilometre.
_OTHER_NUMBER = re.compile(
    r"(?:\bb\.?\s?p\b|\bbox\b|postale|\bn°|\bno\b|\bniu\b|\brc\b|\brccm\b|\bkm|\bpk|\brue|\bid)[\s.:°n/-]*$", re.IGNORECASE
)
_PARTS = re.compile(r"\s*(?:[/;,|#\n]|\bou\b|\bet\b|\bor\b|\band\b|(?=\+))\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A number found in a text at `start:end`. Exactly one of `number` (E.164) and `code` (what is wrong) is set."""

    start: int
    end: int
    raw: str
    number: str = ""
    code: str = ""
    is_whatsapp: bool = False
    is_fax: bool = False


def national_number(digits: str) -> tuple[str, str]:
    """Digits with or without country code as (E.164, "") or ("", what is wrong): `phone_incomplete`, `_doubtful`, `_invalid`."""
    rest = _PREFIX.sub("", digits, count=1) if _PREFIX.match(digits) and len(digits) not in {8, 9} else digits
    if 8 <= len(rest) <= 9 and _NATIONAL.fullmatch(rest):
        return f"+237{rest}", ""
    if len(rest) == 8 and _OLD.fullmatch(rest):
        if _DOUBTFUL_OLD.match(rest):
            return "", "phone_doubtful"
        repaired = repair_old_phone(rest)
        if repaired:
            return repaired, ""
    return "", "phone_incomplete" if len(rest) < 8 else "phone_invalid"


@functools.lru_cache(maxsize=4096)
def _foreign(raw: str, country: str) -> str:
    try:
        return parse_phone(raw, region=country)
    except InvalidPhone:
        return ""


def _split(groups: list[str]) -> list[tuple[int, int, str]] | None:
    """Groups of digits as consecutive whole numbers [(first group, past the last, E.164)]; None when some would be left over."""
    ends: list[list[tuple[int, int, str]] | None] = [[]] + [None] * len(groups)
    for end in range(1, len(groups) + 1):
        for start in range(end - 1, -1, -1):
            digits = "".join(groups[start:end])
            if len(digits) > 14:
                break
            before = ends[start]
            if before is None:
                continue
            number, _code = national_number(digits)
            if number and (ends[end] is None or len(before) + 1 < len(ends[end] or ())):
                ends[end] = [*before, (start, end, number)]
    return ends[-1]


def may_hold(text: str) -> bool:
    """Whether there are enough digits for a number."""
    return len(_DIGIT.findall(text)) >= _DIGITS_MIN


def find(text: str, *, country: str = "CM", is_prose: bool = False) -> list[Mention]:
    """Every number of a text, in order.

    :param is_prose: the text is an address or a name: only what is certainly a phone counts, and other numbers are no mistake.
    """
    if country != "CM":
        return [] if is_prose else _find_foreign(text, country)
    mentions: list[Mention] = []
    taken = 0
    for run in _RUN.finditer(text):
        if run.start() < taken:
            continue
        if is_prose and _OTHER_NUMBER.search(text, 0, run.start()):
            continue
        groups = list(_GROUP.finditer(run[0]))
        words = [group[0] for group in groups]
        if run[0].lstrip("( ").startswith("+") and not words[0].startswith("237"):
            number = _foreign(run[0], country)
            mentions.append(Mention(run.start(), run.end(), run[0], number, "" if number else "phone_invalid"))
            continue
        parts = _split(words)
        if parts is None:
            mentions += _unclear(run, words, is_prose=is_prose)
            continue
        if is_prose and not _is_sure(words, parts):
            continue
        for first, past, number in parts:
            # The sign and bracket before the first number belong to it.
            start = run.start() if first == 0 else run.start() + groups[first].start()
            end = run.start() + groups[past - 1].end()
            mentions.append(_labelled(text, Mention(start, end, text[start:end], number)))
        last = mentions[-1]
        while ending := _ENDINGS.match(text, taken := last.end):
            number = f"{last.number[: -len(ending[1])]}{ending[1]}"
            last = _labelled(text, Mention(ending.start(), ending.end(), ending[0].strip(), number))
            mentions.append(last)
    return mentions


def _unclear(run: re.Match[str], words: list[str], *, is_prose: bool) -> list[Mention]:
    digits = "".join(words)
    if is_prose:
        # Groups of two and three digits are how phones are written: seven or more of them are one, broken.
        is_phone = len(words) >= 3 and 7 <= len(digits) <= 12 and all(2 <= len(word) <= 4 for word in words)
        return [Mention(run.start(), run.end(), run[0], code=national_number(digits)[1] or "phone_invalid")] if is_phone else []
    return [Mention(run.start(), run.end(), run[0], code=national_number(digits)[1] or "phone_invalid")]


def _is_sure(words: list[str], parts: list[tuple[int, int, str]]) -> bool:
    """In prose an old number needs its groups: eight digits in a row may be a date or a register number."""
    return all(past - first > 1 or len(words[first]) >= 9 for first, past, _number in parts)


def _labelled(text: str, mention: Mention) -> Mention:
    before = _LABEL.search(text, max(0, mention.start - 20), mention.start)
    after = _LABEL_AFTER.match(text, mention.end)
    label = (before or after or [""])[0].casefold() if before is not None or after is not None else ""
    if not label:
        return mention
    is_fax = "fax" in label or "cop" in label
    return Mention(mention.start, mention.end, mention.raw, mention.number, mention.code, is_whatsapp=not is_fax, is_fax=is_fax)


def _find_foreign(text: str, country: str) -> list[Mention]:
    mentions = []
    position = 0
    for part in _PARTS.split(text):
        raw = part.strip()
        start = text.find(raw, position)
        position = start + len(raw)
        if any(character.isdigit() for character in raw):
            number = _foreign(raw, country)
            mentions.append(_labelled(text, Mention(start, position, raw, number, "" if number else "phone_invalid")))
    return mentions
