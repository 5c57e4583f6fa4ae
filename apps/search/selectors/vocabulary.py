"""The words of the catalogue: which of them exist, which a beginning may become, and which a misspelt one may have been."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from apps.core.process_cache import ProcessCache
from apps.search.backends.postgres.estimates import statistics
from apps.search.spelling import deletions, distance, errors_allowed

# Nobody reads more; and what a prepared answer may cost stays bounded.
WORDS_MAX = 50
# Beginnings of so few letters have thousands of words: the most frequent are met first by walking them in that order.
_WALKED_LETTERS = 2
# Candidates that are compared letter by letter.
_COMPARED_MAX = 400

_KNOWN = "SELECT form, shown, df FROM search_word WHERE form = ANY(%(forms)s)"
_BEGINNING = "SELECT form, shown, df FROM search_word WHERE form LIKE %(pattern)s ORDER BY df DESC, form LIMIT %(limit)s"
_WALKED = """
SELECT form, shown, df FROM (SELECT form, shown, df FROM search_word ORDER BY df DESC, form OFFSET 0) w
WHERE form LIKE %(pattern)s LIMIT %(limit)s
"""
_NEAR = """
SELECT form, shown, df FROM search_word WHERE deletions && %(deletions)s::int[] AND length(form) BETWEEN %(least)s AND %(most)s
ORDER BY df DESC LIMIT %(limit)s
"""
_ALIKE_WORDS = """
SELECT form, shown, df FROM search_word WHERE form %% %(form)s AND length(form) BETWEEN %(least)s AND %(most)s
ORDER BY similarity(form, %(form)s) DESC, df DESC LIMIT %(limit)s
"""


class KnownWord(NamedTuple):
    """A word: its folded form, how people write it, and how many entries hold it, as counted within the last hours."""

    form: str
    shown: str
    df: int


# People ask for the same words, and type the same beginnings; a word that is new is known within this time.
_found: ProcessCache[tuple[KnownWord, ...]] = ProcessCache(maxsize=8192, ttl_s=lambda: 30)


def known_words(forms: Iterable[str]) -> Mapping[str, KnownWord]:
    """Those of these forms that some entry holds."""
    wanted = list(dict.fromkeys(forms))
    cached = {form: _found.get(("known", form)) for form in wanted}
    missing = [form for form in wanted if cached[form] is None]
    if missing:
        read = {word.form: (word,) for word in _read(_KNOWN, {"forms": missing})}
        for form in missing:
            cached[form] = _found.set(("known", form), read.get(form, ()))
    return {form: words[0] for form, words in cached.items() if words}


def completions(prefix: str, *, limit: int) -> Sequence[KnownWord]:
    """Words that begin so, itself included, the most frequent first."""
    question = ("completions", prefix, limit)
    known = _found.get(question)
    if known is None:
        pattern = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        sql = _WALKED if len(prefix) <= _WALKED_LETTERS else _BEGINNING
        known = _found.set(question, _read(sql, {"pattern": pattern, "limit": min(limit, WORDS_MAX)}))
    return known


def corrections(form: str, *, limit: int) -> Sequence[KnownWord]:
    """Words within one typing error from four letters and two from eight, never itself; the nearest first, then the most frequent.

    Shared deletions find all that is one error away; only when nothing is, and the word is long, shared parts find more that is two away.
    """
    allowed = errors_allowed(form)
    if not allowed:
        return ()
    question = ("corrections", form, limit)
    known = _found.get(question)
    if known is None:
        within: dict[str, Any] = {"least": len(form) - allowed, "most": len(form) + allowed, "limit": _COMPARED_MAX, "form": form}
        kept = _within(form, _read(_NEAR, {**within, "deletions": deletions(form)}), allowed)
        if allowed > 1 and min(kept.values(), default=allowed) == allowed:
            kept |= _within(form, _read(_ALIKE_WORDS, within), allowed)
        nearest = sorted(kept, key=lambda word: (kept[word], -word.df, word))
        known = _found.set(question, tuple(nearest[: min(limit, WORDS_MAX)]))
    return known


def _within(form: str, words: Iterable[KnownWord], allowed: int) -> dict[KnownWord, int]:
    """How many errors each of these words is away, of those that are near enough and another word."""
    judged = {word: distance(form, word.form, most=allowed) for word in words if word.form != form}
    return {word: away for word, away in judged.items() if away <= allowed}


def document_count() -> int:
    """How many entries are searched, as counted within the last hours."""
    return statistics().documents


def _read(sql: str, values: Mapping[str, Any]) -> tuple[KnownWord, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return tuple(KnownWord(*row) for row in cursor.fetchall())
