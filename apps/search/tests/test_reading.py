"""How the words of a query are read: put right by the catalogue and by synonyms, joined and split as names write them."""

from __future__ import annotations

import pytest

from apps.catalog.tests.factories import AT, make_category, make_city, make_quarter, make_resource
from apps.search.questions import SearchAnswer, SearchQuestion, UnderstoodKind
from apps.search.selectors import finding
from apps.search.selectors.synonyms import synonyms_of
from apps.search.spelling import WordList
from apps.search.tests.memory import Memory

pytestmark = pytest.mark.django_db


@pytest.fixture
def index() -> Memory:
    return Memory()


def ask(index: Memory, text: str) -> SearchAnswer:
    return finding.search(SearchQuestion(text=text), at=AT, sources=index.sources())


def names(index: Memory, text: str) -> list[str]:
    return [hit.card.data(AT)["name"] for hit in ask(index, text).hits]


def hold(index: Memory, *made: str) -> None:
    for name in made:
        index.add(make_resource(name=name))


@pytest.mark.parametrize("typed", ["okada", "okadda", "okda", "bensikinn", "bendskin", "bend skin"])
def test_it_works(index: Memory, typed: str) -> None:
    hold(index, "Moto-taxi Express", "Garage Un")
    assert names(index, typed) == ["Moto-taxi Express"]


def test_a_correction_to_a_synonym_is_said_as_people_write_it(index: Memory) -> None:
    index.synonyms = synonyms_of([["Zoblazó", "moto"]], version=1)
    hold(index, "Moto Express")
    assert ask(index, "zoblazoo").did_you_mean == "zoblazó"
    assert ask(index, "zoblazo").did_you_mean == ""


def test_the_word_of_the_catalogue_that_is_nearer_wins(index: Memory) -> None:
    index.synonyms = synonyms_of([["zoblazant", "moto"]], version=1)
    hold(index, "Zoblazan", "Moto Express")
    assert names(index, "zoblazano")[0] == "Zoblazan"


def test_a_word_of_a_synonym_is_not_put_right(index: Memory) -> None:
    index.synonyms = synonyms_of([["kossam", "lait"]], version=1)
    hold(index, "Kossas", "Lait du Nord")
    assert names(index, "kossam") == ["Lait du Nord"]


@pytest.mark.parametrize("written", ["Memve’ele", "Memve'ele", "Memveele", "Memve Ele", "MEMVE-ELE"])
@pytest.mark.parametrize("typed", ["memveele", "memve'ele", "memve ele", "Memve’élé", "barrage memveele"])
def test_words_are_found_joined_or_split(index: Memory, written: str, typed: str) -> None:
    hold(index, f"Barrage de {written}", "Barrage de Lagdo", "Chutes de la Lobé")
    assert names(index, typed)[0] == f"Barrage de {written}"
    assert "Chutes de la Lobé" not in names(index, typed)


def test_both_ways_of_writing_are_found_together(index: Memory) -> None:
    hold(index, "Chutes de Memve’ele", "Poste de Memveele")
    assert sorted(names(index, "memveele")) == sorted(names(index, "memve'ele")) == ["Chutes de Memve’ele", "Poste de Memveele"]


@pytest.mark.parametrize("typed", ["newbell", "new bell", "New-Bell", "hotel newbell"])
def test_places_are_understood_joined_or_split(index: Memory, typed: str) -> None:
    city = make_city(slug="douala", name_fr="Douala", name_en="Douala")
    quarters = [make_quarter(slug=name.lower(), name=name, city=city) for name in ("New Bell", "Bonamoussadi")]
    hotels = make_category(slug="hotels", name_fr="Hôtels", name_en="Hotels")
    for quarter in quarters:
        index.add(make_resource(name=f"Le {quarter.slug}", category=hotels, city=city, quarter=quarter))
    understood = [one for one in ask(index, typed).understood if one.kind is UnderstoodKind.QUARTER]
    assert [one.value for one in understood] == ["new bell"] or [one.name for one in understood] == ["New Bell"]
    assert [one.name for one in ask(index, "hotel bona moussadi").understood] == ["Hôtels", "Bonamoussadi"]


def test_numbers_are_not_joined(index: Memory) -> None:
    hold(index, "Lycée 20252026")
    assert names(index, "2025 2026") == []


def test_a_list_of_words_finds_what_is_one_or_two_errors_away() -> None:
    words = WordList(["taximan", "pressing", "okada", "bar", "quincaillerie"])
    assert words.near("taximann") == ["taximan"]
    assert words.near("okda") == ["okada"]
    assert words.near("quincailerei") == ["quincaillerie"]
    assert words.near("okada") == words.near("bra") == words.near("okdaa2") == words.near("") == []


def test_a_word_that_synonyms_share_does_not_stand_for_all_of_them(index: Memory) -> None:
    index.synonyms = synonyms_of([["taximan", "chauffeur de taxi", "taxi driver", "taxi-man du pays"]], version=1)
    hold(index, "Chauffeur du taxi jaune", "Yellow taxi driver", "Taxe de séjour", "Taxi", "Driver", "Maison de la presse")
    assert sorted(names(index, "taximan")) == ["Chauffeur du taxi jaune", "Yellow taxi driver"]


def test_a_single_word_stands_for_a_whole_phrase(index: Memory) -> None:
    index.synonyms = synonyms_of([["lavage auto", "car wash", "lavomatique"]], version=1)
    hold(index, "Lavomatique", "Wash car", "Auto", "Lavage")
    assert sorted(names(index, "lavage auto"))[-2:] == ["Lavomatique", "Wash car"]
    assert ask(index, "lavomatique").total == 2
