"""Words that mean the same to the people who search here: the published groups, kept in each process.

Their words are corrected to, though no entry may hold them: "okadda" is "okada", and that a moto taxi.

Their version is the number of the last publication. It is asked of the database when the stamp has moved, and every half minute, which
is all there is while Redis is away; the groups are read when the version is another one.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Max

from apps.core.cache_keys import SEARCH_WORDS
from apps.core.caching import stamp_of
from apps.core.process_cache import ProcessCache
from apps.search.analysis import fold, forms, words
from apps.search.models import SynonymGroup, SynonymPublication
from apps.search.selectors.groups import Phrase
from apps.search.selectors.phrases import PhraseBook, significant_words
from apps.search.selectors.sounds import HeardWord, Sounds
from apps.search.spelling import WordList

STAMP_CACHE_S, VERSION_CACHE_S = 1, 30
# Of a set that was never published.
TRIED = -1

_stamps: ProcessCache[str] = ProcessCache(maxsize=1, ttl_s=lambda: STAMP_CACHE_S)
_versions: ProcessCache[int] = ProcessCache(maxsize=1, ttl_s=lambda: VERSION_CACHE_S)
_books: ProcessCache[Synonyms] = ProcessCache(maxsize=1, ttl_s=lambda: float("inf"))


@dataclass(frozen=True, slots=True)
class Synonyms:
    """A set of groups.

    :ivar version: names it. :ivar book: each phrase with all phrases of its group, as folded words.
    :ivar shown: every word as people write it, by folded form.
    """

    version: int
    book: PhraseBook[Phrase]
    shown: Mapping[str, str] = field(default_factory=dict)
    words: WordList = field(default_factory=WordList)
    sounds: Sounds = field(default_factory=Sounds)

    def near(self, form: str) -> list[HeardWord]:
        """Words within the typing errors that are allowed, the nearest first."""
        return [HeardWord(other, self.shown[other]) for other in self.words.near(form)]

    def alike(self, form: str, *, limit: int) -> list[HeardWord]:
        """Words that sound the same."""
        return [HeardWord(other.form, self.shown[other.form]) for other in self.sounds.alike(form, limit=limit)]


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
    shown: dict[str, str] = {}
    for group in groups:
        # Little words are asked of nobody: nearly every entry holds one.
        phrases = [significant_words(forms(phrase)) for phrase in group]
        for phrase in phrases:
            for other in phrases:
                # Itself, too: it may have been found by its stems, or with its words joined.
                book.add(phrase, other, is_stemmed=True)
        for phrase_text in group:
            for word in words(phrase_text):
                text = phrase_text[word.start : word.end].lower()
                shown.setdefault(word.form, text if fold(text) == word.form else word.form)
    return Synonyms(version, book, shown, WordList(shown), Sounds(shown))


def _published() -> list[list[str]]:
    """In one order, so that all processes cut a phrase with many synonyms at the same ones."""
    rows = SynonymGroup.objects.exclude(published=None).order_by("key").values_list("published", flat=True)
    return [phrases for phrases in rows if phrases]
