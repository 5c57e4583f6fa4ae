"""Entries by the thousand: what is written of new ones without reading them back is what reading them back would give."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import transaction

from apps.catalog.cards import find_stale_cards
from apps.catalog.choices import Status
from apps.catalog.models import ResourceCard
from apps.catalog.services.bulk import GatheredEntry, ToldField, announce_entries, create_entries
from apps.catalog.tests.factories import AT, make_category, make_city, make_country, make_quarter
from apps.core.ids import uuid7

pytestmark = pytest.mark.django_db
ELSEWHERE = AT.astimezone(dt.timezone(dt.timedelta(hours=1)))
EIGHT, NOON, TWO, SIX = dt.time(8), dt.time(12, 30), dt.time(14), dt.time(18)


def entry(**fields: Any) -> GatheredEntry:
    make_country()
    values = {
        "id": uuid7(), "source": "osm", "source_id": "node/1", "name": "Pharmacie du Marché", "category_id": make_category().pk,
        "status": Status.ACTIVE, "content_hash": b"0123456789abcdef", **fields,
    }  # fmt: skip
    return GatheredEntry(**values)


def create(*entries: GatheredEntry, at: dt.datetime = AT) -> list[uuid.UUID]:
    ids = [one.id for one in entries]
    with transaction.atomic():
        announce_entries(ids, key="osm", created=create_entries(entries, at=at))
    return ids


def told(field: str, observed_at: dt.datetime = AT) -> ToldField:
    return ToldField(field, "osm", "https://osm.example/1", "", observed_at, 0.7)


def cards_of(ids: list[uuid.UUID]) -> set[uuid.UUID]:
    return set(ResourceCard.objects.filter(resource__in=ids).values_list("resource_id", flat=True))


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="bare"),
        pytest.param(
            {"name": 'Bo\u200d\x85« <É> »\\"', "name_en": "Market", "description_fr": "Un.\n\nDeux.", "po_box": "BP 1"}, id="texts"
        ),
        pytest.param({"latitude": 4.0512345, "longitude": 9.70000001}, id="position"),
        pytest.param({"attributes": ["wifi", "cash"], "operating_status": "temporarily_closed", "resource_type": "service"}, id="offers"),
        pytest.param({"metadata": {"import": {"zz": 1.0, "a": [1e22, 1e-7, "x"], "bb": {"y": None, "x": True}, "é": "\u2028"}}}, id="json"),
        pytest.param(
            {
                "contacts": [
                    ("phone", ["+237699000001", "+237699000002"]), ("email", ["a@b.cm"]), ("website", ["https://b.cm", "https://c.cm"]),
                ],
                "whatsapp": ["+237699000002"],
            },
            id="contacts",
        ),
        pytest.param({"hours": {3: ((TWO, SIX), (EIGHT, NOON)), 0: (), 1: ((SIX, EIGHT),)}}, id="week"),
        pytest.param({"hours": {day: ((dt.time(0), dt.time(0)),) for day in range(7)}}, id="always"),
        pytest.param(
            {"provenance": [told(name) for name in ("position", "po_box", "phone", "name_en", "name", "description_en")]}, id="provenance"
        ),
        pytest.param({"provenance": [told("name", ELSEWHERE)]}, id="provenance_elsewhere"),
    ],
)  # fmt: skip
def test_it_works(fields: dict[str, Any]) -> None:
    quarter = make_quarter()
    ids = create(entry(**fields), entry(**fields, city_id=make_city().pk), entry(**fields, city_id=quarter.city_id, quarter_id=quarter.pk))
    assert cards_of(ids) == set(ids)
    assert find_stale_cards(ids) == []


def test_the_time_may_be_told_in_any_zone() -> None:
    assert find_stale_cards(create(entry(), at=ELSEWHERE)) == []


def test_what_is_not_public_has_no_card() -> None:
    shown, *hidden = create(entry(), entry(status=Status.PENDING), entry(livemode=False))
    assert cards_of([shown, *hidden]) == {shown}
    assert find_stale_cards([shown, *hidden]) == []
