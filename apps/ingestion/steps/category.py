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


def read(raw: str, category_id: object, context: Context, notes: Notes) -> tuple[str, bool]:
    """The id of the category, and whether it is known; else that of `autres`, with a warning `category_unmapped` that opens a question.

    Staff's decisions come first, then an id of ours, then the reference words, each also part by part (`;` separates alternatives).
    """
    gazetteer = context.gazetteer
    if raw and context.category_words:
        for part in (raw, *raw.split(";")):
            decided = context.category_words.get(word_of(part))
            if decided:
                notes.changed("category", "category", raw, gazetteer.category_slugs.get(decided, decided))
                return decided, True
    if isinstance(category_id, str) and category_id in gazetteer.category_slugs:
        return category_id, True
    if not raw:
        return str(gazetteer.other_category), False
    category = _known(raw, context)
    if category is None:
        notes.dropped("category", "category_unmapped", raw)
        return str(gazetteer.other_category), False
    notes.changed("category", "category", raw, gazetteer.category_slugs[category])
    return category, True


def _known(raw: str, context: Context) -> str | None:
    """The most precise category of the alternatives; of two as precise the first."""
    gazetteer = context.gazetteer
    best: str | None = None
    for part in raw.split(";"):
        found = gazetteer.category(part) or gazetteer.category(_CAMEL.sub(" ", part))
        if found is None:
            continue
        category = str(found)
        if best is None or gazetteer.category_depths[category] > gazetteer.category_depths[best]:
            best = category
    return best
