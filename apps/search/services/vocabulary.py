"""Learns the words of entries as they are indexed: a new word is completed, and corrected to, at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection

from apps.search.backends.postgres.terms import anywhere
from apps.search.spelling import deletions

SHOWN_MAX = 80
_KNOWN = "SELECT form, shown FROM search_word WHERE form = ANY(%s)"
_LEARN = """
INSERT INTO search_word (form, shown, term, df, deletions)
SELECT form, shown, term, 1, deletions::int[] FROM unnest(%s::text[], %s::text[], %s::int[], %s::text[]) AS w(form, shown, term, deletions)
ON CONFLICT (form) DO UPDATE SET shown = excluded.shown
"""


def learn_words(spelled: Iterable[Mapping[str, str]]) -> int:
    """Keep words that are new, and how they are written when that was seen without accents so far. Returns how many.

    :param spelled: words as people write them, by folded form.
    """
    seen: dict[str, str] = {}
    for words in spelled:
        for form, shown in words.items():
            if seen.get(form, form) == form:
                seen[form] = shown[:SHOWN_MAX]
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [list(seen)])
        known = dict(cursor.fetchall())
        # In one order, so that two writers cannot wait for each other.
        new = sorted(form for form, shown in seen.items() if form not in known or (known[form] == form and shown != form))
        if new:
            lists = [f"{{{','.join(map(str, deletions(form)))}}}" for form in new]
            cursor.execute(_LEARN, [new, [seen[form] for form in new], [anywhere(form) for form in new], lists])
    return len(new)
