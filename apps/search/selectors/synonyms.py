"""Words that mean the same to the people who search here: the published groups, kept in each process.

Their version is the number of the last publication. It is asked of the database when the stamp has moved, and every half minute, which
is all there is while Redis is away; the groups are read when the version is another one.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max

from apps.core.cache_keys import SEARCH_WORDS
from apps.core.caching import stamp_of
from apps.core.process_cache import ProcessCache
from apps.search.analysis import forms
from apps.search.models import SynonymGroup, SynonymPublication
from apps.search.selectors.groups import Phrase
from apps.search.selectors.phrases import PhraseBook

STAMP_CACHE_S, VERSION_CACHE_S = 1, 30
# Of a set that was never published.
TRIED = -1

_stamps: ProcessCache[str] = ProcessCache(maxsize=1, ttl_s=lambda: STAMP_CACHE_S)
_versions: ProcessCache[int] = ProcessCache(maxsize=1, ttl_s=lambda: VERSION_CACHE_S)
_books: ProcessCache[Synonyms] = ProcessCache(maxsize=1, ttl_s=lambda: float("inf"))


@dataclass(frozen=True, slots=True)
class Synonyms:
    """A set of groups: `version` names it, `book` has each phrase with all the others of its group as folded words."""

    version: int
    book: PhraseBook[Phrase]


def known_synonyms() -> Synonyms:
    """The published synonyms. No statement, nor a question to Redis, while they stay as they are."""
    stamp = _stamps.get(None) or _stamps.set(None, stamp_of(SEARCH_WORDS))
    version = _versions.get(stamp)
    if version is None:
        version = _versions.set(stamp, SynonymPublication.objects.aggregate(last=Max("pk"))["last"] or 0)
    return _books.get(version) or _books.set(version, synonyms_of(_published(), version=version))


def tried_synonyms(group_ids: Collection[uuid.UUID], *, is_withdrawal: bool) -> Synonyms:
    """The published synonyms as they would be with the drafts of these groups, or without these groups."""
    tried = set(group_ids)
    groups = []
    for pk, draft, published in SynonymGroup.objects.values_list("pk", "words", "published"):
        kept = published if pk not in tried else None if is_withdrawal else draft
        if kept is not None:
            groups.append(kept)
    return synonyms_of(groups, version=TRIED)


def synonyms_of(groups: Iterable[Sequence[str]], *, version: int) -> Synonyms:
    """The set of these groups of phrases."""
    book: PhraseBook[Phrase] = PhraseBook()
    for group in groups:
        phrases = [tuple(forms(phrase)) for phrase in group]
        for phrase in phrases:
            for other in phrases:
                if other != phrase:
                    book.add(phrase, other, is_stemmed=True)
    return Synonyms(version, book)


def _published() -> list[list[str]]:
    """In one order, so that all processes cut a phrase with many synonyms at the same ones."""
    rows = SynonymGroup.objects.exclude(published=None).order_by("key").values_list("published", flat=True)
    return [phrases for phrases in rows if phrases]
