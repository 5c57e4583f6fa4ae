"""Whether two records are one place, on pairs that we wrote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.ingestion.choices import Verdict
from apps.ingestion.matching import (
    Profile,
    compare,
    compare_unless_different,
    make_profile,
    profile_of_raw,
    stored_and_wanted_keys,
    stored_keys,
    wanted_keys,
)

HERE = {"latitude": 3.8701, "longitude": 11.5152}


def place(name: str, category: str = "", *, north_m: float = 0.0, **values: Any) -> Profile:
    position = {"latitude": HERE["latitude"] + north_m / 111_195, "longitude": HERE["longitude"]}
    return make_profile(name=name, category=category, **{**position, **values})


def nowhere(name: str, category: str = "", **values: Any) -> Profile:
    return make_profile(name=name, category=category, **values)


def test_it_works() -> None:
    verdict = compare(place("Pharmacie du Soleil Levant", "amenity=pharmacy"), place("Phcie Soleil Levant", "pharmacie", north_m=40))

    assert verdict.verdict == Verdict.SAME
    assert 0.9 < verdict.score <= 1
    assert [abs(reason.weight) for reason in verdict.reasons] == sorted((abs(reason.weight) for reason in verdict.reasons), reverse=True)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (place("École Publique de Nkolbikok", "amenity=school"), place("EP NKOLBIKOK", "amenity=school", north_m=60)),
        (
            place("Mbandoumou Centre de Santé\xa0Integre", "Centre de Santé Intégré"),
            place("CSI de Mbandoumou", "health facility", north_m=700),
        ),
        (place("Pharmacie de l’Étoile du Berger", "pharmacie"), place("Pharmacie de lâ€™Ã‰toile du Berger", "pharmacie", north_m=4)),
        (place("Golden Gate Pharmacy", "amenity=pharmacy"), place("Pharmacie Golden Gate", "pharmacie", north_m=15)),
        (place("Pharmacie", "amenity=pharmacy"), place("", "amenity=pharmacy", north_m=0)),
        # A remark in brackets, who runs it, an acronym, a slip in a word that says nothing, a word in the other language.
        (place("Pharmacie Montbrison (espace conseils)", "pharmacie"), place("Pharmacie Montbrison", "pharmacie", north_m=60)),
        (place("Pharmacie Ketchoua Dr Ndongo Paul", "pharmacie"), place("Pharmacie Ketchoua", "pharmacie", north_m=40)),
        (
            place("Faculté d’Agronomie et des Sciences Agricoles", "amenity=university"),
            place("FASA", "amenity=university", north_m=2),
        ),
        (
            place("Complexe scolaire internatinale la Gaieté", "amenity=school"),
            place("Complexe scolaire international la Gaieté", "amenity=school", north_m=90),
        ),
        (place("Pharmacie du Jardin Vert", "pharmacie"), place("Green Garden Pharmacy", "amenity=pharmacy", north_m=50)),
        (
            nowhere("PALÉTUVIERS  des", "pharmacie de garde", city="yaounde"),
            place("Pharmacie des Palétuviers", "pharmacie", city="yaounde"),
        ),
    ],
)
def test_one_place_under_two_names(a: Profile, b: Profile) -> None:
    assert compare(a, b).verdict == Verdict.SAME
    assert compare(b, a).score == compare(a, b).score
    assert set(wanted_keys(b)) & set(stored_keys(a))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        # The quarter's name is all that one has, and stands beside a name of its own in the other.
        (place("Pharmacie d’Odza", "pharmacie"), place("Pharmacie du Cygne Odza", "pharmacie", north_m=900)),
        # Many are called so: two of them in different streets.
        (place("La Référence", "amenity=clinic"), place("La Référence", "amenity=clinic", north_m=9000)),
        # Stalls of a market and chains.
        (place("Boutique", "shop=convenience"), place("Boutique", "shop=convenience", north_m=60)),
        (place("Vente de chaussures", "shop=shoes"), place("Vente de sacs", "shop=bag", north_m=9)),
        (place("Tradex", "amenity=fuel"), place("Tradex", "amenity=fuel", north_m=1900)),
        # Numbers, levels and owners tell apart.
        (
            place("École publique de Mbankolo groupe 1", "amenity=school"),
            place("École publique de Mbankolo groupe 2", "amenity=school", north_m=50),
        ),
        (place("École maternelle de Mbankolo", "amenity=kindergarten"), place("Lycée de Mbankolo", "amenity=school", north_m=120)),
        (place("École catholique de Mbankolo", "amenity=school"), place("École islamique de Mbankolo", "amenity=school", north_m=200)),
        # A pharmacy in a hospital.
        (
            place("Hôpital de district de Mbankolo", "amenity=hospital"),
            place("Pharmacie de l’hôpital de district de Mbankolo", "pharmacie", north_m=30),
        ),
        # The same name in another town.
        (place("Pharmacie de la Concorde", "pharmacie"), place("Pharmacie de la Concorde", "pharmacie", north_m=190_000)),
        (nowhere("Pharmacie de la Concorde", "pharmacie", city="douala"), place("Pharmacie de la Concorde", "pharmacie", city="garoua")),
        # Neighbours.
        (place("Pharmacie du Lac", "pharmacie"), place("Clinique des Palmiers", "amenity=clinic", north_m=20)),
    ],
)  # fmt: skip
def test_two_places_that_look_alike(a: Profile, b: Profile) -> None:
    assert compare(a, b).verdict == Verdict.DIFFERENT


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (place("Menuiserie 0", "artisan"), place("Tapisserie Mbarga 0", "artisan")),
        (place("Coiffure 0", "shop=hairdresser"), place("Menuiserie 0", "craft=carpenter")),
        (place("Ecobank", "amenity=bank"), place("Afriland First Bank", "amenity=bank")),
        (place("Chez Pierre", "amenity=restaurant"), place("Chez Paul", "amenity=restaurant")),
    ],
)  # fmt: skip
def test_one_position_does_not_make_one_place_of_two_names(a: Profile, b: Profile) -> None:
    assert compare(a, b).verdict != Verdict.SAME


def test_the_number_of_a_block_is_no_word() -> None:
    assert compare(place("Pharmacie Simbock"), place("Pharmacie A3 Simbock", north_m=830)).verdict != Verdict.SAME


def test_ids_and_addresses_of_sources_prove_nothing() -> None:
    one = profile_of_raw(
        {"id": "osm:n7", "source_id": "n7", "source_url": "https://osm.example/n7", "name": "Bar du Port", "lat": 3.9, "lon": 9.7}
    )
    two = profile_of_raw(
        {"id": "geo:8", "source_id": "8", "source_url": "https://geo.example/8", "name": "Bar du Port", "lat": 3.9, "lon": 9.7}
    )

    assert one == two


@pytest.mark.parametrize(
    ("stored", "wanted", "is_found"),
    [
        (place("Bar du Port", city="douala"), place("Bar du Port", city="douala", north_m=2_000), True),
        (place("Bar du Port", city="douala"), nowhere("Bar du Port", city="douala"), True),
        (nowhere("Bar du Port", city="douala"), place("Bar du Port", city="douala"), True),
        (nowhere("Bar du Port", city="douala"), nowhere("Bar du Port", city="douala"), True),
        (nowhere("Bar du Port"), place("Bar du Port", region="littoral"), True),
        (place("Bar du Port", region="littoral"), nowhere("Bar du Port"), True),
        # A word that is all over a town does not bring the whole town.
        (place("Bar du Port Sec", city="douala"), place("Bar du Port Kala", city="douala", north_m=9_000), False),
        (place("Bar du Port", region="littoral"), place("Bar du Port", region="nord", north_m=600_000), False),
    ],
)
def test_who_is_looked_at(stored: Profile, wanted: Profile, is_found: bool) -> None:
    assert bool(set(stored_keys(stored)) & set(wanted_keys(wanted))) is is_found


ANY_TEXT = st.text(max_size=60)
ANY_PLACE = st.builds(
    make_profile,
    name=ANY_TEXT,
    category=st.sampled_from(["", "amenity=pharmacy", "health facility", "écoles-primaires", "\x00"]) | ANY_TEXT,
    phones=st.lists(ANY_TEXT, max_size=2),
    email=ANY_TEXT,
    website=ANY_TEXT,
    latitude=st.none() | st.floats(-90, 90),
    longitude=st.none() | st.floats(-180, 180),
    city=ANY_TEXT,
)


@given(ANY_PLACE, ANY_PLACE)
def test_anything_can_be_compared(a: Profile, b: Profile) -> None:
    there, back = compare(a, b), compare(b, a)

    assert 0 <= there.score <= 1
    assert (there.score, there.verdict) == (back.score, back.verdict)
    assert all(-(2**63) <= key < 2**63 for key in stored_keys(a))
    assert not stored_keys(a) or set(stored_keys(a)) & set(wanted_keys(a))
    assert stored_and_wanted_keys(a) == (stored_keys(a), wanted_keys(a))


WORDS = st.sampled_from([
    "Pharmacie", "École", "Garage", "Hôtel", "Boutique", "Clinique", "Bar", "Express Union", "Total", "du Soleil", "Levant", "Mbarga",
    "Fouda", "Mbarga et Fils", "de la Gare", "Odza", "2", "4", "annexe", "catholique", "islamique", "GSB", "Groupe Scolaire Bilingue",
    "chez Paul",
])  # fmt: skip
NEIGHBOUR = st.fixed_dictionaries({
    "name": st.lists(WORDS, max_size=3).map(" ".join),
    "category": st.sampled_from(["", "amenity=pharmacy", "amenity=school", "shop=shoes", "craft=carpenter", "tourism=hotel"]),
    "phones": st.sampled_from([(), ("+237699112233",), ("+237677889900",)]),
    "email": st.sampled_from(["", "a@example.cm"]),
    "website": st.sampled_from(["", "https://a.example.cm"]),
    "latitude": st.sampled_from([None, 3.87, 3.87001, 3.8702, 3.871, 3.88, 3.9]),
    "longitude": st.just(11.5),
    "city": st.sampled_from(["", "yaounde", "douala"]),
    "quarter": st.sampled_from(["", "odza", "bastos"]),
})  # fmt: skip


@settings(max_examples=400)
@given(NEIGHBOUR, NEIGHBOUR)
def test_what_is_not_read_of_names_would_have_changed_nothing(one: dict[str, Any], other: dict[str, Any]) -> None:
    a, b = make_profile(**one), make_profile(**other)
    whole = compare(a, b)

    assert compare_unless_different(a, b) == (None if whole.verdict == Verdict.DIFFERENT else whole)


ANY_VALUE = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.lists(ANY_TEXT, max_size=2)
FIELDS = st.sampled_from(["name", "lat", "lon", "phone", "city", "extra", "category", "website"])


@given(st.dictionaries(FIELDS, ANY_VALUE | st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=2)))
def test_any_raw_record_has_a_profile(raw: dict[str, Any]) -> None:
    profile = profile_of_raw(raw)

    assert compare(profile, profile).score >= 0
