"""One place says who calls: by session, key or token, and what it refuses with which reason."""

from __future__ import annotations

import datetime as dt

import jwt
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from apps.accounts import keys
from apps.accounts.choices import SecurityEventKind
from apps.accounts.models import ApiKey, SecurityEvent, User
from apps.accounts.services.keys import KeyInput, change_key, create_key, revoke_key, rotate_key
from apps.accounts.tests.factories import PASSWORD, log_in, make_key, make_user
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_category, make_resource
from apps.core.exceptions import DomainError, FieldsInvalid

pytestmark = pytest.mark.django_db
PATH = "/api/v1/api-resources"


@pytest.fixture
def user() -> User:
    return make_user()


def status_and_code(client: Client, headers: dict[str, str], path: str = PATH) -> tuple[int, str]:
    response = client.get(path, headers=headers)
    return response.status_code, response.json().get("code", "")


def test_it_works(client: Client, user: User) -> None:
    _key, secret = make_key(user)
    for headers in ({"X-API-Key": secret}, {"Authorization": f"Bearer {secret}"}, {"Authorization": f"Bearer {log_in(user).access}"}):
        assert client.get(PATH, headers=headers).status_code == 200


def test_a_known_key_costs_no_query(client: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    headers = {"X-API-Key": make_key(user)[1]}
    client.get(PATH, headers=headers)
    with django_assert_num_queries(1):
        client.get(PATH, headers=headers)


def test_a_wrong_checksum_asks_nobody(client: Client, user: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    secret = make_key(user)[1]
    wrong = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    with django_assert_num_queries(0):
        assert status_and_code(client, {"X-API-Key": wrong}) == (401, "credential_invalid")


def test_each_refusal_has_its_reason(client: Client, user: User) -> None:
    now = timezone.now()
    expired = make_key(user, expires_at=now - dt.timedelta(seconds=1))[1]
    revoked, revoked_secret = make_key(user)
    revoke_key(user=user, key_id=revoked.pk, at=now)
    rotated, rotated_secret = make_key(user)
    rotate_key(user=user, key_id=rotated.pk, at=now, overlap=dt.timedelta(0))
    elsewhere = make_key(user, ip_allow=["198.51.100.0/24"])[1]
    good = make_key(user)[1]
    live_as_test = keys.TEST_PREFIX + good.removeprefix(keys.LIVE_PREFIX)
    for headers, status, code in (
        ({"X-API-Key": keys.make_key(livemode=True)}, 401, "credential_invalid"),
        ({"X-API-Key": live_as_test}, 401, "credential_invalid"),
        ({"X-API-Key": good[:-3]}, 401, "credential_invalid"),
        ({"X-API-Key": "  "}, 200, ""),
        ({"X-API-Key": "é" * 40}, 401, "credential_invalid"),
        ({"Authorization": "Basic YTpi"}, 401, "credential_invalid"),
        ({"Authorization": "Bearer"}, 401, "credential_invalid"),
        ({"Authorization": "Bearer x"}, 401, "credential_invalid"),
        ({"X-API-Key": expired}, 401, "credential_expired"),
        ({"X-API-Key": revoked_secret}, 401, "credential_revoked"),
        ({"X-API-Key": rotated_secret}, 401, "key_rotated"),
        ({"X-API-Key": elsewhere}, 403, "address_not_allowed"),
        ({"X-API-Key": good, "Authorization": f"Bearer {expired}"}, 400, "credential_conflict"),
        ({"X-API-Key": good, "Authorization": f"Bearer {good}"}, 200, ""),
    ):
        assert status_and_code(client, headers) == (status, code), headers
    refused = client.get(PATH, headers={"X-API-Key": expired})
    assert refused["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'


@pytest.mark.parametrize("parameter", ["api_key", "access_token", "q"])
def test_a_key_in_the_address_is_refused_and_flagged_once(client: Client, user: User, parameter: str) -> None:
    key, secret = make_key(user)
    for _ in range(2):
        assert status_and_code(client, {}, f"{PATH}?{parameter}={secret}") == (400, "credential_in_url")
    key.refresh_from_db()
    assert key.exposed_at is not None
    assert SecurityEvent.objects.filter(user=user, kind=SecurityEventKind.KEY_EXPOSED).count() == 1


def test_revoking_ends_a_key_that_processes_remember(client: Client, user: User, django_capture_on_commit_callbacks: type) -> None:
    key, secret = make_key(user)
    assert client.get(PATH, headers={"X-API-Key": secret}).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        revoke_key(user=user, key_id=key.pk, at=timezone.now())
    assert status_and_code(client, {"X-API-Key": secret}) == (401, "credential_revoked")


def test_a_use_is_noted_to_the_minute(client: Client, user: User) -> None:
    key, secret = make_key(user)
    client.get(PATH, headers={"X-API-Key": secret, "User-Agent": "curl/8.1"})
    key.refresh_from_db()
    assert key.last_used_at is not None
    assert key.last_used_from == "curl, 127.0.0.0/24"


def test_suspended_and_gone_users_get_nothing(client: Client, user: User) -> None:
    secret, token = make_key(user)[1], log_in(user).access
    User.objects.filter(pk=user.pk).update(suspended_at=timezone.now())
    assert status_and_code(client, {"X-API-Key": secret}) == (403, "account_suspended")
    assert status_and_code(client, {"Authorization": f"Bearer {token}"}) == (403, "account_suspended")


@pytest.mark.parametrize(
    "change", [{"alg": "none"}, {"key": "another key that is long enough for it"}, {"aud": "other"}, {"iss": "x"}, {"exp": 1}]
)
def test_forged_tokens(client: Client, user: User, change: dict[str, object]) -> None:
    claims = jwt.decode(log_in(user).access, options={"verify_signature": False})
    claims.update({name: value for name, value in change.items() if name in {"aud", "iss", "exp"}})
    algorithm = str(change.get("alg", "HS256"))
    forged = jwt.encode(claims, "" if algorithm == "none" else str(change.get("key", settings.SECRET_KEY)), algorithm=algorithm)
    expected = "credential_expired" if "exp" in change else "credential_invalid"
    assert status_and_code(client, {"Authorization": f"Bearer {forged}"}) == (401, expected)


def test_a_refresh_token_opens_nothing(client: Client, user: User) -> None:
    assert status_and_code(client, {"Authorization": f"Bearer {log_in(user).refresh}"}) == (401, "credential_invalid")


def test_a_new_password_ends_every_token(client: Client, user: User) -> None:
    token = log_in(user).access
    user.set_password(f"{PASSWORD} neuf")
    user.save(update_fields=["password"])
    assert status_and_code(client, {"Authorization": f"Bearer {token}"}) == (401, "credential_revoked")


def test_scopes_bound_a_key(client: Client, user: User) -> None:
    make_resource(name="Sienne", user=user)
    no_scope, reader = make_key(user, scopes=[])[1], make_key(user, scopes=["resources:read"])[1]
    refused = client.get(PATH, headers={"X-API-Key": no_scope})
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "resources:read")
    assert client.get(PATH, headers={"X-API-Key": reader}).status_code == 200
    refused = client.post(PATH, {"name": "X"}, "application/json", headers={"X-API-Key": reader})
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "resources:write")


def test_staff_is_staff_in_person_only(client: Client) -> None:
    staff = make_user(is_staff=True)
    hidden = make_resource(status="pending", user=make_user())
    path = f"{PATH}/{hidden.pk}"
    assert client.get(path, headers={"X-API-Key": make_key(staff)[1]}).status_code == 404
    assert client.get(path, headers={"Authorization": f"Bearer {log_in(staff).access}"}).status_code == 200


def test_a_test_key_lives_among_test_entries(client: Client, user: User) -> None:
    live, test = make_key(user)[1], make_key(user, livemode=False)[1]
    body = {"name": "Essai", "resource_type": "business", "category": make_category().slug}
    made = client.post(PATH, body, "application/json", headers={"X-API-Key": test})
    assert made.status_code == 201, made.content
    entry = Resource.objects.get(pk=made.json()["id"])
    assert entry.livemode is False
    path = f"{PATH}/{entry.pk}"
    assert client.get(path).status_code == 404
    assert client.get(path, headers={"X-API-Key": live}).status_code == 404
    assert client.get(path, headers={"X-API-Key": make_key(make_user(), livemode=False)[1]}).status_code == 404
    assert client.get(path, headers={"X-API-Key": test}).status_code == 200
    own = make_resource(name="Vraie", user=user)
    for secret, other in ((test, own), (live, entry)):
        refused = client.patch(f"{PATH}/{other.pk}", {"name": "Y"}, "application/json", headers={"X-API-Key": secret, "If-Match": "*"})
        assert refused.status_code in {403, 404}
    Resource.objects.filter(pk=entry.pk).update(status="active", published_at=timezone.now())
    assert client.get(PATH, headers={"X-API-Key": test}).json()["data"][0]["name"] == "Vraie"
    assert entry not in Resource.objects.awaiting_moderation()


def test_keys_are_made_within_bounds(user: User) -> None:
    now = timezone.now()
    for data in (
        KeyInput(name=""), KeyInput(name="a" * 101), KeyInput(name="a", scopes=["admin"]), KeyInput(name="a", scopes=["ingest:write"]),
        KeyInput(name="a", rate_limit=1001), KeyInput(name="a", rate_limit=0), KeyInput(name="a", expires_at=now),
        KeyInput(name="a", ip_allow=["300.1.1.1"]), KeyInput(name="a", ip_allow=["10.0.0.1"] * 51), KeyInput(name="a\u202eb"),
    ):  # fmt: skip
        with pytest.raises(FieldsInvalid):
            create_key(user=user, data=data, at=now)
    for _ in range(10):
        make_key(user)
    with pytest.raises(DomainError, match="key_limit_reached"):
        make_key(user)


def test_no_secret_is_stored(user: User) -> None:
    key, secret = make_key(user)
    row = ApiKey.objects.filter(pk=key.pk).values()[0]
    assert secret not in str(row)
    assert secret[20:] not in str(SecurityEvent.objects.filter(user=user).values_list("details", flat=True))


def test_a_stranger_reaches_no_key(user: User) -> None:
    key, _secret = make_key(user)
    stranger = make_user()
    for act in (
        lambda: change_key(user=stranger, key_id=key.pk, changes={"name": "x"}, at=timezone.now()),
        lambda: rotate_key(user=stranger, key_id=key.pk, at=timezone.now()),
        lambda: revoke_key(user=stranger, key_id=key.pk, at=timezone.now()),
    ):
        with pytest.raises(DomainError, match="not_found"):
            act()


@given(st.booleans())
def test_every_made_key_is_well_formed(livemode: bool) -> None:
    key = keys.make_key(livemode=livemode)
    assert keys.is_well_formed(key)
    assert keys.PUBLISHED_PATTERN.fullmatch(key)


@given(st.data())
def test_no_changed_key_is_well_formed(data: st.DataObject) -> None:
    key = keys.make_key(livemode=True)
    place = data.draw(st.integers(0, len(key) - 1))
    letter = data.draw(st.characters())
    changed = key[:place] + letter + key[place + 1 :]
    assert keys.is_well_formed(changed) == (changed == key)
    assert not keys.is_well_formed(key[:place])
