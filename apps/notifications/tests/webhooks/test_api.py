"""Webhook endpoints over HTTP: made, changed, tried, listened to again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from apps.accounts.models import User
from apps.accounts.tests.factories import make_key, make_user
from apps.core.clock import now
from apps.core.exceptions import FieldsInvalid
from apps.core.outgoing import Client as OutgoingClient
from apps.notifications.choices import WebhookState
from apps.notifications.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from apps.notifications.services.webhooks import endpoints, signing
from apps.notifications.tests.webhooks.receiver import make_delivery, make_endpoint, receiving, verified

pytestmark = pytest.mark.django_db
LIST = "/api/v1/webhook-endpoints"
GOOD = {"url": "https://127.0.0.1/hook", "event_types": ["payment.succeeded", "key.created"]}


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def api(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def post(client: Client, path: str, body: Any = None, status: int = 202, **headers: str) -> Any:
    response = client.post(path, body or {}, content_type="application/json", headers=headers)
    assert response.status_code == status, response.content
    return response.json()


def test_it_works(api: Client, owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    with receiving() as receiver:
        made = post(api, LIST, {**GOOD, "url": receiver.url, "include_object": True, "description": " La  caisse "}, 201)
        path = f"{LIST}/{made['id']}"
        assert (made["state"], made["livemode"], made["description"], made["consecutive_failures"]) == ("enabled", True, "La caisse", 0)
        assert made["secret"].startswith("whsec_")
        assert "secret" not in api.get(path).json()
        assert made["secret"] not in api.get(LIST).content.decode()
        with django_capture_on_commit_callbacks(execute=True):
            tried = post(api, f"{path}/test")
        assert verified(made["secret"], receiver.messages[0])["type"] == "webhook.test"
        with django_capture_on_commit_callbacks(execute=True):
            _key, secret = make_key(owner, name="Mobile")
        told = verified(made["secret"], receiver.messages[1])
    assert (told["type"], told["livemode"], told["data"]["object"]["name"]) == ("key.created", True, "Mobile")
    assert secret not in receiver.messages[1][1].decode()
    (newest, oldest) = api.get(f"{path}/deliveries").json()["data"]
    assert (newest["type"], newest["state"], newest["last_status"]) == ("key.created", "delivered", 204)
    assert oldest["id"] == tried["id"]
    detail = api.get(f"{path}/deliveries/{newest['id']}").json()
    assert detail["payload"] == told
    assert [one["status"] for one in detail["attempts"]] == [204]
    changed = api.patch(path, {"event_types": ["key.revoked"]}, content_type="application/json").json()
    assert changed["event_types"] == ["key.revoked"]
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert not WebhookDelivery.objects.exists()


def test_a_secret_is_stored_sealed(api: Client) -> None:
    made = post(api, LIST, GOOD, 201)
    stored = WebhookSecret.objects.get()
    assert made["secret"] not in stored.sealed
    assert made["secret"][6:20] not in stored.sealed
    assert signing.unseal(stored.sealed) == made["secret"]


def test_a_repeated_request_makes_one_endpoint_and_shows_its_secret_once(api: Client) -> None:
    first = post(api, LIST, GOOD, 201, **{"Idempotency-Key": "une-fois"})
    again = post(api, LIST, GOOD, 201, **{"Idempotency-Key": "une-fois"})
    assert (again["id"], again["secret"]) == (first["id"], None)
    assert first["secret"]
    post(api, LIST, {**GOOD, "description": "x"}, 422, **{"Idempotency-Key": "une-fois"})
    assert WebhookEndpoint.objects.count() == 1


WRONG: dict[str, dict[str, Any]] = {
    "/url no_address": {"url": "pas une adresse"},
    "/url ftp": {"url": "ftp://exemple.cm/"},
    "/url plain": {"url": "http://1.1.1.1/hook"},
    "/url private": {"url": "https://10.0.0.1/hook"},
    "/url metadata": {"url": "https://169.254.169.254/latest/meta-data/"},
    "/url mapped": {"url": "https://[::ffff:10.0.0.1]/hook"},
    "/url octal": {"url": "https://0177.0.0.1/hook"},
    "/url decimal": {"url": "https://2130706433/hook"},
    "/url password": {"url": "https://awa:secret@1.1.1.1/hook"},
    "/url port": {"url": "https://1.1.1.1:22/hook"},
    "/url line": {"url": "https://1.1.1.1/a\r\nHost: x"},
    "/url empty": {"url": ""},
    "/url long": {"url": "https://1.1.1.1/" + "x" * 2000},
    "/event_types unknown": {"event_types": ["rien.du.tout"]},
    "/event_types test": {"event_types": ["webhook.test"]},
    "/event_types empty": {"event_types": []},
    "/event_types all": {"event_types": ["*"]},
    "/description long": {"description": "x" * 201},
    "/description bidi": {"description": "a\u202eb"},
    "/other unknown": {"other": 1},
    "/livemode word": {"livemode": "peut-être"},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused_is_named(api: Client, name: str) -> None:
    response = api.post(LIST, {**GOOD, **WRONG[name]}, content_type="application/json")
    assert response.status_code == 422
    assert response["Content-Type"].startswith("application/problem+json")
    assert [error["pointer"].split("/")[1] for error in response.json()["errors"]] == [name.split(maxsplit=1)[0][1:]]
    assert not WebhookEndpoint.objects.exists()


def test_names_are_looked_up_when_an_address_is_saved() -> None:
    table = {"good.cm": ["1.1.1.1"], "both.cm": ["1.1.1.1", "192.168.1.1"], "inside.cm": ["127.0.0.2"]}

    def resolve(host: str, _timeout: float) -> list[str]:
        if host not in table:
            raise OSError("no such name")
        return table[host]

    client = OutgoingClient(resolve=resolve)
    assert endpoints.check_url(" https://good.cm/hook ", client=client).text == "https://good.cm/hook"
    for host, reason in (("both.cm", "address_private"), ("inside.cm", "address_private"), ("none.cm", "name_unknown")):
        with pytest.raises(FieldsInvalid) as refusal:
            endpoints.check_url(f"https://{host}/hook", client=client)
        assert refusal.value.errors[0][:2] == ("/url", reason)


def test_production_allows_no_loopback(api: Client, settings: Settings) -> None:
    settings.OUTGOING_ALLOWED_NETWORKS = []
    response = api.post(LIST, GOOD, content_type="application/json")
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "address_private"


def test_an_account_has_ten_of_each_mode(api: Client, owner: User) -> None:
    for _number in range(endpoints.ENDPOINTS_MAX):
        make_endpoint(user=owner)
    response = api.post(LIST, GOOD, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (409, "endpoint_limit_reached")
    post(api, LIST, {**GOOD, "livemode": False}, 201)


def test_a_key_sees_and_makes_those_of_its_own_mode(owner: User) -> None:
    live, _secret = make_endpoint(user=owner)
    _key, secret = make_key(owner, livemode=False)
    client = Client(headers={"X-API-Key": secret})
    assert client.get(LIST).json()["data"] == []
    assert client.get(f"{LIST}/{live.pk}").status_code == 404
    assert post(client, LIST, GOOD, 201)["livemode"] is False
    post(client, LIST, {**GOOD, "livemode": True}, 422)


def test_switching_on_begins_a_clean_record(api: Client, owner: User) -> None:
    endpoint, _secret = make_endpoint(user=owner, state="auto_disabled", failures=20, failing_since=now())
    answer = api.patch(f"{LIST}/{endpoint.pk}", {"state": "enabled"}, content_type="application/json").json()
    assert (answer["state"], answer["consecutive_failures"], answer["failing_since"]) == ("enabled", 0, None)
    assert api.patch(f"{LIST}/{endpoint.pk}", {"state": "gone"}, content_type="application/json").status_code == 422


def test_a_secret_is_replaced(api: Client, owner: User) -> None:
    endpoint, _secret = make_endpoint(user=owner)
    path = f"{LIST}/{endpoint.pk}"
    answer = post(api, f"{path}/rotate-secret", {"overlap": 3600}, 201)
    assert [secret["expires_at"] is None for secret in answer["secrets"]] == [True, False]
    assert len(post(api, f"{path}/rotate-secret", {"overlap": 0}, 201)["secrets"]) == 1
    for wrong in ({"overlap": -1}, {"overlap": 10**9}, {"overlap": "x"}, {"other": 1}):
        post(api, f"{path}/rotate-secret", wrong, 422)


def test_deliveries_in_pages_and_by_state_and_type(api: Client, owner: User) -> None:
    endpoint, _secret = make_endpoint(user=owner)
    at = now()
    for number in range(5):
        make_delivery(
            endpoint, at=at + dt.timedelta(seconds=number), key=f"{number}:x", type="key.created" if number % 2 else "quota.reached"
        )
    WebhookDelivery.objects.filter(type="quota.reached").update(state=WebhookState.FAILED, next_attempt_at=None)
    path = f"{LIST}/{endpoint.pk}/deliveries"
    first = api.get(f"{path}?limit=2").json()
    second = api.get(first["next"]).json()
    third = api.get(second["next"]).json()
    seen = [row["id"] for page in (first, second, third) for row in page["data"]]
    assert len(set(seen)) == 5
    assert third["next"] is None
    assert api.get(second["previous"]).json()["data"] == first["data"]
    assert [row["type"] for row in api.get(f"{path}?state=failed").json()["data"]] == ["quota.reached"] * 3
    assert len(api.get(f"{path}?type=key.created&state=pending,held").json()["data"]) == 2
    assert len(api.get(f"{path}?since={(at + dt.timedelta(seconds=3)).isoformat().replace('+', '%2B')}").json()["data"]) == 2
    for wrong in (
        "state=lost",
        "type=x",
        "limit=0",
        "cursor=x",
        "other=1",
        "since=hier",
        f"cursor={first['next'].split('cursor=')[1]}&state=held",
    ):
        assert api.get(f"{path}?{wrong}").status_code == 400, wrong


def test_replay_takes_one_or_a_range(api: Client, owner: User) -> None:
    endpoint, _secret = make_endpoint(user=owner)
    at = now()
    lost = make_delivery(endpoint, at=at, state=WebhookState.FAILED, next_attempt_at=None, failures=10)
    path = f"{LIST}/{endpoint.pk}/replay"
    assert post(api, path, {"delivery_id": str(lost.pk)}) == {"replayed": 1, "has_more": False, "next_since": None}
    lost.refresh_from_db()
    assert (lost.state, lost.failures) == (WebhookState.PENDING, 0)
    assert post(api, path, {"since": "2026-01-01T00:00:00Z"})["replayed"] == 0
    for wrong in (
        {}, {"delivery_id": str(lost.pk), "since": "2026-01-01T00:00:00Z"}, {"until": "2026-01-01T00:00:00Z"}, {"since": "hier"},
        {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, {"delivery_id": "x"},
    ):  # fmt: skip
        post(api, path, wrong, 422)
    post(api, path, {"delivery_id": str(endpoint.pk)}, 404)
    endpoints.change_endpoint(user=owner, endpoint_id=endpoint.pk, changes={"state": "disabled"}, at=at)
    post(api, path, {"delivery_id": str(lost.pk)}, 409)


def test_statements(api: Client, owner: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _number in range(3):
        endpoint, _secret = make_endpoint(user=owner)
    for number in range(30):
        make_delivery(endpoint, key=f"{number}:x")
    first = endpoint.deliveries.order_by("pk")[0].pk
    api.get(LIST)  # the limiter learns the account's rights
    with django_assert_num_queries(3):
        assert len(api.get(LIST).json()["data"]) == 3
    with django_assert_num_queries(4):
        assert len(api.get(f"{LIST}/{endpoint.pk}/deliveries").json()["data"]) == 20
    with django_assert_num_queries(5):
        assert api.get(f"{LIST}/{endpoint.pk}/deliveries/{first}").status_code == 200
