"""Step `category`: a source's own word or tag for what a place is, as one of our categories."""

from __future__ import annotations

import re

from apps.ingestion.steps.context import Context
from apps.ingestion.steps.notes import Notes

RAW_MAX = 200
# `CityHeritage` of an ontology is the words `City Heritage`.
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def word_of(raw: str) -> str:
    """The key of a source's word in the table of words that staff decides: lower case, single spaces, at most 200 characters."""
    return " ".join(raw.casefold().split())[:RAW_MAX]


def read(raw: str, category_id: object, context: Context, notes: Notes) -> str | None:
    """The id of the category; None when no word means one, with a warning `category_unmapped` that opens a question when there is a word.

    Staff's decisions come first, then an id of ours, then the reference words, each also part by part (`;` separates alternatives).
    """
    slugs = context.gazetteer.category_slugs
    found: str | None = None
    if raw and context.category_words:
        found = next(filter(None, (context.category_words.get(word_of(part)) for part in (raw, *raw.split(";")))), None)
    if found is None and isinstance(category_id, str) and category_id in slugs:
        return category_id
    if found is None and raw:
        found = _known(raw, context)
        if found is None:
            notes.dropped("category", "category_unmapped", raw)
    if found is not None:
        notes.changed("category", "category", raw, slugs.get(found, found))
    return found


def _known(raw: str, context: Context) -> str | None:
    """The most precise category of the alternatives; of two as precise the first."""
    gazetteer = context.gazetteer
    best: str | None = None
    for part in raw.split(";"):
        found = gazetteer.category(part) or gazetteer.category(_CAMEL.sub(" ", part))
        if found is not None and (best is None or gazetteer.category_depths[str(found)] > gazetteer.category_depths[best]):
            best = str(found)
    return best
