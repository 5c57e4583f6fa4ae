"""Text search: what is found, in which order, and what is not."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from apps.catalog.models import Resource
from apps.catalog.selectors import CardFilter, card_filter
from apps.catalog.tests.factories import AT, make_category, make_city, make_resource
from apps.search.models import ResourceSearch
from apps.search.selectors import FoundCards, count_matches, find_cards
from apps.search.services import index_resources

pytestmark = pytest.mark.django_db


def make_found(**fields: object) -> Resource:
    """A published entry that search knows."""
    resource = make_resource(**fields)  # type: ignore[arg-type]  # fields of the model
    index_resources(resource_ids=[resource.pk])
    return resource


def find(text: str, chosen: CardFilter | None = None, *, sort: str = "relevance", limit: int = 20, count_max: int = 100) -> FoundCards:
    return find_cards(chosen or CardFilter(), text=text, sort=sort, language="fr", at=AT, limit=limit, offset=0, count_max=count_max)


def names(found: FoundCards) -> list[str]:
    return [card.data(AT)["name"] for card in found.cards]


def test_the_exact_name_comes_first_then_the_name_then_the_text() -> None:
    make_found(name="Marché central", description_fr="Près de la boulangerie Étoile.")
    make_found(name="Boulangerie Étoile du Nord")
    make_found(name="Boulangerie Étoile")
    assert names(find("boulangerie etoile")) == ["Boulangerie Étoile", "Boulangerie Étoile du Nord", "Marché central"]


def test_a_paid_place_does_not_pass_a_better_match() -> None:
    make_found(name="Marché central", description_fr="Près de la boulangerie.", plan="featured")
    make_found(name="La boulangerie")
    assert names(find("boulangerie"))[0] == "La boulangerie"


def test_a_paid_place_wins_between_equals() -> None:
    make_found(name="Garage Un")
    make_found(name="Garage Deux", plan="featured")
    assert names(find("garage"))[0] == "Garage Deux"


def test_category_town_and_alias_are_found_without_accents_and_by_their_beginning() -> None:
    category = make_category(name_fr="Pharmacies", name_en="Pharmacies", aliases=["officine"])
    make_found(name="Du Rond-Point", category=category, city=make_city(name_fr="Yaoundé", name_en="Yaounde"))
    for text in ("pharmacie yaounde", "officine", "pharm", "yaoundé"):
        assert names(find(text)) == ["Du Rond-Point"], text


def test_every_word_counts() -> None:
    make_found(name="Hôtel du Lac")
    assert names(find("hotel montagne")) == []


def test_filters_hold_beside_words() -> None:
    douala, yaounde = make_city(slug="douala"), make_city(slug="yaounde")
    make_found(name="Hôtel A", city=douala, verified=True, attributes=["wifi"])
    make_found(name="Hôtel B", city=yaounde)
    assert names(find("hotel", card_filter(city="yaounde"))) == ["Hôtel B"]
    assert names(find("hotel", card_filter(verified=True, has=["wifi"]))) == ["Hôtel A"]
    assert names(find("hotel", card_filter(resource_type="api"))) == []


def test_open_now_is_kept_to_what_is_open() -> None:
    make_found(name="Bar ouvert", hours={day: [("00:00", "00:00")] for day in range(7)})
    make_found(name="Bar fermé", hours={day: [] for day in range(7)})
    make_found(name="Bar inconnu")
    assert names(find("bar", card_filter(open_now=True))) == ["Bar ouvert"]
    assert find("bar", card_filter(open_now=True)).count == 1


def test_newest_orders_by_publication_alone() -> None:
    from datetime import timedelta

    make_found(name="Taxi", at=AT - timedelta(days=1))
    make_found(name="Station", description_fr="Taxi")
    assert names(find("taxi", sort="newest")) == ["Station", "Taxi"]


def test_the_count_stops_beyond_its_maximum() -> None:
    for number in range(5):
        make_found(name=f"École {number}")
    assert find("ecole", limit=2, count_max=3).count == 4
    assert find("ecole", limit=2, count_max=10).count == 5
    assert find("", limit=2, count_max=3).count == 4
    assert find("", limit=20, count_max=100).count == 5


def test_matches_are_counted_by_category() -> None:
    category = make_category(name_fr="Écoles")
    for number in range(2):
        make_found(name=f"Lycée {number}", category=category)
    found = find("lycee")
    assert found.matches is not None
    categories, quarters = count_matches(found.matches, language="fr")
    assert [(facet.slug, facet.count) for facet in categories] == [(category.slug, 2)]
    assert quarters == []
    assert count_matches([], language="fr") == ([], [])


def test_hidden_entries_are_dropped_and_the_index_can_be_made_anew() -> None:
    resource = make_found(name="Cinéma")
    Resource.objects.filter(pk=resource.pk).update(status="suspended")
    index_resources(resource_ids=[resource.pk])
    assert not ResourceSearch.objects.filter(pk=resource.pk).exists()
    Resource.objects.filter(pk=resource.pk).update(status="active")
    call_command("rebuild_index", verbosity=0)
    assert names(find("cinema")) == ["Cinéma"]


@pytest.mark.parametrize("text", ["'", "\\", "<script>", "a' OR 1=1 --", ":*", "!!!", "()", "\u0301", "𝕏", "ndolè’", "😀", "%s %(q)s"])
def test_no_text_breaks_the_query(text: str) -> None:
    make_found(name="Poste")
    assert find(text).count >= 0
