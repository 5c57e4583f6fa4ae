"""Texts as operators take them: plain ASCII, short."""

from __future__ import annotations

import re
import unicodedata

# An apostrophe alone makes MTN refuse a request. https://momodevelopercommunity.mtn.com/errors-46/momo-api-common-errors-82
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛ʼʹ`´′＇"), None)
_LETTERS = str.maketrans({
    "œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "ß": "ss", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ł": "l", "Ł": "L",
    "ı": "i", "ŋ": "n", "Ŋ": "N", "ɛ": "e", "Ɛ": "E", "ɔ": "o", "Ɔ": "O", "ə": "e", "Ə": "E", "ɓ": "b", "Ɓ": "B", "ɗ": "d", "Ɗ": "D",
    "ɨ": "i", "ʉ": "u", "€": "EUR", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-",
})  # fmt: skip
_REFUSED, _MARKS = re.compile(r"[^A-Za-z0-9 .,-]+"), re.compile(r"[.,-]")


def plain_text(text: str, *, limit: int, otherwise: str, least: int = 1, has_marks: bool = True) -> str:
    """The text in letters, digits, spaces and `.,-`: accents taken off, apostrophes dropped, anything else a space.

    :param limit: characters at most. :param otherwise: sent when fewer than `least` readable ones are left.
    :param has_marks: False takes `.,-` out too.
    """
    letters = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).translate(_LETTERS))
    bare = "".join(letter for letter in letters.translate(_APOSTROPHES) if not unicodedata.combining(letter))
    readable = _REFUSED.sub(" ", bare if has_marks else _MARKS.sub(" ", bare))
    words = " ".join(readable.split())[:limit].strip(" ,-")
    return words if len(words) >= least else otherwise
