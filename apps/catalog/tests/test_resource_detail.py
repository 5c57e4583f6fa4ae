"""GET of one entry and of its parts."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client

from apps.accounts.models import User
from apps.catalog.cards import write_cards
from apps.catalog.models import Resource, SlugHistory
from apps.catalog.tests.factories import AT, make_resource, make_user
from apps.core.process_cache import clear_process_caches

pytestmark = pytest.mark.django_db

PATH = "/api/v1/api-resources"


@pytest.fixture
def owner() -> User:
    return make_user()


def get(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200, response.content
    return response.json()


def problem(client: Client, path: str, status: int) -> Any:
    response = client.get(path)
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "private, no-store"
    return response.json()


def test_it_works(client: Client) -> None:
    resource = make_resource(
        name="Pharmacie du Marché",
        description_fr="Pharmacie de quartier. Ouverte tard.",
        hours={2: [("08:00", "12:30"), ("14:00", "18:00")], 0: []},
        contacts=[{"kind": "phone", "value": "+237670000001", "is_whatsapp": True, "is_primary": True}],
        profile={"legal_form": "SARL"},
    )
    by_id = get(client, f"{PATH}/{resource.pk}")
    assert by_id == get(client, f"{PATH}/{resource.slug}") == get(client, f"/api/businesses/{resource.pk}")
    assert by_id["description"] == "Pharmacie de quartier. Ouverte tard."
    assert by_id["phone"] == by_id["whatsapp"] == "+237670000001"
    assert by_id["profile"]["legal_form"] == "SARL"
    assert by_id["hours"][0] == {"day_of_week": 0, "open_time": None, "close_time": None, "is_closed": True}
    assert by_id["links"] == {"html": f"/fr/fiche/{resource.slug}/"}
    assert set(by_id["open_status"]) == {"state", "next_change", "as_of"}


def test_it_is_one_statement(client: Client, django_assert_num_queries: Any) -> None:
    resource = make_resource()
    get(client, f"{PATH}/{resource.pk}")
    for key in (resource.pk, resource.slug):
        with django_assert_num_queries(1):
            get(client, f"{PATH}/{key}")


def test_headers_and_conditions(client: Client) -> None:
    resource = make_resource(version=7)
    response = client.get(f"{PATH}/{resource.pk}")
    assert response["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"
    assert response["ETag"].startswith('"7-')
    known = client.get(f"{PATH}/{resource.pk}", headers={"If-None-Match": response["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert client.get(f"{PATH}/{resource.pk}?lang=en", headers={"If-None-Match": response["ETag"]}).status_code == 200
    Resource.objects.filter(pk=resource.pk).update(version=8)
    write_cards([resource.pk])
    assert client.get(f"{PATH}/{resource.pk}", headers={"If-None-Match": response["ETag"]}).status_code == 200


def test_the_etag_moves_with_the_open_status(client: Client) -> None:
    resource = make_resource(hours={2: [("08:00", "12:00")]})
    tags: list[str] = []
    for hour in (9, 9, 13):
        with time_machine.travel(dt.datetime(2026, 11, 24, hour - 1, 30 + len(tags), tzinfo=dt.UTC), tick=False):
            tags.append(client.get(f"{PATH}/{resource.pk}")["ETag"])
    assert tags[0] == tags[1] != tags[2]


def test_fields(client: Client) -> None:
    resource = make_resource(name="Elle")
    assert get(client, f"{PATH}/{resource.pk}?fields=name,open_status").keys() == {"name", "open_status"}
    assert problem(client, f"{PATH}/{resource.pk}?fields=couleur", 400)["code"] == "invalid_parameter"
    assert problem(client, f"{PATH}/{resource.pk}?couleur=rouge", 400)["code"] == "invalid_parameter"


@pytest.mark.parametrize("key", ["inconnue", "9a05b47e-650f-437c-9883-f7021ae21ba1", "0192-zzzz", "é", "%00", "a" * 300, "0" * 36, "a'b"])
def test_what_does_not_exist(client: Client, key: str) -> None:
    assert problem(client, f"{PATH}/{key}", 404)["code"] == "not_found"
    assert problem(client, f"{PATH}/{key}/hours", 404)["code"] == "not_found"


def test_the_alias_knows_businesses_only(client: Client) -> None:
    resource = make_resource(resource_type="service")
    assert problem(client, f"/api/v1/businesses/{resource.pk}", 404)["code"] == "not_found"


def test_a_former_address_redirects(client: Client) -> None:
    resource = make_resource()
    SlugHistory.objects.create(slug="ancienne", resource=resource, created_at=AT)
    for path in ("/api/v1/api-resources/ancienne", "/api/api-resources/ancienne/hours"):
        response = client.get(f"{path}?lang=en")
        assert response.status_code == 301
        assert response["Location"] == f"{path.replace('ancienne', resource.slug)}?lang=en"
    Resource.objects.filter(pk=resource.pk).update(status="suspended")
    write_cards([resource.pk])
    assert problem(client, f"{PATH}/ancienne", 404)["code"] == "not_found"


def test_a_deleted_entry_is_gone(client: Client) -> None:
    resource = make_resource(deleted_at=AT)
    never_public = make_resource(deleted_at=AT, status="pending", published_at=None)
    SlugHistory.objects.create(slug="ancienne", resource=resource, created_at=AT)
    for key in (resource.pk, resource.slug, "ancienne"):
        assert problem(client, f"{PATH}/{key}", 410)["code"] == "gone"
    assert problem(client, f"{PATH}/{never_public.pk}", 404)["code"] == "not_found"


@pytest.mark.parametrize("state", [{"status": "pending", "published_at": None}, {"status": "suspended"}, {"livemode": False}])
def test_owner_and_staff_see_what_is_not_public(client: Client, owner: User, state: dict[str, Any]) -> None:
    resource = make_resource(name="Cachée", user=owner, **state)
    for key in (resource.pk, resource.slug):
        assert problem(client, f"{PATH}/{key}", 404)["code"] == "not_found"
    client.force_login(make_user())
    assert problem(client, f"{PATH}/{resource.pk}", 404)["code"] == "not_found"
    for user in (owner, make_user(is_staff=True)):
        client.force_login(user)
        for key in (resource.pk, resource.slug):
            response = client.get(f"{PATH}/{key}")
            assert response.status_code == 200
            assert response["Cache-Control"] == "private, no-store"
            assert response["ETag"].startswith('"1-')
            assert response.json()["name"] == "Cachée"
        assert client.get(f"{PATH}/{resource.pk}/hours")["Cache-Control"] == "private, no-store"


def test_a_reader_of_today_sees_an_edit_after_the_cache(client: Client, settings: Any) -> None:
    settings.CARD_CACHE_S = 60
    resource = make_resource(name="Avant")
    path = f"{PATH}/{resource.pk}"
    assert get(client, path)["name"] == "Avant"
    Resource.objects.filter(pk=resource.pk).update(name="Après", version=2)
    write_cards([resource.pk])
    assert get(client, path)["name"] == "Avant"
    clear_process_caches()
    assert get(client, path)["name"] == "Après"


def test_hours(client: Client) -> None:
    resource = make_resource(
        hours={1: [("08:00", "12:30"), ("14:00", "18:00")], 2: [("22:00", "04:00")]},
        special_days={dt.date(2026, 12, 25): []},
        holiday_policy="closed",
    )
    found = get(client, f"{PATH}/{resource.pk}/hours")
    first = found["hours"][0]
    assert uuid.UUID(first.pop("id"))
    assert first == {
        "business_id": str(resource.pk),
        "day_of_week": 1,
        "open_time": "08:00",
        "close_time": "12:30",
        "is_closed": False,
    }
    assert found["special_days"][0]["date"] == "2026-12-25"
    assert (found["hours_kind"], found["holiday_policy"], found["version"]) == ("weekly", "closed", 1)
    assert found["osm"] == "Mo 08:00-12:30,14:00-18:00; Tu 22:00-04:00; We-Su off; PH off"
    assert found["open_status"]["state"] in {"open", "closed"}


def test_what_is_read_of_hours_can_be_sent_back(client: Client, owner: User) -> None:
    resource = make_resource(user=owner, hours={2: [("22:00", "04:00")], 0: []}, special_days={dt.date(2026, 12, 25): [("09:00", "12:00")]})
    client.force_login(owner)
    path = f"{PATH}/{resource.pk}/hours"
    before = get(client, path)
    sent = client.put(path, before, content_type="application/json", headers={"If-Match": '"1"'})
    assert sent.status_code == 200, sent.content
    after = get(client, path)
    assert after["version"] == 2
    for name in ("hours", "special_days"):
        assert [row | {"id": None} for row in after[name]] == [row | {"id": None} for row in before[name]]


def test_images(client: Client, owner: User) -> None:
    sizes = {"320": {"file": "r/a-320.webp", "height": 200, "bytes": 1}, "960": {"file": "r/a-960.webp", "height": 600, "bytes": 2}}
    resource = make_resource(
        user=owner,
        images=[
            {"file": "originals/a", "renditions": sizes, "alt_text": "Façade", "is_primary": True},
            {"file": "originals/b", "state": "pending"},
        ],
    )
    shown = get(client, f"{PATH}/{resource.pk}/images")
    assert shown["has_more"] is False
    (image,) = shown["data"]
    assert image["url"] == "/media/r/a-960.webp"
    assert image["srcset"] == "/media/r/a-320.webp 320w, /media/r/a-960.webp 960w"
    assert (image["alt_text"], image["is_primary"], image["order_index"], image["width"]) == ("Façade", True, 0, 960)
    assert image["business_id"] == str(resource.pk)
    assert get(client, f"{PATH}/{resource.pk}")["image"]["url"] == image["url"]
    client.force_login(owner)
    waiting = get(client, f"{PATH}/{resource.pk}/images")["data"][1]
    assert (waiting["url"], waiting["state"]) == (None, "pending")
