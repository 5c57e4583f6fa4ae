"""Plans, quotes and subscriptions over HTTP."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from apps.accounts.tests.factories import make_key, make_user
from apps.billing.models import Invoice, Quote, Subscription
from apps.billing.tests.world import Shop, open_shop, pay
from apps.catalog.models import Resource

pytestmark = pytest.mark.django_db
API = "/api/v1/payments"


@pytest.fixture
def shop() -> Shop:
    return open_shop(name="Chez Awa")


def call(shop: Shop | None, path: str, body: Any = None, *, key: str | None = "k", **headers: str) -> Any:
    """POST a body, or GET without one, in the owner's session."""
    client = Client()
    if shop is not None:
        client.force_login(shop.owner)
    if body is None:
        return client.get(f"{API}/{path}", headers=headers)
    given = headers if key is None else {"Idempotency-Key": f"{key}-{path}", **headers}
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(f"{API}/{path}", text, content_type="application/json", headers=given)


def wish(shop: Shop, **members: Any) -> dict[str, Any]:
    return {"product": "listing_premium", "period": "month", "resource_id": str(shop.listing.pk), **members}


def test_it_works(shop: Shop) -> None:
    answer = call(shop, "subscribe", wish(shop))
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["subscription"]["state"], body["subscription"]["resource"]["name"]) == ("pending", "Chez Awa")
    assert (body["invoice"]["amount_due"], body["invoice"]["net"], body["invoice"]["vat"]) == (2_500, 2_096, 404)
    assert body["invoice"]["payment_methods"] == ["mobile_money", "bank_transfer"]
    pay(Invoice.objects.get(), at=Invoice.objects.get().created_at)
    listed = call(shop, "subscriptions").json()
    assert listed["has_more"] is False
    (row,) = listed["data"]
    assert (row["id"], row["state"], row["plan"], row["next_payment"]["amount"]) == (body["subscription"]["id"], "active", "premium", 2_500)
    cancelled = call(shop, f"subscriptions/{row['id']}/cancel", {}).json()
    assert (cancelled["cancel_at_period_end"], cancelled["next_payment"], cancelled["rights_end"]) == (True, None, row["period_end"])
    resumed = call(shop, f"subscriptions/{row['id']}/resume", {}).json()
    assert (resumed["cancel_at_period_end"], resumed["rights_end"]) == (False, row["rights_end"])


def test_anyone_reads_the_plans_of_his_tier_in_his_language() -> None:
    open_shop()
    listed = call(None, "plans").json()
    assert (listed["tier"], listed["currency"], listed["tax_included"]) == ("standard", "XAF", True)
    by_plan = {(row["target"], row["plan"]): row for row in listed["data"]}
    assert list(by_plan) == [
        ("listing", "free"), ("listing", "premium"), ("listing", "featured"), ("account", "free"), ("account", "pro"),
        ("account", "enterprise"),
    ]  # fmt: skip
    featured = by_plan["listing", "featured"]
    assert [price["amount"] for price in featured["prices"]] == [500, 2_500, 7_500, 75_000]
    assert {"key": "photos", "value": 40, "label": "Photos"} in featured["rights"]
    assert by_plan["listing", "free"]["product"] is None
    business = open_shop(owner=make_user(pricing_tier="business", user_type="business"))
    mine = {row["product"]: row for row in call(business, "plans").json()["data"]}
    assert mine["listing_premium"]["prices"][0]["amount"] == 300
    assert {"key": "monthly_quota", "value": 2_000, "label": "Appels par mois"} in mine[None]["rights"]
    english = call(None, "plans", **{"Accept-Language": "en"}).json()
    assert (english["data"][2]["name"], english["data"][2]["rights"][-1]["label"]) == ("Featured", "First places, labelled")


def test_a_quote_is_what_is_charged(shop: Shop) -> None:
    quote = call(shop, "quotes", wish(shop, product="listing_featured"), key=None)
    assert quote.status_code == 201, quote.content
    said = quote.json()
    assert (said["purpose"], said["amount"], said["amount_due"], said["takes_effect"]) == ("subscribe", 7_500, 7_500, "now")
    body = call(shop, "subscribe", {"quote_id": said["id"]}).json()
    assert (body["invoice"]["amount_due"], body["subscription"]["product"]) == (7_500, "listing_featured")


def test_sums_beyond_any_operator_are_paid_by_transfer(shop: Shop) -> None:
    shop.owner.pricing_tier = "enterprise"
    shop.owner.save()
    said = call(shop, "quotes", {"product": "account_enterprise", "period": "year"}).json()
    assert (said["amount_due"], said["payment_methods"]) == (1_500_000, ["bank_transfer"])


