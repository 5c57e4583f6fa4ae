"""Keys over HTTP, and the caller's own account."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import ApiKey, User
from apps.accounts.tests.factories import log_in, make_key, make_user

pytestmark = pytest.mark.django_db
PATH = "/api/v1/auth/api-keys"


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def bearer(user: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {log_in(user).access}"}


def post(client: Client, path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    return client.post(path, body, "application/json", headers=headers)


def test_it_works(client: Client, bearer: dict[str, str], django_capture_on_commit_callbacks: Any) -> None:
    made = post(client, PATH, {"name": "Site web", "scopes": ["resources:read"], "rate_limit": 500}, bearer)
    assert made.status_code == 201, made.content
    secret, key_id = made.json()["key"], made.json()["id"]
    assert made["Location"].endswith(f"{PATH}/{key_id}")
    assert secret.startswith(made.json()["key_prefix"])
    assert secret.endswith(made.json()["last_four"])
    assert client.get("/api/v1/auth/me", headers={"X-API-Key": secret}).status_code == 200
    listed = client.get(PATH, headers=bearer)
    assert [key["name"] for key in listed.json()["data"]] == ["Site web"]
    assert secret not in listed.content.decode()
    changed = client.patch(f"{PATH}/{key_id}", {"name": "Appli", "permissions": []}, "application/json", headers=bearer)
    assert (changed.json()["name"], changed.json()["scopes"]) == ("Appli", [])
    with django_capture_on_commit_callbacks(execute=True):
        rotated = post(client, f"{PATH}/{key_id}/rotate", {"overlap": 0}, bearer)
    assert rotated.status_code == 201
    assert client.get("/api/v1/auth/me", headers={"X-API-Key": rotated.json()["key"]}).status_code == 200
    assert client.get("/api/v1/auth/me", headers={"X-API-Key": secret}).json()["code"] == "key_rotated"
    assert client.delete(f"{PATH}/{rotated.json()['id']}", headers=bearer).status_code == 204
    assert client.get(f"{PATH}/{rotated.json()['id']}", headers=bearer).json()["is_active"] is False


def test_a_repeated_request_makes_one_key_and_shows_its_secret_once(client: Client, bearer: dict[str, str]) -> None:
    headers = {**bearer, "Idempotency-Key": "abc"}
    first, again = (post(client, PATH, {"name": "Site"}, headers) for _ in range(2))
    assert first.json()["key"].startswith("romapi_live_")
    assert (again.status_code, again["Idempotent-Replayed"], again.json()["key"]) == (201, "true", None)
    assert again.json()["id"] == first.json()["id"]
    assert ApiKey.objects.count() == 1


def test_keys_are_managed_in_person(client: Client, user: User) -> None:
    key, secret = make_key(user)
    headers = {"X-API-Key": secret}
    for answer in (
        client.get(PATH, headers=headers), post(client, PATH, {"name": "Autre"}, headers), client.get(f"{PATH}/{key.pk}", headers=headers),
        client.delete(f"{PATH}/{key.pk}", headers=headers), post(client, f"{PATH}/{key.pk}/rotate", {}, headers),
        client.patch("/api/v1/auth/me", {"name": "X"}, "application/json", headers=headers),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_refused")
    assert client.get(PATH).status_code == 401


def test_a_stranger_finds_nothing(client: Client, bearer: dict[str, str]) -> None:
    key, _secret = make_key(make_user())
    for answer in (
        client.get(f"{PATH}/{key.pk}", headers=bearer), client.delete(f"{PATH}/{key.pk}", headers=bearer),
        post(client, f"{PATH}/{key.pk}/rotate", {}, bearer),
        client.patch(f"{PATH}/{key.pk}", {"name": "x"}, "application/json", headers=bearer),
    ):  # fmt: skip
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/name", "required"),
        ({"name": ""}, "/name", "blank"),
        ({"name": "a", "scopes": ["admin"]}, "/scopes", "unknown_scope"),
        ({"name": "a", "scopes": ["ingest:write"]}, "/scopes", "scope_not_allowed"),
        ({"name": "a", "rate_limit": 5000}, "/rate_limit", "out_of_range"),
        ({"name": "a", "rate_limit": "many"}, "/rate_limit", "invalid"),
        ({"name": "a", "expires_at": "2001-01-01T00:00:00Z"}, "/expires_at", "in_the_past"),
        ({"name": "a", "ip_allow": ["nowhere"]}, "/ip_allow", "invalid_address"),
        ({"name": "a", "user": "b"}, "/user", "unknown_member"),
        ({"name": "a", "scopes": ["resources:read"], "permissions": []}, "/permissions", "invalid"),
    ],
)
def test_what_breaks_a_rule_is_named(client: Client, bearer: dict[str, str], body: dict[str, Any], pointer: str, code: str) -> None:
    refused = post(client, PATH, body, bearer)
    assert refused.status_code == 422, refused.content
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in refused.json()["errors"]]


def test_me_takes_no_rights(client: Client, user: User, bearer: dict[str, str]) -> None:
    path = "/api/v1/auth/me"
    changed = client.patch(
        path, {"name": "Awa  B.", "language": "en", "plan": "enterprise", "api_quota": 9}, "application/json", headers=bearer
    )
    assert changed.status_code == 200, changed.content
    assert (changed.json()["name"], changed.json()["language"], changed.json()["plan"], changed.json()["api_quota"]) == (
        "Awa B.",
        "en",
        "free",
        1000,
    )
    for body in ({"is_staff": True}, {"password": "x"}, {"language": "de"}, {"name": ""}, {"name": "a\u202eb"}):
        assert client.patch(path, body, "application/json", headers=bearer).status_code == 422
    user.refresh_from_db()
    assert (user.is_staff, user.plan) == (False, "free")


def test_statements(client: Client, user: User, bearer: dict[str, str], django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        make_key(user)
    client.get(PATH, headers=bearer)
    with django_assert_num_queries(2):
        client.get(PATH, headers=bearer)
    with django_assert_num_queries(2):
        client.get("/api/v1/auth/me", headers=bearer)
