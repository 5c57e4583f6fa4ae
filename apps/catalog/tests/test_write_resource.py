"""Creating, changing and deleting entries over HTTP."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import User
from apps.catalog.models import Resource, ResourceCard, SlugHistory
from apps.catalog.services import deletion, moderation, reference
from apps.core.clock import now

LIST = "/api/v1/api-resources"


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:  # noqa: ARG001  the fixture opens the database
    reference.load_reference()


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner@example.com", "a long password", name="Owner")


@pytest.fixture
def stranger() -> User:
    return User.objects.create_user("stranger@example.com", "a long password", name="Stranger")


def logged_in(user: User, *, csrf: bool = False) -> Client:
    """A browser with the user's session."""
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(user)
    return client


def body(**members: Any) -> dict[str, Any]:
    """A good entry."""
    return {"name": "Pharmacie du Test", "category": "pharmacies", "city": "douala", "quarter": "Akwa", **members}


def send(client: Client, method: str, path: str, data: object, **headers: str) -> Any:
    """A JSON request; text is sent as it is."""
    raw = data if isinstance(data, str | bytes) else json.dumps(data)
    return client.generic(method, path, raw, content_type="application/json", headers=headers)


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer, checked."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    value: dict[str, Any] = json.loads(response.content)
    assert (value["status"], value["code"]) == (status, code)
    assert value["request_id"]
    assert value["detail"]
    return value


def create(user: User, **members: Any) -> dict[str, Any]:
    """An entry of this user, published."""
    response = send(logged_in(user), "POST", LIST, body(**members))
    assert response.status_code == 201, response.content
    value: dict[str, Any] = json.loads(response.content)
    moderation.publish_resource(resource_id=value["id"], actor=None, reason="complete", at=now())
    return value


def tag_of(client: Client, entry: dict[str, Any]) -> str:
    """The present ETag."""
    return str(client.get(f"{LIST}/{entry['id']}")["ETag"])


def test_it_works(owner: User) -> None:
    client = logged_in(owner)
    made = send(client, "POST", LIST, body(phone="6 99 00 00 01", description="Ouverte le <b>dimanche</b>", profile={"founded_year": 2001}))
    assert made.status_code == 201
    entry = json.loads(made.content)
    assert made["Location"].endswith(f"{LIST}/{entry['id']}")
    assert (entry["slug"], entry["status"], entry["phone"], entry["city"]["name"]) == (
        "pharmacie-du-test", "pending", "+237699000001", "Douala",
    )  # fmt: skip
    assert entry["description"] == "Ouverte le dimanche"
    assert entry["profile"]["founded_year"] == 2001
    assert not ResourceCard.objects.exists(), "not public before moderation"
    changed = send(client, "PATCH", f"{LIST}/{entry['id']}", {"name": "Pharmacie Neuve"}, **{"If-Match": made["ETag"]})
    assert changed.status_code == 200, changed.content
    assert json.loads(changed.content)["version"] == 2
    gone = send(client, "DELETE", f"{LIST}/{entry['id']}", "", **{"If-Match": changed["ETag"]})
    assert gone.status_code == 204
    assert Resource.objects.get().deleted_at is not None


def test_what_turns_writing_around_is_left_out(owner: User) -> None:
    """Else one name could show another."""
    made = send(logged_in(owner), "POST", LIST, body(name="Pharm\u202eacie\u200b du\u2066 Test", landmark="Face\u202d au marché"))
    assert (made.json()["name"], made.json()["landmark"]) == ("Pharmacie du Test", "Face au marché")


def test_nobody_and_strangers_change_nothing(owner: User, stranger: User) -> None:
    entry = create(owner)
    path = f"{LIST}/{entry['id']}"
    for client, status, code in ((Client(), 401, "authentication_required"), (logged_in(stranger), 403, "permission_refused")):
        for method in ("PATCH", "PUT", "DELETE"):
            problem(send(client, method, path, body(), **{"If-Match": "*"}), status, code)
    problem(send(Client(), "POST", LIST, body()), 401, "authentication_required")
    assert Resource.objects.get().version == Resource.objects.get().version
    moderation.suspend_resource(resource_id=entry["id"], actor=None, reason="other", at=now())
    problem(send(logged_in(stranger), "PATCH", path, {}, **{"If-Match": "*"}), 404, "not_found")