def test_the_key_is_required_and_replays(shop: Shop) -> None:
    assert call(shop, "subscribe", wish(shop), key=None).json()["code"] == "idempotency_key_missing"
    first, again = (call(shop, "subscribe", wish(shop)) for _ in range(2))
    assert (first.json(), again["Idempotent-Replayed"]) == (again.json(), "true")
    altered = call(shop, "subscribe", wish(shop, period="week"))
    assert (altered.status_code, altered.json()["code"]) == (422, "idempotency_key_reused")
    other = call(shop, "subscribe", wish(shop), key="other").json()
    assert (other["invoice"]["id"], Subscription.objects.count()) == (first.json()["invoice"]["id"], 1)


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"product": "listing_gold"}, "/product"),
        ({"period": "decade"}, "/period"),
        ({"resource_id": "7"}, "/resource_id"),
        ({"resource_id": None}, "/resource_id"),
        ({"product": "account_pro"}, "/resource_id"),
        ({"amount": 1}, "/amount"),
        ({"price": 0.01}, "/price"),
        ({"currency": "EUR"}, "/currency"),
        ({"quote_id": str(uuid.uuid4())}, "/quote_id"),
        ({"quote_id": "x"}, "/quote_id"),
        ({"product": ["listing_premium"]}, "/product"),
        ({"product": None}, "/product"),
    ],
)
def test_bad_members_are_named_and_nothing_happens(shop: Shop, members: dict[str, Any], pointer: str) -> None:
    answer = call(shop, "subscribe", wish(shop, **members))
    assert answer.status_code == 422, answer.content
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not Subscription.objects.exists()
    assert not Quote.objects.exists()


@pytest.mark.parametrize(("body", "status"), [("{", 400), ("[]", 422), ('"x"', 422), ("null", 422), ("{}", 422)])
def test_bodies_that_are_no_wish(shop: Shop, body: str, status: int) -> None:
    assert call(shop, "subscribe", body).status_code == status


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"status": "suspended"}, 409, "listing_not_payable"),
        ({"status": "pending"}, 409, "listing_not_payable"),
        ({"operating_status": "permanently_closed"}, 409, "listing_not_payable"),
        ({"deleted_at": "2026-11-01T00:00Z"}, 410, "gone"),
        ({"user": None}, 403, "permission_refused"),
        ({"user": None, "status": "pending"}, 404, "not_found"),
    ],
)
def test_the_state_of_the_listing_decides(shop: Shop, fields: dict[str, Any], status: int, code: str) -> None:
    Resource.objects.filter(pk=shop.listing.pk).update(**fields)
    for path in ("quotes", "subscribe"):
        answer = call(shop, path, wish(shop))
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_is_not_sold_so(shop: Shop) -> None:
    answer = call(shop, "subscribe", {"product": "account_enterprise", "period": "day"})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_offered")


def test_strangers_find_nothing(shop: Shop) -> None:
    held = shop.wants("listing_premium").subscription  # type: ignore[arg-type]  # a plain text will do
    stranger = Shop(make_user(), shop.listing)
    assert call(stranger, "subscriptions").json()["data"] == []
    for act in ("cancel", "resume"):
        assert call(stranger, f"subscriptions/{held.pk}/{act}", {}).status_code == 404
        assert call(None, f"subscriptions/{held.pk}/{act}", {}).status_code == 401
        assert call(shop, f"subscriptions/{held.pk}/{act}", {"now": True}).status_code == 422
    quote = call(shop, "quotes", wish(shop)).json()
    assert call(stranger, "subscribe", {"quote_id": quote["id"]}).status_code == 422


def test_keys_act_in_their_mode(shop: Shop) -> None:
    trial = open_shop(owner=shop.owner, livemode=False, status="pending", published_at=None)
    live, test = make_key(shop.owner)[1], make_key(shop.owner, livemode=False)[1]

    def as_key(secret: str, path: str, body: Any = None) -> Any:
        return call(None, path, body, key=f"{secret[-6:]}", **{"X-API-Key": secret})

    assert as_key(live, "subscribe", wish(trial)).status_code == 404
    assert as_key(test, "subscribe", wish(shop)).status_code == 403
    made = as_key(test, "subscribe", wish(trial)).json()
    assert made["subscription"]["livemode"] is False
    assert [len(as_key(secret, "subscriptions").json()["data"]) for secret in (live, test)] == [0, 1]
    assert as_key(live, f"subscriptions/{made['subscription']['id']}/cancel", {}).status_code == 404
    assert call(shop, "subscribe", wish(trial, period="week")).json()["subscription"]["livemode"] is False, "in person, the listing's mode"


def test_pages_of_subscriptions(shop: Shop) -> None:
    for _ in range(3):
        Shop(shop.owner, open_shop(owner=shop.owner).listing).wants("listing_premium")  # type: ignore[arg-type]  # likewise
    first = call(shop, "subscriptions?limit=2").json()
    assert (len(first["data"]), first["has_more"]) == (2, True)
    client = Client()
    client.force_login(shop.owner)
    second = client.get(first["next"]).json()
    assert (len(second["data"]), second["has_more"], second["next"]) == (1, False, None)
    assert call(shop, "subscriptions?state=active").json()["data"] == []
    assert call(shop, "subscriptions?state=x").status_code == call(shop, "subscriptions?cursor=x").status_code == 400


def test_statements_do_not_grow(shop: Shop, django_assert_max_num_queries: Any) -> None:
    client = Client()
    client.force_login(shop.owner)
    for number in range(4):
        Shop(shop.owner, open_shop(owner=shop.owner).listing).wants("listing_premium")  # type: ignore[arg-type]  # likewise
        if number in {0, 3}:
            # The session, its user and what his limits are, then subscriptions, invoices and changes.
            with django_assert_max_num_queries(7):
                client.get(f"{API}/subscriptions")
    # Then the time, prices, rights and what is free.
    with django_assert_max_num_queries(8):
        client.get(f"{API}/plans")
