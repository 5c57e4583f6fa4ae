"""Words that mean the same to the people who search here."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from apps.search.analysis import forms
from apps.search.selectors.groups import Phrase
from apps.search.selectors.phrases import PhraseBook

SHIPPED = Path(__file__).resolve().parent.parent / "reference" / "synonyms.json"


@functools.cache
def known_synonyms() -> PhraseBook[Phrase]:
    """Phrases with their synonyms as folded words."""
    return book_of([row["words"] for row in json.loads(SHIPPED.read_text(encoding="utf-8"))])


def book_of(groups: list[list[str]]) -> PhraseBook[Phrase]:
    """The book of groups of phrases that mean the same."""
    book: PhraseBook[Phrase] = PhraseBook()
    for group in groups:
        phrases = [tuple(forms(phrase)) for phrase in group]
        for phrase in phrases:
            for other in phrases:
                if other != phrase:
                    book.add(phrase, other, is_stemmed=True)
    return book
