"""What an entry still lacks, and what it would bring."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.catalog.choices import ResourceType
from apps.catalog.models import Resource
from apps.catalog.selectors.completeness import WANTS, completeness, completeness_of
from apps.catalog.tests.factories import make_city, make_resource

pytestmark = pytest.mark.django_db
LONG = "Une description qui dit assez de ce que l’on trouve ici, pour qui, à quel prix, et comment y venir depuis le grand carrefour."
FULL: dict[str, dict[str, Any]] = {
    "business": {
        "contacts": [{"kind": "phone", "value": "+237670000000", "is_whatsapp": True}, {"kind": "website", "value": "https://wouri.example/"}],
        "hours": {1: [("08:00", "18:00")]}, "holiday_policy": "closed", "latitude": 4.05, "longitude": 9.7, "landmark_fr": "Face au pont",
        "images": [{"external_url": f"https://wouri.example/{n}.jpg", "is_primary": n == 0} for n in range(3)],
        "attributes": ["parking"], "profile": {"price_min_xaf": 500},
    },
    "service": {
        "contacts": [{"kind": "phone", "value": "+237670000000"}, {"kind": "website", "value": "https://wouri.example/"}],
        "hours": {1: [("08:00", "18:00")]}, "latitude": 4.05, "longitude": 9.7, "address_line1": "Rue Joffre", "attributes": ["parking"],
        "profile": {"fee_min_xaf": 0, "documents_fr": ["Acte de naissance"], "delay_fr": "48 heures"},
    },
    "data": {
        "profile": {"publisher": "Météo", "licence": "CC BY 4.0", "download_url": "https://wouri.example/x.csv", "formats": ["CSV"],
                    "temporal_start": 1990},
    },
    "api": {
        "profile": {"provider": "Paie", "documentation_url": "https://paie.example/", "formats": ["JSON"], "endpoints": [{"method": "GET"}],
                    "sample_request": "curl https://paie.example/", "quota_fr": "1 000 appels"},
    },
}  # fmt: skip


def make_full(kind: str) -> Resource:
    resource: Resource = make_resource(resource_type=kind, description_fr=LONG, description_en=LONG, **FULL[kind])
    return resource


@pytest.mark.parametrize("kind", ResourceType.values)
def test_it_works(kind: str) -> None:
    """Nothing but a name is nearly nothing; everything is a hundred, and nothing is left to do."""
    bare, full = completeness(make_resource(resource_type=kind)), completeness(make_full(kind))
    assert bare.percent == 0
    assert [step.is_done for step in bare.steps] == [False] * len(bare.steps)
    assert (full.percent, full.missing) == (100, [])


@pytest.mark.parametrize("kind", ResourceType.values)
def test_weights_of_a_type_sum_to_a_hundred(kind: str) -> None:
    assert sum(want.weights[kind] for want in WANTS) == 100
    assert len({want.key for want in WANTS}) == len(WANTS)


def test_the_most_worth_is_the_next_action() -> None:
    found = completeness(make_resource(latitude=4.05, longitude=9.7))
    assert found.percent == 12
    gains = [step.gain for step in found.missing]
    assert found.missing[0].key == "phone"
    assert gains == sorted(gains, reverse=True)
    assert [step.key for step in found.steps if step.is_done] == ["position"]
    assert found.percent + sum(gains) == 100


def test_what_is_broken_or_too_short_does_not_count() -> None:
    short = make_resource(description_fr="Court.", images=[{"external_url": "https://wouri.example/1.jpg", "state": "failed"}])
    assert {"description", "picture"} <= {step.key for step in completeness(short).missing}


def test_statements_do_not_grow(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    full, city = make_full("business"), make_city()
    with django_assert_num_queries(2):
        completeness(full)
    many = [make_resource(city=city) for _number in range(5)] + [full, make_full("data")]
    with django_assert_num_queries(3):
        found = completeness_of(many)
    assert [found[one.pk].percent for one in many] == [0] * 5 + [100, 100]
    with django_assert_num_queries(0):
        assert completeness_of([]) == {}


def test_a_deleted_row_is_judged_by_what_is_left(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    resource = make_resource(deleted_at=dt.datetime(2026, 11, 26, tzinfo=dt.UTC))
    Resource.objects.filter(pk=resource.pk).delete()
    with django_assert_num_queries(2):
        assert completeness(resource).percent == 0
