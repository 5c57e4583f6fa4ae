"""Where the words of a query stand in the texts of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from apps.search.analysis import forms, terms_of, words
from apps.search.questions import Highlight
from apps.search.selectors.groups import WordGroup

# Members of a card whose texts are searched; a dot leads into an object.
MEMBERS = ("name", "summary", "category.name", "quarter.name", "city.name", "address_line1", "description", "landmark")
RANGES_MAX = 20


def highlights(data: Mapping[str, Any], groups: Sequence[WordGroup]) -> list[Highlight]:
    """Ranges [start, end) in code points of each text as it stands in the answer; texts without a match are left out."""
    terms = {term for group in groups for term in group.terms}
    made = []
    for member in MEMBERS if terms else ():
        text = _text(data, member)
        # Most texts hold none of the words; where words stand costs more to find out than which there are.
        if terms.isdisjoint(chain.from_iterable(map(terms_of, forms(text)))):
            continue
        ranges = [(word.start, word.end) for word in words(text) if not terms.isdisjoint(terms_of(word.form))]
        made.append(Highlight(member, ranges[:RANGES_MAX]))
    return made


def _text(data: Mapping[str, Any], member: str) -> str:
    value: Any = data
    for name in member.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""
