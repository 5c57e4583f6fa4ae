"""Text to terms."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.search.analysis import WORD_LENGTH_MAX, folded, forms, sought, spellings, stems, terms_of, words


def test_it_works() -> None:
    assert forms("L’Hôpital général de Douala") == ["hopital", "general", "de", "douala"]
    assert terms_of("pharmacies") == ("pharmacies", "~pharmac", "~pharmaci")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l'eau d'Akwa", ["eau", "akwa"]),
        ("aujourd’hui", ["aujourd", "hui"]),
        ("C.N.P.S. Yaoundé", ["cnps", "yaounde"]),
        ("S.A.R.L", ["sarl"]),
        ("Cœur de bœuf", ["coeur", "de", "boeuf"]),
        ("677 12-34", ["677", "12", "34"]),
        ("e\u0301cole", ["ecole"]),
        ("vitamine C", ["vitamine", "c"]),
        ("T'es là", ["es", "la"]),
        ("½ ﬁn", ["12", "fin"]),
        ("🍕 !? ___", []),
        ("صيدلية", ["صيدلية"]),
    ],
)
def test_forms(text: str, expected: list[str]) -> None:
    assert forms(text) == expected


@pytest.mark.parametrize(
    ("one", "other"), [("restaurants", "restaurant"), ("boulangeries", "boulangerie"), ("hôtels", "hotel"), ("clinics", "clinic"),
                       ("opticiens", "opticien"), ("bakeries", "bakery")]
)  # fmt: skip
def test_plurals_share_a_stem(one: str, other: str) -> None:
    assert set(stems(forms(one)[0])) & set(stems(forms(other)[0]))


WORDS = st.sampled_from(["pharmacie", "pharmacies", "pharmacy", "services", "service", "677", "da", "clinic", "cliniques", "bar", "bars"])


@given(st.lists(WORDS, max_size=4), st.sets(WORDS, max_size=3))
def test_what_is_sought_finds_the_same(asked: list[str], held: set[str]) -> None:
    terms = [term for form in asked for term in terms_of(form)]
    entry = {term for form in held for term in terms_of(form)}
    assert entry.isdisjoint(sought(terms)) == entry.isdisjoint(terms)
    assert all(not stems(term) for term in sought(terms))


def test_numbers_and_short_words_have_no_stem() -> None:
    assert stems("677") == stems("pk14") == stems("da") == ()


@given(st.text(max_size=300))
def test_places_point_at_the_words(text: str) -> None:
    found = words(text)
    for word, following in itertools.pairwise(found):
        assert word.end <= following.start
    for word in found:
        assert 0 <= word.start < word.end <= len(text)
        assert word.form in folded(text[word.start : word.end])[:WORD_LENGTH_MAX] or len(word.form) == WORD_LENGTH_MAX


@given(text=st.text() | st.sampled_from(["L’Hôpital du C.N.P.S. d'Akwa", "aujourd’hui, à l'école n° 2", "œuvre ½ ﬁn"]))
def test_spellings_are_the_words_of_a_text(text: str) -> None:
    assert spellings(text) == [(word.form, text[word.start : word.end]) for word in words(text)]
