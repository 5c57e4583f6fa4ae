"""The price book."""

from __future__ import annotations

import datetime as dt

import pytest

from apps.billing.choices import Period, Product
from apps.billing.exceptions import NotOffered
from apps.billing.models import Price, ProductRight, ProviderState
from apps.billing.selectors.prices import current_price, payment_bounds, price_book
from apps.billing.services.prices import load_defaults, set_price, set_right, withdraw_price
from apps.billing.tests.world import AT, DAY
from apps.core.exceptions import FieldsInvalid

pytestmark = pytest.mark.django_db


def amounts(tier: str, *, at: dt.datetime = AT) -> dict[str, list[int]]:
    return {offer.product.value: [price.amount for price in offer.prices.values()] for offer in price_book(tier=tier, at=at)}


def test_it_works() -> None:
    load_defaults(at=AT)
    assert amounts("standard") == {
        "listing_premium": [200, 1_000, 2_500, 25_000],
        "listing_featured": [500, 2_500, 7_500, 75_000],
        "account_pro": [500, 2_500, 7_500, 75_000],
        "account_enterprise": [50_000, 500_000],
    }
    assert amounts("business")["listing_premium"] == [300, 1_500, 3_750, 37_500]
    assert amounts("enterprise")["account_enterprise"] == [150_000, 1_500_000]
    gives = {offer.product: dict(offer.rights) for offer in price_book(tier="standard", at=AT)}
    assert gives[Product.LISTING_FEATURED] == {"photos": 40, "offers": 1, "no_competitors": 1, "rank_weight": 2, "featured_label": 1}
    assert gives[Product.ACCOUNT_PRO] == {"monthly_quota": 50_000, "hourly_rate": 5_000}


def test_loading_again_changes_nothing_and_keeps_what_staff_decided() -> None:
    first = load_defaults(at=AT)
    assert first == Price.objects.count() + ProductRight.objects.count() > 0
    withdraw_price(price=current_price(product="account_pro", tier="standard", period="day", at=AT), at=AT)
    ProductRight.objects.filter(product="listing_premium", key="no_competitors").delete()
    set_right(product="listing_premium", key="photos", value=25)
    assert load_defaults(at=AT + DAY) == 0
    assert amounts("standard", at=AT + DAY)["account_pro"] == [2_500, 7_500, 75_000]
    assert {offer.product: offer.rights for offer in price_book(tier="standard", at=AT)}[Product.LISTING_PREMIUM]["photos"] == 25
    assert not ProductRight.objects.filter(product="listing_premium", key="no_competitors").exists()


def test_a_new_price_is_a_new_row_from_its_date_on() -> None:
    load_defaults(at=AT)
    old = current_price(product="listing_premium", tier="standard", period="month", at=AT)
    new = set_price(product="listing_premium", tier="standard", period="month", amount=3_000, valid_from=AT + 7 * DAY, at=AT)
    assert current_price(product="listing_premium", tier="standard", period="month", at=AT + 6 * DAY) == old
    assert current_price(product="listing_premium", tier="standard", period="month", at=AT + 7 * DAY) == new
    withdraw_price(price=new, at=AT + 8 * DAY)
    with pytest.raises(NotOffered):
        current_price(product="listing_premium", tier="standard", period="month", at=AT + 8 * DAY)
    backdated = set_price(product="listing_premium", tier="standard", period="month", amount=100, valid_from=AT - 9 * DAY, at=AT)
    assert backdated.valid_from == AT, "nothing was sold at that price before"


@pytest.mark.parametrize("amount", [0, 95, 2_501])
def test_a_price_can_be_paid(amount: int) -> None:
    with pytest.raises(FieldsInvalid):
        set_price(product="listing_premium", tier="standard", period="month", amount=amount, valid_from=AT, at=AT)


def test_a_product_gives_rights_of_what_it_is_for() -> None:
    with pytest.raises(FieldsInvalid):
        set_right(product="listing_premium", key="monthly_quota", value=1)
    with pytest.raises(FieldsInvalid):
        set_right(product="account_pro", key="photos", value=1)


def test_what_is_not_sold_so_is_refused() -> None:
    load_defaults(at=AT)
    with pytest.raises(NotOffered):
        current_price(product="account_enterprise", tier="standard", period="day", at=AT)
    with pytest.raises(NotOffered):
        current_price(product="account_pro", tier="standard", period="month", at=dt.datetime(2025, 12, 31, tzinfo=dt.UTC))


def test_bounds_suit_every_operator_that_takes_payments() -> None:
    assert (payment_bounds().minimum, payment_bounds().maximum) == (100, 500_000)
    ProviderState.objects.create(provider="mtn", amount_min=150)
    ProviderState.objects.create(provider="orange_mp", amount_max=300_000)
    ProviderState.objects.create(provider="pawapay", amount_min=1_000, accepts=False)
    ProviderState.objects.create(provider="bank", amount_min=10_000)
    assert (payment_bounds().minimum, payment_bounds().maximum) == (150, 300_000)


def test_the_book_takes_two_statements(django_assert_num_queries: object) -> None:
    load_defaults(at=AT)
    with django_assert_num_queries(2):  # type: ignore[operator]  # of pytest-django
        price_book(tier="standard", at=AT)


def test_periods_are_in_their_order() -> None:
    load_defaults(at=AT)
    assert list(price_book(tier="standard", at=AT)[0].prices) == [Period.DAY, Period.WEEK, Period.MONTH, Period.YEAR]
