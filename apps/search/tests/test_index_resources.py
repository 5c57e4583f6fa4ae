"""What search holds of an entry, and how it follows the catalogue."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from apps.catalog.choices import Status
from apps.catalog.models import Resource
from apps.catalog.services.categories import save_category
from apps.catalog.services.places import save_place
from apps.catalog.tests.factories import AT, make_category, make_city, make_department, make_quarter, make_region, make_resource
from apps.search import services
from apps.search.backends import engine
from apps.search.backends.base import EngineQuery, Filters, Group
from apps.search.models import ResourceSearch, SearchSchedule
from apps.search.selectors.packed import packed_documents
from apps.search.services.completeness import WEIGHTS

pytestmark = pytest.mark.django_db
Committing = Callable[..., AbstractContextManager[object]]
NINE_TO_FIVE = {1: [("09:00", "17:00")]}


def index(*resources: Resource) -> int:
    return services.index_resources(resource_ids=[resource.pk for resource in resources])


def found(*terms: str) -> list[uuid.UUID]:
    return [place.id for place in engine().search(EngineQuery(groups=tuple(Group((term,)) for term in terms))).places]


def test_it_works_with_every_text_of_an_entry() -> None:
    root = make_category(name_fr="Santé", name_en="Health")
    region = make_region(name_fr="Littoral", aliases=["Côte"])
    city = make_city(name_fr="Douala", region=region, department=make_department(name_fr="Wouri", region=region), aliases=["Dla"])
    resource = make_resource(
        name="Clinique de l’Étoile", name_en="Star clinic", city=city,
        category=make_category(name_fr="Cliniques", parent=root, aliases=["dispensaire"]),
        quarter=make_quarter(city=city, name="Akwa", aliases=["Akwa Nord"]), address_line1="Rue Joffre",
        landmark_fr="Face au baobab", description_en="Open at night", directions_fr="Après le carrefour", attributes=["wifi"],
        contacts=[{"kind": "phone", "value": "+237677123456"}], resource_type="service",
        profile={"provider": "Docteur Mbarga", "documents_en": ["Vaccination card"], "online_url": "https://secret.example/"},
    )  # fmt: skip
    assert index(resource) == 1
    for term in (
        "etoile", "star", "cliniques", "sante", "health", "dispensaire", "akwa", "nord", "douala", "dla", "wouri", "littoral", "cote",
        "joffre", "baobab", "night", "carrefour", "mbarga", "vaccination", "#677123", "#677123456", "#237677123456",
    ):  # fmt: skip
        assert found(term) == [resource.pk], term
    assert found("wi") == found("fi") == [resource.pk]
    assert found("secret") == found("#67712") == []


def test_versions_never_go_back_and_repeating_does_no_harm() -> None:
    resource = make_resource(name="Garage", version=3)
    assert index(resource) == index(resource) == 1
    Resource.objects.filter(pk=resource.pk).update(name="Atelier", version=2)
    index(resource)
    assert found("garage") == [resource.pk]
    Resource.objects.filter(pk=resource.pk).update(version=4)
    index(resource)
    assert found("atelier") == [resource.pk]
    assert found("garage") == []


@pytest.mark.parametrize(
    "hiding", [{"status": Status.SUSPENDED}, {"deleted_at": AT}, {"livemode": False}, {"status": Status.PENDING, "published_at": None}]
)
def test_what_is_hidden_goes(hiding: dict[str, object]) -> None:
    resource = make_resource(name="Garage")
    index(resource)
    Resource.objects.filter(pk=resource.pk).update(**hiding)
    index(resource)
    assert found("garage") == []
    assert packed_documents([resource.pk]) == {}


def test_what_does_not_exist_any_more_goes() -> None:
    resource = make_resource(name="Garage")
    index(resource)
    pk = resource.pk
    resource.delete()
    services.index_resources(resource_ids=[pk])
    assert found("garage") == []


def test_the_same_hours_have_the_same_key() -> None:
    first, second = make_resource(hours=NINE_TO_FIVE), make_resource(hours=NINE_TO_FIVE)
    other, unknown = make_resource(hours={0: [("00:00", "00:00")]}), make_resource()
    index(first, second, other, unknown)
    keys = dict(ResourceSearch.objects.values_list("pk", "schedule"))
    assert keys[first.pk] == keys[second.pk] != keys[other.pk]
    assert keys[unknown.pk] is None
    assert SearchSchedule.objects.count() == 2
    open_now = EngineQuery(filters=Filters(schedules=(keys[other.pk] or 0,)))
    assert [place.id for place in engine().search(open_now).places] == [other.pk]


def test_quality_is_what_an_entry_tells() -> None:
    assert sum(WEIGHTS.values()) == 100
    bare, city = make_resource(name="Nu"), make_city()
    full = make_resource(
        name="Complet", description_fr="Texte", description_en="Text", hours=NINE_TO_FIVE, latitude=4, longitude=9, city=city,
        quarter=make_quarter(city=city), address_line1="Rue", landmark_en="Gate", attributes=["wifi"],
        images=[{"external_url": "https://pictures.example/1.jpg"}],
        contacts=[{"kind": "phone", "value": "+237677123456"}, {"kind": "email", "value": "a@example.cm"},
                  {"kind": "website", "value": "https://example.cm/"}],
    )  # fmt: skip
    index(bare, full)
    assert dict(ResourceSearch.objects.values_list("pk", "quality")) == {bare.pk: 0, full.pk: 100}


def test_packed_rows_are_for_the_ranking() -> None:
    resource = make_resource(name="Garage", latitude=4.05, longitude=9.7, plan="premium")
    index(resource)
    row = packed_documents([resource.pk, uuid.uuid4()])[resource.pk]
    assert (row.plan_rank, row.published_at, row.latitude, row.longitude, row.city) == (1, AT, 4.05, 9.7, None)
    assert packed_documents([]) == {}


def test_a_renamed_place_and_category_find_their_entries(django_capture_on_commit_callbacks: Committing) -> None:
    root = make_category(name_fr="Santé")
    city = make_city(name_fr="Douala")
    resource = make_resource(name="Garage", category=make_category(parent=root), city=city)
    index(resource)
    city.aliases, root.name_fr = ["Cité"], "Bien-être"
    with django_capture_on_commit_callbacks(execute=True):
        save_place(place=city)
        save_category(category=root)
    assert found("cite") == found("bien", "etre") == [resource.pk]
    assert found("sante") == []
