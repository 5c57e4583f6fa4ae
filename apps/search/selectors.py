"""Text search over what is published. The search issue replaces the inside; callers keep this function."""

from __future__ import annotations

import re

from apps.catalog.gazetteer import fold

WORDS_MAX = 12


def text_query(text: str) -> str:
    """What people typed as a `tsquery` of all its words, the last one as a prefix; empty when there is no word."""
    words = re.findall(r"\w+", fold(text[:200]))[:WORDS_MAX]
    return " & ".join([*words[:-1], f"{words[-1]}:*"]) if words else ""
