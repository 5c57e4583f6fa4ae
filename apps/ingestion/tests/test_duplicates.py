"""Which entries new records speak of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import Category, Resource
from apps.catalog.tests.factories import make_category, make_city, make_resource
from apps.core.clock import now
from apps.ingestion.choices import Outcome, SourceKind, Verdict
from apps.ingestion.models import MatchKey
from apps.ingestion.selectors import duplicates
from apps.ingestion.selectors.duplicates import stored_candidates, verdicts
from apps.ingestion.services import batches
from apps.ingestion.services.arrivals import Row
from apps.ingestion.services.match_keys import refresh_match_keys
from apps.ingestion.steps.record import CleanRecord
from apps.ingestion.tests.factories import make_source, place

pytestmark = pytest.mark.django_db


def stored(name: str = "Pharmacie du Soleil Levant", **fields: Any) -> Resource:
    category = Category.objects.filter(slug="pharmacies").first() or make_category(slug="pharmacies")
    resource = make_resource(name=name, category=category, **{"latitude": "3.8701", "longitude": "11.5152", **fields})
    refresh_match_keys([resource.pk])
    return resource


def record(name: str = "Phcie Soleil Levant", **fields: Any) -> CleanRecord:
    return CleanRecord(name=name, **{"raw_category": "amenity=pharmacy", "latitude": 3.8703, "longitude": 11.5152, **fields})


def test_it_works() -> None:
    resource = stored()

    [same, other] = verdicts([record(), record("Pharmacie des Palmiers", latitude=3.8851)], livemode=True)

    assert same is not None
    assert same.verdict == Verdict.SAME
    assert same.resource_id == resource.pk
    assert same.batch_index is None
    assert same.reasons
    assert other is None


def test_test_records_match_nothing_and_nothing_matches_them() -> None:
    stored()
    hidden = stored("Pharmacie du Couchant", livemode=False)

    assert verdicts([record()], livemode=False) == [None]
    assert verdicts([record("Pharmacie du Couchant")], livemode=True) == [None]
    assert not MatchKey.objects.filter(resource=hidden).exists()


def test_records_of_one_call_find_each_other_and_what_the_first_one_is() -> None:
    found = verdicts([record(), record("Pharmacie Soleil Levant"), record("PHARMACIE DU SOLEIL LEVANT")], livemode=True)

    assert found[0] is None
    assert [match and (match.verdict, match.batch_index) for match in found[1:]] == [(Verdict.SAME, 0), (Verdict.SAME, 0)]

    resource = stored()
    found = verdicts([record(), record("Pharmacie Soleil Levant")], livemode=True)

    assert [match and match.resource_id for match in found] == [resource.pk, resource.pk]


def test_what_was_deleted_is_found_and_what_is_excluded_is_not() -> None:
    resource = stored()
    Resource.objects.filter(pk=resource.pk).update(deleted_at=resource.created_at)

    [match] = verdicts([record()], livemode=True)

    assert match is not None
    assert match.resource_id == resource.pk
    assert verdicts([record()], livemode=True, exclude=[resource.pk]) == [None]


def test_a_record_without_position_is_found_by_its_town_or_phone() -> None:
    city = make_city()
    resource = stored("Pharmacie des Palétuviers", city=city)

    [match] = verdicts([record("PALETUVIERS des", latitude=None, longitude=None, city_id=str(city.pk))], livemode=True)

    assert match is not None
    assert match.resource_id == resource.pk


def test_keys_follow_the_entry() -> None:
    resource = stored()
    Resource.objects.filter(pk=resource.pk).update(name="Pharmacie Bellevue")
    refresh_match_keys([resource.pk])

    assert verdicts([record()], livemode=True) == [None]
    assert verdicts([record("Pharmacie Bellevue")], livemode=True)[0] is not None


@pytest.mark.usefixtures("reference")
def test_first_keys_are_those_that_would_be_read_back() -> None:
    records = [
        place(1), place(2, email="info@palmier.cm", website="https://palmier.cm/", name_en="Palm Tree Pharmacy"),
        place(3, category="nothing we know"), place(4, city="", quarter="", lat=None, lon=None), place(5, name="Bar; Chez Paul"),
        place(6, extra={"alt_name": "Le Palmier; Au Palmier"}), place(7, city="Yaoundé", quarter="", lat=None, lon=None),
        place(8, name="Express Union"), place(9, name="Voilà l'hôtel de la Gare", category="tourism=hotel", phone="699112233 / 677889900"),
        # One place of two records.
        place(10, source="first"), place(10, source="second", email="place@example.cm"),
    ]  # fmt: skip
    rows = [Row(index, json.dumps(one).encode()) for index, one in enumerate(records)]
    _batch, items = batches.take_now(source=make_source(kind=SourceKind.FILE), rows=rows, at=now(), sent_by="test")
    assert [item.outcome for item in items] == [Outcome.CREATED] * 10 + [Outcome.MERGED]
    written = set(MatchKey.objects.values_list("resource_id", "key"))

    assert refresh_match_keys(Resource.objects.values_list("pk", flat=True)) == 10
    assert set(MatchKey.objects.values_list("resource_id", "key")) == written
    assert {resource_id for resource_id, _key in written} == set(Resource.objects.values_list("pk", flat=True))


def test_keys_end_with_their_entry_and_one_left_behind_finds_nothing() -> None:
    stored().delete()
    assert not MatchKey.objects.exists()

    resource = stored()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM resource_card WHERE resource_id = %s", [resource.pk])
        cursor.execute("DELETE FROM api_resources WHERE id = %s", [resource.pk])

    assert MatchKey.objects.filter(resource_id=resource.pk).exists()
    assert verdicts([record()], livemode=True) == [None]


def test_the_number_of_statements_does_not_grow() -> None:
    stored()
    counts = []
    for size in (1, 60):
        with CaptureQueriesContext(connection) as queries:
            verdicts([record(f"Pharmacie numéro {index}", latitude=3.5 + index / 100) for index in range(size)], livemode=True)
        counts.append(len(queries))

    assert counts == [3, 3]


def test_no_record_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert verdicts([], livemode=True) == []
    assert len(queries) == 0


def test_of_many_candidates_the_oldest_of_each_key_and_those_that_share_most_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_PER_KEY", 3)
    monkeypatch.setattr(duplicates, "_PER_RECORD", 2)
    oldest, middle, younger, youngest = sorted(make_resource().pk for _ in range(4))
    MatchKey.objects.bulk_create(
        MatchKey(key=key, resource_id=pk)
        for key, pk in [(1, oldest), (1, middle), (1, younger), (1, youngest), (2, younger), (3, youngest), (4, youngest)]
    )

    found = stored_candidates([[1, 2], [1], [3, 4], [5]])

    assert found == {0: [younger, oldest], 1: [oldest, middle], 2: [youngest]}
