"""The price book in the admin."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.billing.models import Price, ProductRight
from apps.billing.selectors.prices import current_price
from apps.billing.tests.world import AT, Shop, open_shop
from apps.core.clock import now

pytestmark = pytest.mark.django_db
PRICES, RIGHTS = "/admin/billing/price/", "/admin/billing/productright/"


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chef@exemple.cm", name="Chef"))
    return client


def price(amount: int) -> dict[str, object]:
    return {
        "product": "listing_premium", "tier": "standard", "period": "month", "amount": amount, "valid_from_0": "2026-01-01",
        "valid_from_1": "00:00",
    }  # fmt: skip


def test_it_works(shop: Shop, staff: Client) -> None:
    held = shop.buys("listing_premium")  # type: ignore[arg-type]  # a plain text will do
    before = Price.objects.count()
    assert staff.post(f"{PRICES}add/", price(3_000)).status_code == 302
    assert Price.objects.count() == before + 1
    assert current_price(product="listing_premium", tier="standard", period="month", at=now()).amount == 3_000
    assert Price.objects.get(pk=held.price_id).amount == 2_500, "who subscribed keeps his"
    assert staff.get(PRICES).status_code == 200
    assert staff.get(f"/admin/billing/subscription/{held.pk}/change/").status_code == 200
    assert staff.get("/admin/billing/subscription/").status_code == 200


def test_prices_are_neither_edited_nor_deleted(staff: Client) -> None:
    open_shop()
    row = Price.objects.first()
    assert row is not None
    assert staff.post(f"{PRICES}{row.pk}/change/", price(5)).status_code == 403
    assert staff.post(f"{PRICES}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    refused = staff.post(f"{PRICES}add/", price(7))
    assert refused.status_code == 200
    assert "multiple de 5" in refused.content.decode()
    assert not Price.objects.filter(amount=7).exists()


def test_a_withdrawn_price_is_offered_no_more(staff: Client) -> None:
    open_shop()
    row = current_price(product="account_pro", tier="standard", period="day", at=AT)
    staff.post(PRICES, {"action": "withdraw", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.withdrawn_at is not None


def test_rights_of_products(staff: Client) -> None:
    open_shop()
    row = ProductRight.objects.get(product="listing_premium", key="photos")
    assert staff.post(f"{RIGHTS}{row.pk}/change/", {"value": 25}).status_code == 302
    row.refresh_from_db()
    assert row.value == 25
    assert staff.post(f"{RIGHTS}add/", {"product": "listing_premium", "key": "monthly_quota", "value": 1}).status_code == 200
    assert not ProductRight.objects.filter(key="monthly_quota", product="listing_premium").exists()
    assert staff.post(f"{RIGHTS}add/", {"product": "account_pro", "key": "api_keys", "value": 50}).status_code == 302
    assert ProductRight.objects.get(key="api_keys").value == 50
    assert staff.get(RIGHTS).status_code == 200


def test_strangers_see_nothing(shop: Shop, client: Client) -> None:
    client.force_login(shop.owner)
    assert client.get(PRICES).status_code == 302
