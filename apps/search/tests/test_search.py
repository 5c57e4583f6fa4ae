"""A question and its answer: what is found, in which order, and what is said about it."""

from __future__ import annotations

import dataclasses

import pytest

from apps.catalog.models import Resource
from apps.catalog.selectors import card_filter
from apps.catalog.tests.factories import AT, make_category, make_city, make_quarter, make_resource
from apps.core.api.pagination import InvalidCursor
from apps.search import selectors
from apps.search.questions import SearchAnswer, SearchQuestion, Sort, UnderstoodKind
from apps.search.selectors import finding
from apps.search.selectors.cursors import CursorExpired
from apps.search.services import index_resources, load_synonyms, refresh_statistics
from apps.search.tests.memory import Memory

pytestmark = pytest.mark.django_db


@pytest.fixture
def index() -> Memory:
    return Memory()


def make_found(index: Memory, **fields: object) -> Resource:
    """A published entry that search knows."""
    resource = make_resource(**fields)  # type: ignore[arg-type]  # fields of the model
    index.add(resource)
    return resource


def ask(index: Memory, text: str = "", **fields: object) -> SearchAnswer:
    return finding.search(SearchQuestion(text=text, **fields), at=AT, sources=index.sources())  # type: ignore[arg-type]


def names(answer: SearchAnswer) -> list[str]:
    return [hit.card.data(AT)["name"] for hit in answer.hits]


def test_it_works(index: Memory) -> None:
    make_found(index, name="Pharmacie du Fleuve", description_fr="Ordonnances et conseils.")
    answer = ask(index, "pharmacie fleuve", explain=True)
    assert names(answer) == ["Pharmacie du Fleuve"]
    assert (answer.total, answer.is_exact, answer.next_cursor, answer.engine) == (1, True, "", "plain")
    assert [(one.member, list(one.ranges)) for one in answer.hits[0].highlights] == [("name", [(0, 9), (13, 19)])]
    assert [reason.code for reason in answer.hits[0].reasons] == ["exact_name"]


def test_the_exact_name_is_first_and_money_does_not_pass_it(index: Memory) -> None:
    make_found(index, name="Boulangerie Étoile du Nord", plan="featured")
    make_found(index, name="Boulangerie Étoile")
    make_found(index, name="Marché central", description_fr="Près de la boulangerie Étoile.", plan="featured")
    answer = ask(index, "boulangerie etoile")
    assert names(answer) == ["Boulangerie Étoile", "Boulangerie Étoile du Nord", "Marché central"]


def test_a_category_is_understood_and_still_finds_names(index: Memory) -> None:
    hotels = make_category(slug="hotels", name_fr="Hôtels", name_en="Hotels", aliases=["auberge"])
    akwa = make_quarter(slug="akwa", name="Akwa", city=make_city(slug="douala", name_fr="Douala", name_en="Douala"))
    make_found(index, name="Résidence du Lac", category=hotels, city=akwa.city, quarter=akwa)
    make_found(index, name="Hôtel Akwa Palace", category=make_category())
    answer = ask(index, "Hôtel Akwa Palace")
    assert names(answer)[0] == "Hôtel Akwa Palace"
    answer = ask(index, "auberges à Akwa")
    assert names(answer)[0] == "Résidence du Lac"
    assert [(one.kind, one.value, one.name, one.without) for one in answer.understood] == [
        (UnderstoodKind.CATEGORY, "hotels", "Hôtels", "à Akwa"), (UnderstoodKind.QUARTER, "akwa", "Akwa", "auberges à"),
    ]  # fmt: skip


def test_misspelt_words_are_put_right_and_said_so(index: Memory) -> None:
    make_found(index, name="Hôpital Laquintinie")
    answer = ask(index, "hopital laqintinie")
    assert names(answer) == ["Hôpital Laquintinie"]
    assert answer.did_you_mean == "hopital laquintinie"


