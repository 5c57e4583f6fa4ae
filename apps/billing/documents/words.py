"""Amounts in words, as the trade writes them below a total."""

from __future__ import annotations

from apps.core.numbers import is_english

_FR = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
_FR_TENS = ["", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"]
_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORDS_MAX = 999_999_999_999


def in_words(amount: int) -> str:
    """Whole francs, from 0 to 999,999,999,999, in the active language, without the currency."""
    if not 0 <= amount <= WORDS_MAX:
        raise ValueError(f"{amount} in words")
    return _english(amount) if is_english() else _french(amount)


def _french(number: int) -> str:
    """Traditional spelling: `et` before a one, plurals of `vingt` and `cent` at the end of a number or before a noun."""
    if number == 0:
        return _FR[0]
    parts = []
    for size, noun in ((1_000_000_000, "milliard"), (1_000_000, "million")):
        count, number = divmod(number, size)
        if count:
            parts.append(f"{_french_below_thousand(count, is_last=True)} {noun}{'s' if count > 1 else ''}")
    thousands, rest = divmod(number, 1000)
    if thousands:
        # Mille is no noun: it takes no s, and gives none.
        parts.append("mille" if thousands == 1 else f"{_french_below_thousand(thousands, is_last=False)} mille")
    if rest:
        parts.append(_french_below_thousand(rest, is_last=True))
    return " ".join(parts)


def _french_below_thousand(number: int, *, is_last: bool) -> str:
    hundreds, rest = divmod(number, 100)
    parts = []
    if hundreds:
        plural = "s" if hundreds > 1 and not rest and is_last else ""
        parts.append(f"cent{plural}" if hundreds == 1 else f"{_FR[hundreds]} cent{plural}")
    if rest:
        parts.append(_french_below_hundred(rest, is_last=is_last))
    return " ".join(parts)


def _french_below_hundred(number: int, *, is_last: bool) -> str:
    if number < 20:
        return _FR[number]
    tens = number // 10
    unit = number % 10 + (10 if tens in {7, 9} else 0)
    if unit == 0:
        return _FR_TENS[tens] + ("s" if tens == 8 and is_last else "")
    if unit in {1, 11} and tens < 8:
        return f"{_FR_TENS[tens]} et {_FR[unit]}"
    return f"{_FR_TENS[tens]}-{_FR[unit]}"


def _english(number: int) -> str:
    if number == 0:
        return _EN[0]
    parts = []
    for size, noun in ((1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand")):
        count, number = divmod(number, size)
        if count:
            parts.append(f"{_english_below_thousand(count)} {noun}")
    if number:
        parts.append(("and " if parts and number < 100 else "") + _english_below_thousand(number))
    return " ".join(parts)


def _english_below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    below = _EN[rest] if rest < 20 else _EN_TENS[rest // 10] + (f"-{_EN[rest % 10]}" if rest % 10 else "")
    if not hundreds:
        return below
    return f"{_EN[hundreds]} hundred" + (f" and {below}" if rest else "")
