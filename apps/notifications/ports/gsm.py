"""Texts as phones count them: 160 signs of the GSM alphabet or 70 of any other make one part, and parts are paid for.

The alphabet: 3GPP TS 23.038, 6.2.1.
"""

from __future__ import annotations

import math
import re
import unicodedata

_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_QUOTES = re.compile(r"«\s?|\s?»")
# Each of these takes two signs.
_EXTENDED = set("^{}\\[~]|€")
_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "\u00a0": " ", "\u202f": " ", "–": "-", "—": "-", "…": "..."}
)


def plain(text: str) -> str:
    """The text in the cheap alphabet as far as its signs have one of nearly the same look: ê as e, œ as oe."""
    swapped = _QUOTES.sub('"', text).translate(_PLAIN).replace("œ", "oe").replace("Œ", "OE")
    return "".join(one if one in _BASIC or one in _EXTENDED else _bare(one) for one in swapped)


def parts(text: str) -> int:
    """How many messages an operator counts for a text."""
    if set(text) <= _BASIC | _EXTENDED:
        length = len(text) + sum(one in _EXTENDED for one in text)
        return 1 if length <= 160 else math.ceil(length / 153)
    length = len(text.encode("utf-16-le")) // 2
    return 1 if length <= 70 else math.ceil(length / 67)


def _bare(sign: str) -> str:
    base = "".join(one for one in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(one))
    return base if base and set(base) <= _BASIC | _EXTENDED else sign