def test_the_word_as_typed_comes_before_its_correction(index: Memory) -> None:
    make_found(index, name="Garage Ndongo", description_fr="Vente de motos.")
    make_found(index, name="Menuiserie", description_fr="Chez Ndonga, près du garage.")
    assert names(ask(index, "garage ndonga"))[0] == "Menuiserie"
    assert names(ask(index, "garage ndongi")) == ["Garage Ndongo", "Menuiserie"]


def test_numbers_are_never_corrected(index: Memory) -> None:
    make_found(index, name="Lycée 2015")
    assert names(ask(index, "2016")) == []


def test_a_phone_is_found_however_it_is_typed(index: Memory) -> None:
    make_found(index, name="Ma Kala", contacts=[{"kind": "phone", "value": "+237677123456"}])
    make_found(index, name="Autre", contacts=[{"kind": "phone", "value": "+237677123999"}])
    for typed in ("677 12 34 56", "+237 677-12-34-56", "00237677123456", "(677) 123.456", "77 12 34 56"):
        assert names(ask(index, typed)) == ["Ma Kala"], typed
    assert sorted(names(ask(index, "677123"))) == ["Autre", "Ma Kala"]


def test_open_now_is_a_condition_and_is_let_go_when_nothing_meets_it(index: Memory) -> None:
    resto = make_category(slug="restaurants", name_fr="Restaurants", name_en="Restaurants", aliases=["restaurant"])
    make_found(index, name="Chez Rose", category=resto, hours={day: [("00:00", "00:00")] for day in range(7)})
    shut = make_found(index, name="Chez Paul", category=resto, hours={day: [] for day in range(7)})
    assert names(ask(index, "restaurant ouvert maintenant")) == ["Chez Rose"]
    index.engine.delete(dict.fromkeys(index.rows.keys() - {shut.pk}, 9))
    answer = ask(index, "restaurant ouvert maintenant")
    assert names(answer) == ["Chez Paul"]
    assert [(way.drop, way.count) for way in answer.ways_out] == [("open_now", 1)]


def test_near_me_orders_by_distance(index: Memory) -> None:
    banks = make_category(slug="banques", name_fr="Banques", name_en="Banks", aliases=["banque"])
    make_found(index, name="Banque lointaine", category=banks, latitude=4.2, longitude=9.7)
    make_found(index, name="UBA", category=banks, latitude=4.051, longitude=9.7)
    make_found(index, name="Café de la banque", latitude=4.05, longitude=9.7)
    answer = ask(index, "banque près de moi", point=(4.05, 9.7))
    assert names(answer) == ["UBA", "Banque lointaine"]
    assert [hit.distance_m for hit in answer.hits] == [111, 16679]


def test_pages_follow_each_other_without_a_gap(index: Memory) -> None:
    for number in range(7):
        make_found(index, name=f"Garage {number}")
    for question in ({"text": "garage"}, {"text": ""}, {"text": "garage", "sort": Sort.NEWEST}):
        seen: list[str] = []
        cursor = ""
        for _ in range(4):
            answer = ask(index, **question, limit=2, cursor=cursor)
            seen += names(answer)
            cursor = answer.next_cursor
        assert sorted(seen) == [f"Garage {number}" for number in range(7)]
        assert cursor == ""
        assert names(ask(index, **question, limit=2, offset=4)) == seen[4:6]


def test_a_cursor_is_of_one_question_and_a_ranked_one_of_one_engine(index: Memory) -> None:
    for number in range(3):
        make_found(index, name=f"Garage {number}")
    ranked, listed = ask(index, "garage", limit=1).next_cursor, ask(index, limit=1).next_cursor
    with pytest.raises(InvalidCursor):
        ask(index, "moto", limit=1, cursor=ranked)
    with pytest.raises(InvalidCursor):
        ask(index, "garage", limit=1, cursor="x" * 900)
    index.engine.name = "other"
    with pytest.raises(CursorExpired):
        ask(index, "garage", limit=1, cursor=ranked)
    assert len(ask(index, limit=1, cursor=listed).hits) == 1


