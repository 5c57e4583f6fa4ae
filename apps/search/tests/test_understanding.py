"""What words are understood as, over names that are made here; nothing is read from tables."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.search.analysis import words
from apps.search.questions import UnderstoodKind as Kind
from apps.search.selectors.names import Meaning, Names
from apps.search.selectors.phrases import PhraseBook
from apps.search.selectors.understanding import Part, Understanding, as_understood, national_digits, understand

AKWA_POINT = (4.05, 9.7)


def make_names() -> Names:
    """Pharmacies and hotels, two towns of which one is also a quarter of the other, a region with an ordinary name, two quarters."""
    names = Names(PhraseBook(), PhraseBook(), PhraseBook())
    pharmacies = Meaning(Kind.CATEGORY, "pharmacies", "Pharmacies", "Chemists", categories=(1,))
    hotels = Meaning(Kind.CATEGORY, "hotels", "Hôtels", "Hotels", categories=(2,))
    for phrase, meaning in (("Pharmacies", pharmacies), ("Chemists", pharmacies), ("Hôtels", hotels), ("chambre à louer", hotels)):
        names.categories.add(phrase, meaning, is_stemmed=True)
    places = [
        ("Douala", Meaning(Kind.CITY, "douala", "Douala", "Douala", cities=(1,))),
        ("Ndogbong", Meaning(Kind.CITY, "ndogbong", "Ndogbong", "Ndogbong", cities=(2,))),
        ("Centre", Meaning(Kind.REGION, "centre", "Centre", "Centre", cities=(3,))),
        ("Akwa", Meaning(Kind.QUARTER, "akwa", "Akwa", "Akwa", quarters=(uuid.UUID(int=1),), point=AKWA_POINT, town="douala")),
        ("New Bell", Meaning(Kind.QUARTER, "new-bell", "New Bell", "New Bell", quarters=(uuid.UUID(int=2),), town="douala")),
        ("Ndogbong", Meaning(Kind.QUARTER, "ndogbong-q", "Ndogbong", "Ndogbong", quarters=(uuid.UUID(int=3),), town="douala")),
    ]  # fmt: skip
    for phrase, meaning in places:
        names.places.add(phrase, meaning, is_stemmed=False)
    return names


NAMES = make_names()


def read(text: str, landmark: Part | None = None) -> Understanding:
    return understand(text, words(text), NAMES, landmark)


def parts(text: str) -> list[tuple[Kind, str, str]]:
    """Kind, value and the words of each part."""
    typed = words(text)
    return [(part.kind, part.slug, " ".join(word.form for word in typed[part.start : part.end])) for part in read(text).parts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "pharmacie de garde akwa",
            [(Kind.CATEGORY, "pharmacies", "pharmacie"), (Kind.DUTY, "true", "de garde"), (Kind.QUARTER, "akwa", "akwa")],
        ),
        (
            "Pharmacies ouvertes à DOUALA",
            [(Kind.CATEGORY, "pharmacies", "pharmacies"), (Kind.OPEN_NOW, "true", "ouvertes"), (Kind.CITY, "douala", "douala")],
        ),
        ("chambres à louer", [(Kind.CATEGORY, "hotels", "chambres a louer")]),
        ("hotel newbell", [(Kind.CATEGORY, "hotels", "hotel"), (Kind.QUARTER, "new-bell", "newbell")]),
        ("hotel near me", [(Kind.CATEGORY, "hotels", "hotel"), (Kind.NEAR_ME, "true", "near me")]),
        ("ndogbong", [(Kind.CITY, "ndogbong", "ndogbong")]),
        ("ndogbong douala", [(Kind.QUARTER, "ndogbong-q", "ndogbong"), (Kind.CITY, "douala", "douala")]),
        ("carrefour akwa", [(Kind.QUARTER, "akwa", "carrefour akwa")]),
        ("quincaillerie", []),
        ("", []),
    ],
)  # fmt: skip
def test_it_works(text: str, expected: list[tuple[Kind, str, str]]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    ("text", "is_region"),
    [
        ("centre", False), ("centre de santé", False), ("centre commercial douala", False), ("pharmacie centre", True),
        ("pharmacie région du centre", True), ("pharmacie dans le centre", True), ("centre region pharmacie", True),
    ],
)  # fmt: skip
def test_an_ordinary_word_is_a_region_only_where_it_is_said_of_a_place(text: str, is_region: bool) -> None:
    assert (Kind.REGION in {kind for kind, _slug, _words in parts(text)}) is is_region


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("garde d’enfants", Kind.DUTY), ("à côté du marché", Kind.NEAR_ME), ("ouvert", Kind.OPEN_NOW), ("proche de la gare", Kind.NEAR_ME),
    ],
)  # fmt: skip
def test_a_condition_is_not_read_from_other_phrases(text: str, kind: Kind) -> None:
    assert kind not in {found for found, _slug, _words in parts(text)}


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("677 12 34 56", "677123456"), ("+237 677-12-34-56", "677123456"), ("00237677123456", "677123456"), ("77 12 34 56", "77123456"),
        ("2015 2016", ""),
        ("2015-2016", ""), ("2225 2016", "22252016"), ("1 500 000", ""), ("12345", ""), ("6771234567", ""), ("233 42 00 00", "233420000"),
    ],
)  # fmt: skip
def test_phones_are_told_from_other_numbers(typed: str, digits: str) -> None:
    assert national_digits(typed) == digits
    found = [part.value for part in read(f"appeler {typed}").parts if part.kind is Kind.PHONE]
    assert found == ([digits] if digits else [])


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        ("pharmacie face hôtel akwa palace", "hôtel akwa palace"), ("pharmacie derrière la poste", "la poste"),
        ("pharmacie près de Akwa", None), ("pharmacie vers akwa douala", None), ("face hôtel akwa palace", None), ("pharmacie", None),
        ("pharmacie face", None), ("pharmacie près de moi", None),
    ],
)  # fmt: skip
def test_words_behind_a_lead_may_be_a_landmark(text: str, beside: str | None) -> None:
    found, typed = read(text).beside, words(text)
    assert (None if found is None else text[typed[found[0]].start : typed[found[1] - 1].end]) == beside


def test_a_landmark_takes_its_words_and_is_told_with_its_name() -> None:
    text = "pharmacie face hôtel akwa palace"
    part = Part(Kind.LANDMARK, 2, 5, value="akwa-palace", name="Akwa Palace", point=AKWA_POINT)
    found = read(text, part)
    assert [one.kind for one in found.parts] == [Kind.CATEGORY, Kind.LANDMARK]
    told = as_understood(text, words(text), found, language="fr")
    assert [(one.kind, one.value, one.name, one.without) for one in told] == [
        (Kind.CATEGORY, "pharmacies", "Pharmacies", "face hôtel akwa palace"), (Kind.LANDMARK, "akwa-palace", "Akwa Palace", "pharmacie"),
    ]  # fmt: skip


def test_what_is_told_is_in_the_asked_language_and_leads_go_with_their_place() -> None:
    text = "Pharmacie, près de New Bell"
    told = as_understood(text, words(text), read(text), language="en")
    assert [(one.name, text[one.start : one.end], one.without) for one in told] == [
        ("Chemists", "Pharmacie", ", près de New Bell"), ("New Bell", "New Bell", "Pharmacie,"),
    ]  # fmt: skip


@given(
    st.lists(
        st.sampled_from(
            [
                "pharmacie", "de", "garde", "akwa", "face", "près", "vers", "douala", "carrefour", "new", "bell", "ouvert", "centre",
                "677123456", "xyz", "la",
            ]
        ),
        max_size=16,
    )
)  # fmt: skip
def test_parts_never_overlap_and_lie_in_the_words(typed: list[str]) -> None:
    text = " ".join(typed)
    found = read(text)
    places = [place for part in found.parts for place in range(part.start, part.end)]
    assert len(places) == len(set(places))
    assert all(0 <= place < len(words(text)) for place in [*places, *found.leads])
    assert found.leads.isdisjoint(places)
    for one in as_understood(text, words(text), found, language="fr"):
        assert 0 <= one.start < one.end <= len(text)
