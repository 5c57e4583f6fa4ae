"""Step `language`: whether a description is in French or in English.

A text is counted by its little words (articles, prepositions, pronouns) and by accents, which English hardly writes. French wins a tie: it
is the language of the site, and a text without any little word is a list of names. Pidgin counts as English.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-zàâäçéèêëîïôöùûüÿœæ]+")
_FRENCH = frozenset({
    "le", "la", "les", "l", "un", "une", "des", "du", "de", "d", "et", "ou", "où", "à", "au", "aux", "en", "dans", "sur", "sous", "pour",
    "par", "avec", "sans", "chez", "est", "sont", "était", "été", "être", "avoir", "a", "ont", "nous", "vous", "il", "elle", "ils",
    "elles", "on", "ce", "cet", "cette", "ces", "qui", "que", "quoi", "dont", "ne", "pas", "plus", "très", "tout", "tous", "toute",
    "toutes", "votre", "vos", "notre", "nos", "leur", "leurs", "son", "sa", "ses", "se", "si", "mais", "donc", "car", "depuis", "entre",
    "vers", "près", "côté", "face", "ainsi", "également", "aussi", "propose", "offre", "situé", "située", "ouvert", "ouverte", "vente",
    "service", "jours", "ville", "quartier", "hôtel", "chambres", "école", "centre",
})  # fmt: skip
_ENGLISH = frozenset({
    "the", "a", "an", "of", "and", "or", "to", "in", "on", "at", "by", "for", "with", "without", "from", "is", "are", "was", "were", "be",
    "been", "has", "have", "had", "we", "you", "your", "our", "their", "his", "her", "its", "it", "he", "she", "they", "this", "that",
    "these", "those", "who", "which", "what", "not", "no", "more", "very", "all", "every", "each", "any", "some", "into", "over", "under",
    "near", "between", "behind", "beside", "also", "only", "offers", "offer", "located", "open", "sells", "sale", "service", "services",
    "days", "town", "city", "rooms", "school", "center", "we're", "dey", "wey", "na", "di",
})  # fmt: skip
_ONLY_FRENCH, _ONLY_ENGLISH = _FRENCH - _ENGLISH, _ENGLISH - _FRENCH
_ACCENT = re.compile(r"[àâçéèêëîïôùûœ]")
_READ = 2000


def detect(text: str) -> str:
    """`fr` or `en`."""
    start = text[:_READ].lower()
    words = _WORD.findall(start)
    french = sum(map(_ONLY_FRENCH.__contains__, words)) + 0.5 * len(_ACCENT.findall(start))
    english = sum(map(_ONLY_ENGLISH.__contains__, words))
    return "en" if english > french else "fr"
