"""The spaces of French typography, which nobody types: they are put in when the messages are collected."""

from __future__ import annotations

import re

NO_BREAK = "\u00a0"
NARROW = "\u202f"
SPACE = f"[ {NO_BREAK}{NARROW}]+"
# A sign is one of ours when a word does not go on behind it: "https://", "8:00" and "&amp;" are left alone.
RULES = [
    (re.compile(rf"(?<=\S){SPACE}([;?!])(?![\w/=])"), rf"{NARROW}\1"),
    (re.compile(rf"(?<=\S){SPACE}:(?![\w/=])"), f"{NO_BREAK}:"),
    (re.compile(rf"«{SPACE}"), f"«{NO_BREAK}"),
    (re.compile(rf"{SPACE}»"), f"{NO_BREAK}»"),
]


def typeset(text: str) -> str:
    """A French sentence with U+202F before ; ? !, and U+00A0 before : and inside « ». What is right already stays as it is."""
    for pattern, right in RULES:
        text = pattern.sub(right, text)
    return text
