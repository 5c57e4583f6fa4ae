"""Words and sentences for made-up places: lists with a Zipf distribution, a small grammar, French and English endings, and typing errors.

The lists stand in `words/` and were written for this benchmark. Rare words come from three sources, as in real listings:
names made of syllables, brands made of two halves, and slips of the keyboard in one word of 150.
"""

from __future__ import annotations

import bisect
import itertools
import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

WORDS = Path(__file__).resolve().parent / "words"
# A form's text and slots in turn: even places are text, odd ones names of slots.
Form = list[str]
_SLOT = re.compile(r"\{(\w+)\}")
_VOWEL = "aeiouhâàéèêëîïôöûùœAEIOUHÂÀÉÈÊËÎÏÔÖÛÙŒ"
_ELISION = re.compile(rf"\b([Ll]e|[Ll]a|[Dd]e|[Qq]ue) (?=[{_VOWEL}])")
_CONTRACTIONS = re.compile(r"\b(?:([Dd]e) (le|les|des|un|une)|([ÀàAa]) (le|les)) ")
_CONTRACTED = {"le": "du", "les": "des", "des": "de", "un": "d’un", "une": "d’une"}
_PHONETIC = (
    ("ph", "f"), ("qu", "k"), ("eau", "o"), ("au", "o"), ("ai", "é"), ("ck", "k"), ("c", "k"), ("y", "i"), ("ss", "s"), ("s", "z"),
    ("nn", "n"), ("ll", "l"), ("mm", "m"), ("tt", "t"), ("an", "en"), ("en", "an"), ("k", "c"), ("ou", "u"), ("er", "é"), ("h", ""),
)  # fmt: skip
_KEYS = "azertyuiopqsdfghjklmwxcvbn"


class Zipf:
    """Draws from a list, the first word most often: the weight of rank r is r ** -exponent."""

    def __init__(self, items: Sequence[str], exponent: float = 0.8) -> None:
        self.items = items
        self._bounds = list(itertools.accumulate((rank + 1) ** -exponent for rank in range(len(items))))

    def draw(self, chance: random.Random) -> str:
        """One of the items."""
        return self.items[bisect.bisect(self._bounds, chance.random() * self._bounds[-1])]


def read_lists(name: str) -> dict[str, list[str]]:
    """`list: word, word` lines of a file in `words/`."""
    return {key: [word.strip() for word in text.split(",")] for key, text in read_lines(name)}


def read_lines(name: str) -> list[tuple[str, str]]:
    """`key: text` lines of a file in `words/`."""
    lines = (WORDS / name).read_text(encoding="utf-8").splitlines()
    split = [line.partition(":") for line in lines if line and not line.startswith("#")]
    return [(key.strip(), text.strip()) for key, _colon, text in split]


def read_forms(name: str) -> dict[str, list[Form]]:
    """`symbol: alternative` lines of a file in `words/`, cut at their slots."""
    forms: dict[str, list[Form]] = {}
    for key, text in read_lines(name):
        forms.setdefault(key, []).append(_SLOT.split(text))
    return forms


def expand(form: Form, fill: Callable[[str], str]) -> str:
    """A form with every slot filled."""
    return "".join([fill(part) if place % 2 else part for place, part in enumerate(form)])


def french(text: str) -> str:
    """Elisions and contractions: "de le Akwa" is "de l’Akwa", "de le Pont" is "du Pont"."""

    def contract(match: re.Match[str]) -> str:
        if match[1]:
            joined = _CONTRACTED[match[2]]
            return (joined.capitalize() if match[1] == "De" else joined) + " "
        return ("au " if match[4] == "le" else "aux ").replace("a", "A" if match[3] in "ÀA" else "a", 1)

    return _CONTRACTIONS.sub(contract, _ELISION.sub(lambda match: match[1][:-1] + "’", text))


