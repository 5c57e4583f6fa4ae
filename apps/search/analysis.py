"""Text to terms, once for both engines: what is indexed and what is asked pass here and nowhere else.

A word is folded (lower case, no accents, œ as oe), elided articles fall away ("l’hôpital" is "hopital") and dotted
initials close up ("C.N.P.S." is "cnps"). Each word gives up to three terms: its own form, so that the exact word always
counts most, and its French and its English stem, marked with "~": the catalogue mixes both languages inside one sentence,
so the language is not guessed. Stems are of folded forms, because half of the queries are typed without accents.
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from Stemmer import Stemmer

# A query is cut here: nobody types more, and every list has a bound.
QUERY_LENGTH_MAX, QUERY_WORDS_MAX = 200, 16
WORD_LENGTH_MAX = 40
# Words of a text beyond this are not indexed.
TEXT_WORDS_MAX = 2_000
STEM_MARK = "~"

_WORD = re.compile(
    # Dotted initials; else letters and digits, with combining marks of decomposed text inside.
    r"(?P<initials>(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?)|(?P<word>[^\W_](?:[^\W_]|[\u0300-\u036f])*)(?P<apostrophe>['’ʼ`](?=[^\W_]))?"
)
_ELIDED = {"l", "d", "j", "m", "n", "s", "t", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"}
_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "ɓ": "b", "ɗ": "d", "ŋ": "n", "ə": "e", "ɛ": "e", "ɔ": "o"}
)

# Folded. Said of everything, so they say nothing: indexed like all words, required of no hit.
_STOP_WORDS = """
a ai au aux avec ce ces cet cette chez dans de des du elle en est et eux il ils je la le les leur leurs lui ma mais me
mes moi mon ne nos notre nous on ont ou par pas pour qu que qui quel quelle quels quelles sa sans se ses si son sont
sur ta te tes toi ton tu un une vers vos votre vous y svp trouver cherche chercher
about an and any are as at be by can for from has have how i in is it its me my near of on or our please some that the
their there these this to us was we what where which who with you your find
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: its folded form, and where it stands, in code points."""

    form: str
    start: int
    end: int

    @property
    def is_digits(self) -> bool:
        """A number: never stemmed, never corrected."""
        return self.form.isdigit()


def fold(text: str) -> str:
    """Lower case without accents; nothing else changes. Lengths may differ from the text's."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str, *, limit: int = TEXT_WORDS_MAX) -> list[Word]:
    """The words of a text in order, without elided articles, at most `limit`."""
    found: list[Word] = []
    for match in _WORD.finditer(text):
        form = _form(match["word"] or match["initials"].replace(".", ""))
        if form and not (match["apostrophe"] and form in _ELIDED):
            found.append(Word(form, match.start(), match.end() - bool(match["apostrophe"])))
            if len(found) == limit:
                break
    return found


@functools.lru_cache(maxsize=65_536)
def _form(word: str) -> str:
    """A word folded and cut. What folds to nothing, or to several words (a fraction, a symbol of units), is not a word people type.

    Kept, because an index of a million entries is made of the same few words.
    """
    form = fold(word)
    return (form if form.isalnum() else "".join(c for c in form if c.isalnum()))[:WORD_LENGTH_MAX]


def spellings(text: str) -> list[tuple[str, str]]:
    """The words of `words` as (form, as it stands in the text), read in a fraction of the time: an index needs no places."""
    found: list[tuple[str, str]] = []
    for initials, word, apostrophe in _WORD.findall(text):
        form = _form(word or initials.replace(".", ""))
        if form and not (apostrophe and form in _ELIDED):
            found.append((form, word or initials))
    return found[:TEXT_WORDS_MAX]


def forms(text: str) -> list[str]:
    """The folded words of a text in order."""
    return [form for form, _shown in spellings(text)]


def folded(text: str) -> str:
    """A text as its folded words with one space between: the form in which whole names are compared."""
    return " ".join(forms(text))


_local = threading.local()


def _stemmers() -> tuple[Stemmer, Stemmer]:
    """A stemmer is not safe between threads."""
    if not hasattr(_local, "stemmers"):
        _local.stemmers = (Stemmer("french"), Stemmer("english"))
    pair: tuple[Stemmer, Stemmer] = _local.stemmers
    return pair


@functools.lru_cache(maxsize=65_536)
def stems(form: str) -> tuple[str, ...]:
    """The French and the English stem of a form, marked, each once; nothing of numbers, and of words of up to two letters."""
    if len(form) < 3 or not form.isalpha():
        return ()
    french, english = _stemmers()
    return tuple(dict.fromkeys(STEM_MARK + stemmer.stemWord(form) for stemmer in (french, english)))


@functools.lru_cache(maxsize=65_536)
def terms_of(form: str) -> tuple[str, ...]:
    """Every term that a word is indexed under: its form, then its stems."""
    return (form, *stems(form))


def sought(terms: Iterable[str]) -> tuple[str, ...]:
    """The fewest of these terms that find the same: who holds a form holds its stems, so that beside one of them it finds nothing more.

    An engine reads the list of each term that it is asked for; a form's is as long as its stem's, or nearly.
    """
    kept = dict.fromkeys(terms)
    return tuple(term for term in kept if kept.keys().isdisjoint(stems(term)))