def test_a_session_needs_its_csrf_token(owner: User) -> None:
    problem(send(logged_in(owner, csrf=True), "POST", LIST, body()), 403, "csrf_failed")
    assert not Resource.objects.exists()


def test_a_lost_update_is_refused(owner: User) -> None:
    entry = create(owner)
    client, path = logged_in(owner), f"{LIST}/{entry['id']}"
    problem(send(client, "PATCH", path, {"name": "A"}), 428, "precondition_required")
    old = tag_of(client, entry)
    assert send(client, "PATCH", path, {"name": "Premier"}, **{"If-Match": old}).status_code == 200
    problem(send(client, "PATCH", path, {"name": "Second"}, **{"If-Match": old}), 412, "precondition_failed")
    assert Resource.objects.get().name == "Premier"


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_exactly_one_wins(owner: User) -> None:
    entry = create(owner)
    path, statuses = f"{LIST}/{entry['id']}", []
    tag = tag_of(logged_in(owner), entry)

    def change(name: str) -> None:
        try:
            statuses.append(send(logged_in(owner), "PATCH", path, {"name": name}, **{"If-Match": tag}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(f"Nom {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412, 412, 412]


def test_null_clears_and_absent_keeps(owner: User) -> None:
    entry = create(owner, phone="6 99 00 00 01", website="example.com", address_line1="Rue 1")
    client, path = logged_in(owner), f"{LIST}/{entry['id']}"
    value = json.loads(send(client, "PATCH", path, {"phone": None, "address_line1": None}, **{"If-Match": "*"}).content)
    assert (value["phone"], value["address_line1"], value["website"]) == (None, "", "http://example.com")
    value = json.loads(send(client, "PUT", path, body(name="Entier"), **{"If-Match": "*"}).content)
    assert (value["name"], value["website"], value["contacts"]) == ("Entier", None, [])


def test_a_change_that_changes_nothing_keeps_the_version(owner: User) -> None:
    entry = create(owner)
    client = logged_in(owner)
    before = Resource.objects.get().version
    assert send(client, "PATCH", f"{LIST}/{entry['id']}", {"name": "Pharmacie du Test"}, **{"If-Match": "*"}).status_code == 200
    assert Resource.objects.get().version == before


def test_a_new_name_moves_the_address_and_the_old_one_redirects(owner: User) -> None:
    entry = create(owner)
    send(logged_in(owner), "PATCH", f"{LIST}/{entry['id']}", {"name": "Pharmacie Neuve"}, **{"If-Match": "*"})
    assert SlugHistory.objects.get().slug == "pharmacie-du-test"
    moved = Client().get(f"{LIST}/pharmacie-du-test")
    assert moved.status_code == 301
    assert moved["Location"].endswith("/pharmacie-neuve")


def test_the_same_name_and_a_reserved_one_get_another_address(owner: User) -> None:
    first, second, reserved = create(owner), create(owner), create(owner, name="Ingest")
    assert first["slug"] == "pharmacie-du-test"
    assert second["slug"].startswith("pharmacie-du-test-")
    assert reserved["slug"].startswith("ingest-")


def test_an_idempotency_key_makes_one_entry(owner: User) -> None:
    client = logged_in(owner)
    first = send(client, "POST", LIST, body(), **{"Idempotency-Key": '"k-1"'})
    again = send(client, "POST", LIST, body(), **{"Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.content == again.content
    assert Resource.objects.count() == 1
    problem(send(client, "POST", LIST, body(name="Autre"), **{"Idempotency-Key": "k-1"}), 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("members", "pointer", "code"),
    [
        ({"name": ""}, "/name", "required"),
        ({"name": "<script>alert(1)</script>"}, "/name", "html"),
        ({"name": "x" * 201}, "/name", "too_long"),
        ({"name": 7}, "/name", "not_a_string"),
        ({"category": "licornes"}, "/category", "unknown_category"),
        ({"city": "atlantide"}, "/city", "unknown_city"),
        ({"city": None}, "/quarter", "city_required"),
        ({"quarter": "Bastos"}, "/quarter", "unknown_quarter"),
        ({"latitude": 0, "longitude": 0}, "/latitude", "position_zero"),
        ({"latitude": 9.7, "longitude": 4.05}, "/latitude", "position_swapped"),
        ({"latitude": 48.8, "longitude": 2.3}, "/latitude", "position_outside"),
        ({"latitude": 4.05}, "/latitude", "invalid_position"),
        ({"phone": "12"}, "/phone", "phone_invalid"),
        ({"email": "moi"}, "/email", "email_invalid"),
        ({"website": "javascript:alert(1)"}, "/website", "website_invalid"),
        ({"attributes": ["teleport"]}, "/attributes", "unknown_value"),
        ({"resource_type": "licorne"}, "/resource_type", "unknown_value"),
        ({"profile": {"wings": 2}}, "/profile/wings", "unknown_member"),
        ({"profile": {"price_min_xaf": 9, "price_max_xaf": 1}}, "/profile/price_max_xaf", "out_of_order"),
        ({"metadata": {"a": "x" * 20_000}}, "/metadata", "too_long"),
        ({"colour": "red"}, "/colour", "unknown_member"),
    ],
)
def test_bad_members_are_named(owner: User, members: dict[str, Any], pointer: str, code: str) -> None:
    for language in ("fr", "en"):
        response = send(logged_in(owner), "POST", f"{LIST}?lang={language}", body(**members))
        errors = problem(response, 422, "validation_failed")["errors"]
        assert (pointer, code) in {(error["pointer"], error["code"]) for error in errors}
        assert response["Content-Language"] == language
    assert not Resource.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"{not json", b"", b'{"name": "\xff"}', b'{"name": NaN}', b'{"name": "a", "name": "b"}', b'{"name": "\\u0000"}', b"[" * 5000,
        b'{"latitude": 1' + b"0" * 400 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_is_not_json_is_a_clear_error(owner: User, raw: bytes) -> None:
    response = send(logged_in(owner), "POST", LIST, raw)
    assert response.status_code in {400, 422}, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert not Resource.objects.exists()


def test_other_types_sizes_and_methods_are_refused(owner: User) -> None:
    client = logged_in(owner)
    problem(client.post(LIST, "a=b", content_type="text/csv"), 415, "unsupported_media_type")
    problem(client.post(LIST, b"{" + b" " * 3_000_000 + b"}", content_type="application/json"), 413, "body_too_large")
    assert problem(client.generic("DELETE", LIST), 405, "method_not_allowed")
    assert "POST" in client.generic("DELETE", LIST)["Allow"]


def test_what_only_the_server_decides_is_ignored(owner: User) -> None:
    entry = json.loads(send(logged_in(owner), "POST", LIST, body(status="active", plan="featured", verified=True, id="x")).content)
    assert (entry["status"], entry["plan"], entry["verified"]) == ("pending", "free", False)


def test_the_alias_makes_businesses_only(owner: User) -> None:
    client = logged_in(owner)
    assert json.loads(send(client, "POST", "/api/businesses", body()).content)["resource_type"] == "business"
    problem(send(client, "POST", "/api/businesses", body(resource_type="api")), 422, "validation_failed")


def test_a_deleted_entry_is_gone_and_can_be_restored(owner: User) -> None:
    entry = create(owner)
    client = logged_in(owner)
    send(client, "DELETE", f"{LIST}/{entry['id']}", "", **{"If-Match": "*"})
    problem(Client().get(f"{LIST}/{entry['id']}"), 410, "gone")
    problem(send(client, "PATCH", f"{LIST}/{entry['id']}", {}, **{"If-Match": "*"}), 410, "gone")
    deletion.restore_resource(resource_id=entry["id"], at=now())
    assert Client().get(f"{LIST}/{entry['id']}").status_code == 200