def of(name: str) -> str:
    """ "de" with a name that may have its article: du Marché, de la Paix, d’Akwa, des Lions."""
    for article, joined in (("Le ", "du "), ("La ", "de la "), ("L’", "de l’"), ("Les ", "des ")):
        if name.startswith(article):
            return joined + name[len(article) :]
    return f"d’{name}" if name[0] in _VOWEL else f"de {name}"


def plural(word: str) -> str:
    """French plural of a noun or adjective (of its first word, when it has several)."""
    head, space, tail = word.partition(" ")
    if head in {"travail", "bijou"}:
        return {"travail": "travaux", "bijou": "bijoux"}[head]
    if head.endswith(("s", "x", "z")):
        return word
    if head.endswith("al"):
        return head[:-2] + "aux" + space + tail
    return head + ("x" if head.endswith(("eau", "eu")) else "s") + space + tail


def feminine(adjective: str) -> str:
    """French feminine of an adjective."""
    irregular = {
        "bon": "bonne", "nouveau": "nouvelle", "gratuit": "gratuite", "public": "publique", "blanc": "blanche", "frais": "fraîche",
        "doux": "douce", "épais": "épaisse", "sec": "sèche", "bas": "basse", "africain": "africaine", "discret": "discrète",
        "complet": "complète", "naturel": "naturelle", "original": "originale",
    }  # fmt: skip
    if adjective in irregular:
        return irregular[adjective]
    for ending, instead in (("if", "ive"), ("eux", "euse"), ("ien", "ienne"), ("el", "elle"), ("er", "ère"), ("e", "e")):
        if adjective.endswith(ending):
            return adjective[: -len(ending)] + instead
    return adjective + "e"


def conjugate(verb: str, person: str) -> str:
    """`il`, `nous` or `pp` (participle) of a French verb: regular ones in -er and -ir, and the few others of the list."""
    others = {
        "servir": "sert servons servi", "coudre": "coud cousons cousu", "construire": "construit construisons construit",
        "vendre": "vend vendons vendu", "prévenir": "prévient prévenons prévenu", "moudre": "moud moulons moulu",
        "frire": "frit rissolons frit", "cuire": "cuit cuisons cuit", "secourir": "secourt secourons secouru",
        "entretenir": "entretient entretenons entretenu", "teindre": "teint teignons teint", "peindre": "peint peignons peint",
        "accueillir": "accueille accueillons accueilli",
    }  # fmt: skip
    place = ("il", "nous", "pp").index(person)
    if verb in others:
        return others[verb].split()[place]
    stem = verb[:-2]
    if verb.endswith("ir"):
        return stem + ("it", "issons", "i")[place]
    if person == "nous" and stem[-1] in "gc":
        stem = stem + "e" if stem.endswith("g") else stem[:-1] + "ç"
    return stem + ("e", "ons", "é")[place]


def syllables(starts: Sequence[str], middles: Sequence[str], ends: Sequence[str], *, count: int, seed: int) -> list[str]:
    """Made-up names, each once, in a fixed order."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    every = [start + middle + end for start in starts for middle in middles for end in ends]
    chance.shuffle(every)
    return list(dict.fromkeys(every))[:count]


def fold(text: str) -> str:
    """Lower case without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(letter))


def misspell(word: str, chance: random.Random) -> str:
    """The word as a hurried person types it: one slip of the keyboard, or written as it sounds. Never the first letter."""
    folded = fold(word)
    if chance.random() < 0.4:
        heard = [(sound, instead) for sound, instead in _PHONETIC if sound in folded[1:]]
        if heard:
            sound, instead = chance.choice(heard)
            return folded[0] + folded[1:].replace(sound, instead, 1)
    place = chance.randrange(1, max(len(folded) - 1, 2))
    kind = chance.randrange(4)
    if kind == 0:
        return folded[:place] + folded[place + 1 :]
    if kind == 1:
        return folded[:place] + folded[place] + folded[place:]
    if kind == 2 and place + 1 < len(folded):
        return folded[:place] + folded[place + 1] + folded[place] + folded[place + 2 :]
    return folded[:place] + chance.choice(_KEYS) + folded[place + 1 :]