def test_what_is_no_longer_published_is_left_out_and_the_page_filled(index: Memory) -> None:
    made = [make_found(index, name=f"Garage {number}") for number in range(4)]
    Resource.objects.filter(pk=made[0].pk).update(status="suspended")
    from apps.catalog.cards import write_cards

    write_cards([made[0].pk])
    answer = ask(index, "garage", limit=3)
    assert sorted(names(answer)) == ["Garage 1", "Garage 2", "Garage 3"]


def test_an_empty_answer_says_which_condition_to_drop(index: Memory) -> None:
    douala, yaounde = make_city(slug="douala"), make_city(slug="yaounde")
    make_found(index, name="Garage", city=douala)
    make_found(index, name="Fleuriste", city=yaounde)
    answer = ask(index, "garage", chosen=card_filter(city="yaounde", verified=True))
    assert answer.hits == []
    answer = ask(index, "garage", chosen=card_filter(city="yaounde"))
    assert [(way.drop, way.value, way.count) for way in answer.ways_out] == [("city", "yaounde", 1), ("q", "garage", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "a", "é" * 10_000, "le la de", "?!…", "🙂🙂", "مرحبا", "\x00", "a\x00b", "\ud800", "' OR 1=1 --", "a:* & !b | (c)",
        '+a -b "c" *:*',
        "_exists_:name AND name:[a TO z]", "%_\\", "0" * 500, "1 2 3 4 5 6 7 8 9", "é́́́", "ouvert", "près de moi",
        "de garde", "\u202eabc", "½ ﷺ ㎏",
    ],
)  # fmt: skip
def test_whatever_is_typed_has_an_answer(index: Memory, text: str) -> None:
    make_found(index, name="Garage")
    answer = ask(index, text, facets=("category", "city", "quarter", "type", "plan", "verified", "has"), explain=True)
    assert len(answer.hits) == answer.total <= 1


def test_a_question_is_answered_the_same_again(index: Memory) -> None:
    for number in range(30):
        make_found(index, name=f"Garage {number}", plan="featured" if number % 3 else "free")
    first = ask(index, "garage", limit=30)
    assert names(first) == names(ask(index, "garage", limit=30))
    assert dataclasses.replace(first) == ask(index, "garage", limit=30)
    assert sum(hit.is_sponsored for hit in first.hits[:10]) <= 2


@pytest.mark.parametrize("text", ["garage", "garage bonanjo", "hotel", "garge", "gar", "garage hotel akwa", "douala", "ouvert garage"])
def test_both_engines_give_the_same_answer(index: Memory, text: str) -> None:
    city = make_city(slug="douala", name_fr="Douala", name_en="Douala")
    quarters = [make_quarter(name=name, slug=name.lower(), city=city, latitude=4.05, longitude=9.7) for name in ("Akwa", "Bonanjo")]
    garages = make_category(slug="garages", name_fr="Garages", name_en="Garages")
    for number in range(24):
        fields = {"city": city, "quarter": quarters[number % 2]} if number % 3 else {}
        name = f"{('Garage', 'Hôtel', 'Maison')[number % 3]} {('du Wouri', 'Étoile', 'Central', 'Akwa')[number % 4]} {number // 12 or ''}"
        make_found(
            index, name=name, category=garages if number % 5 else make_category(), plan=("free", "featured")[number % 7 == 0], **fields
        )
    index_resources(resource_ids=list(index.rows))
    load_synonyms()
    refresh_statistics()
    plain, live = ask(index, text, limit=24), selectors.search(SearchQuestion(text=text, limit=24), at=AT)
    assert plain.total
    assert [hit.card.id for hit in plain.hits] == [hit.card.id for hit in live.hits]
    assert (plain.total, plain.did_you_mean, plain.understood) == (live.total, live.did_you_mean, live.understood)
    assert live.engine == "postgres"
