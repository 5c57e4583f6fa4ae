"""Subscribing: from a wish to a pro forma, and what a payment gives."""

from __future__ import annotations

import datetime as dt

import pytest

from apps.accounts.choices import Entitlement
from apps.accounts.selectors.entitlements import entitlements_of as account_rights
from apps.accounts.tests.factories import make_user
from apps.billing.choices import InvoiceState, PaymentState, Period, Product, Purpose, SubscriptionState
from apps.billing.exceptions import (
    ListingNotPayable,
    NothingToResume,
    NotOffered,
    PaymentRunning,
    QuoteExpired,
    QuoteOutdated,
    SubscribedByAnother,
)
from apps.billing.models import CarriedCharge, Grant, Invoice, Price, Quote, Subscription, SubscriptionChange
from apps.billing.selectors.ledger import credit_of
from apps.billing.services.grants import grant
from apps.billing.services.prices import set_price
from apps.billing.services.quotes import make_quote
from apps.billing.services.subscriptions import cancel, resume
from apps.billing.tests.factories import make_payment
from apps.billing.tests.world import AT, DAY, Shop, open_shop, pay
from apps.catalog.choices import ListingRight
from apps.catalog.models import Resource, ResourceCard
from apps.catalog.selectors.entitlements import entitlements_of
from apps.core.exceptions import DomainError, FieldsInvalid, Gone, NotFound, PermissionRefused
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db
PREMIUM, FEATURED, PRO, ENTERPRISE = Product


@pytest.fixture
def shop() -> Shop:
    return open_shop(name="Chez Awa")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_it_works(shop: Shop) -> None:
    found = shop.wants(FEATURED)
    assert found.invoice is not None
    assert (found.subscription.state, found.invoice.state, found.invoice.purpose) == ("pending", "open", "subscribe")
    assert (found.invoice.total, found.invoice.amount_due) == (7_500, 7_500)
    assert shop.plan == "free"
    line = found.invoice.lines.get()
    assert line.description_fr == "Fiche à la une – Chez Awa\u00a0: 1 mois, du 26 novembre 2026 au 26 décembre 2026"
    assert line.description_en == "Featured listing – Chez Awa: 1 month, from 26 November 2026 to 26 December 2026"

    given = pay(found.invoice, at=AT + dt.timedelta(minutes=2))
    subscription = Subscription.objects.get()
    assert given is not None
    assert (given.period_start, given.period_end) == (at("2026-11-26T09:02"), at("2026-12-26T09:02"))
    assert (subscription.state, subscription.period_end) == ("active", given.period_end)
    assert shop.plan == "featured"
    assert set(ResourceCard.objects.filter(resource=shop.listing).values_list("plan_rank", flat=True)) == {2}
    rights = entitlements_of(shop.listing, at=given.period_end)
    assert (rights[ListingRight.PHOTOS], rights[ListingRight.FEATURED_LABEL]) == (40, 1), "the grace of a month is a week"
    assert entitlements_of(shop.listing, at=given.period_end + 7 * DAY)[ListingRight.PHOTOS] == 5
    assert OutboxEvent.objects.filter(name="catalog.resource_updated", key=str(shop.listing.pk)).exists(), "search follows"


def test_an_account_plan_gives_its_quota(shop: Shop) -> None:
    subscription = shop.buys(PRO, Period.YEAR)
    shop.owner.refresh_from_db()
    assert (shop.owner.plan, shop.owner.api_quota) == ("pro", 50_000)
    assert account_rights(shop.owner, at=AT)[Entitlement.HOURLY_RATE] == 5_000
    assert subscription.period_end == at("2027-11-26T09:00")


def test_asking_again_gives_the_same_invoice(shop: Shop) -> None:
    first, again = shop.wants(PREMIUM), shop.wants(PREMIUM, at=AT + dt.timedelta(hours=2))
    assert (first.invoice, first.subscription) == (again.invoice, again.subscription)
    assert Invoice.objects.count() == Quote.objects.count() == 1


def test_another_wish_replaces_what_waits(shop: Shop) -> None:
    first = shop.wants(PREMIUM)
    second = shop.wants(FEATURED, Period.WEEK)
    assert first.invoice is not None
    assert second.invoice is not None
    first.invoice.refresh_from_db()
    assert (first.invoice.state, second.invoice.total) == (InvoiceState.VOID, 2_500)
    assert Subscription.objects.get().product == FEATURED
    make_payment(invoice=second.invoice, state=PaymentState.PENDING, at=AT)
    with pytest.raises(PaymentRunning):
        shop.wants(PREMIUM)


def test_a_payment_gives_once(shop: Shop) -> None:
    found = shop.wants(PREMIUM)
    assert found.invoice is not None
    given = pay(found.invoice)
    again = grant(invoice=Invoice.objects.get(), at=AT + DAY)
    assert given == again
    assert Grant.objects.count() == 1
    assert Subscription.objects.get().period_end == at("2026-12-26T09:00")


def test_renewals_go_on_from_the_end(shop: Shop) -> None:
    shop.buys(PREMIUM, at=at("2027-01-31T10:00"))
    early = shop.buys(PREMIUM, at=at("2027-02-20T10:00"))
    assert (early.period_start, early.period_end) == (at("2027-01-31T10:00"), at("2027-03-31T10:00"))
    late = shop.buys(PREMIUM, at=at("2027-04-03T10:00"))
    assert (late.period_start, late.period_end) == (at("2027-03-31T10:00"), at("2027-04-30T10:00"))
    assert list(Invoice.objects.order_by("pk").values_list("purpose", flat=True)) == [Purpose.SUBSCRIBE, Purpose.RENEW, Purpose.RENEW]
    over = shop.buys(PREMIUM, at=at("2027-05-07T10:00"))
    assert over.period_end == at("2027-06-07T10:00"), "the week of grace is over: from now"


def test_who_has_a_price_keeps_it(shop: Shop) -> None:
    shop.buys(PREMIUM)
    set_price(product=PREMIUM, tier="standard", period="month", amount=4_000, valid_from=AT, at=AT + DAY)
    renewal = shop.wants(PREMIUM, at=AT + 20 * DAY).invoice
    assert renewal is not None
    assert renewal.total == 2_500


def test_an_upgrade_is_paid_less_what_is_left(shop: Shop) -> None:
    shop.buys(PREMIUM)
    when = AT + 20 * DAY
    quote = make_quote(user=shop.owner, product=FEATURED, period=Period.MONTH, resource_id=shop.listing.pk, at=when)
    # Ten of thirty days are left of 2,500 F.
    assert (quote.unused_value, quote.amount_due, quote.change_kind) == (834, 6_665, "upgrade")
    found = shop.wants(FEATURED, at=when + dt.timedelta(minutes=14), quote_id=quote.pk)
    assert found.invoice is not None
    assert found.change is not None
    assert [line.total for line in found.invoice.lines.all()] == [7_500, -834, -1]
    assert (found.invoice.amount_due, found.subscription.product, shop.plan) == (6_665, PREMIUM, "premium")
    pay(found.invoice, at=when + DAY)
    held = Subscription.objects.get()
    assert (held.product, held.period_start, held.period_end) == (FEATURED, when + DAY, at("2027-01-17T09:00"))
    assert shop.plan == "featured"
    assert SubscriptionChange.objects.get().state == "applied"
    first, second = Grant.objects.order_by("pk")
    assert (first.closed_at, second.closed_at) == (when + DAY, None)


def test_what_is_left_counts_periods_that_were_paid_ahead(shop: Shop) -> None:
    shop.buys(PREMIUM)
    shop.buys(PREMIUM, at=AT + DAY)
    quote = make_quote(user=shop.owner, product=FEATURED, period=Period.YEAR, resource_id=shop.listing.pk, at=AT + 20 * DAY)
    assert quote.unused_value == 834 + 2_500


def test_too_little_is_given_now_and_charged_with_the_next_invoice(shop: Shop) -> None:
    shop.buys(PREMIUM, Period.MONTH)
    set_price(product=FEATURED, tier="standard", period="month", amount=2_555, valid_from=AT, at=AT)
    found = shop.wants(FEATURED, at=AT)
    assert found.invoice is not None
    assert (found.invoice.state, found.invoice.total, shop.plan) == ("paid", 0, "featured")
    assert CarriedCharge.objects.get().amount == 55
    renewal = shop.wants(FEATURED, at=AT + 25 * DAY).invoice
    assert renewal is not None
    assert ([line.total for line in renewal.lines.all()], renewal.amount_due) == ([2_555, 55], 2_610)
    assert CarriedCharge.objects.get().invoice == renewal
    pay(renewal, at=AT + 25 * DAY)
    later = shop.wants(FEATURED, at=AT + 26 * DAY).invoice
    assert later is not None
    assert later.amount_due == 2_555, "charged once"


def test_what_is_left_beyond_the_new_price_becomes_credit(shop: Shop) -> None:
    shop.buys(PREMIUM, Period.YEAR)
    found = shop.wants(FEATURED, Period.WEEK, at=AT)
    assert found.invoice is not None
    assert (found.invoice.state, found.invoice.total, shop.plan) == ("paid", 0, "featured")
    assert credit_of(shop.owner.pk) == 22_500
    account = shop.wants(PRO, at=AT + DAY).invoice
    assert account is not None
    assert (account.state, account.credit_used, account.amount_due) == ("paid", 7_500, 0), "credit is used by itself"
    assert credit_of(shop.owner.pk) == 15_000


def test_a_cheaper_plan_comes_at_the_end(shop: Shop) -> None:
    shop.buys(FEATURED)
    quote = make_quote(user=shop.owner, product=PREMIUM, period=Period.MONTH, resource_id=shop.listing.pk, at=AT + DAY)
    assert (quote.change_kind, quote.amount, quote.amount_due, quote.period_start) == ("downgrade", 2_500, 0, at("2026-12-26T09:00"))
    found = shop.wants(PREMIUM, at=AT + DAY, quote_id=quote.pk)
    assert found.invoice is None
    assert found.change is not None
    assert (found.change.kind, found.change.state, shop.plan) == ("downgrade", "waiting", "featured")
    again = shop.wants(PREMIUM, at=AT + DAY)
    assert again.change == found.change
    kept = shop.wants(FEATURED, at=AT + 2 * DAY)
    assert kept.invoice is not None
    assert kept.invoice.total == 7_500
    found.change.refresh_from_db()
    assert found.change.state == "dropped", "who renews what he has, stays"


def test_within_the_grace_every_change_is_paid_at_once(shop: Shop) -> None:
    shop.buys(FEATURED)
    Subscription.objects.update(state=SubscriptionState.PAST_DUE)
    found = shop.wants(PREMIUM, at=AT + 32 * DAY)
    assert found.invoice is not None
    assert found.invoice.total == 2_500
    pay(found.invoice, at=AT + 32 * DAY)
    held = Subscription.objects.get()
    assert (held.product, held.period_start, held.period_end, shop.plan) == (
        PREMIUM, at("2026-12-26T09:00"), at("2027-01-26T09:00"), "premium",
    )  # fmt: skip


def test_cancelling_lets_it_end_with_its_period(shop: Shop) -> None:
    held = shop.buys(PREMIUM)
    for _ in range(2):
        cancelled = cancel(user=shop.owner, subscription_id=held.pk, at=AT + DAY)
    assert (cancelled.state, cancelled.cancel_at_period_end, shop.plan) == ("active", True, "premium")
    assert entitlements_of(shop.listing, at=at("2026-12-26T08:59"))[ListingRight.PHOTOS] == 20
    assert entitlements_of(shop.listing, at=at("2026-12-26T09:00"))[ListingRight.PHOTOS] == 5, "no grace for who leaves"
    for _ in range(2):
        resumed = resume(user=shop.owner, subscription_id=held.pk, at=AT + 2 * DAY)
    assert (resumed.cancel_at_period_end, resumed.version) == (False, held.version + 2)
    assert entitlements_of(shop.listing, at=at("2026-12-26T09:00"))[ListingRight.PHOTOS] == 20


def test_one_that_was_never_paid_ends_when_it_is_cancelled(shop: Shop) -> None:
    found = shop.wants(PREMIUM)
    assert found.invoice is not None
    payment = make_payment(invoice=found.invoice, at=AT)
    with pytest.raises(PaymentRunning):
        cancel(user=shop.owner, subscription_id=found.subscription.pk, at=AT)
    payment.state, payment.next_query_at = PaymentState.FAILED, None
    payment.save()
    ended = cancel(user=shop.owner, subscription_id=found.subscription.pk, at=AT)
    found.invoice.refresh_from_db()
    assert (ended.state, ended.end_reason, found.invoice.state) == ("cancelled", "cancelled", "void")
    with pytest.raises(NothingToResume):
        resume(user=shop.owner, subscription_id=ended.pk, at=AT)


def test_strangers_touch_nothing(shop: Shop) -> None:
    held, stranger = shop.buys(PREMIUM), make_user()
    for act in (cancel, resume):
        with pytest.raises(NotFound):
            act(user=stranger, subscription_id=held.pk, at=AT)
        with pytest.raises(NotFound):
            act(user=shop.owner, subscription_id=held.pk, at=AT, livemode=False)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"status": "pending"}, ListingNotPayable),
        ({"status": "suspended"}, ListingNotPayable),
        ({"status": "archived"}, ListingNotPayable),
        ({"operating_status": "permanently_closed"}, ListingNotPayable),
        ({"deleted_at": AT}, Gone),
        ({"livemode": False}, NotFound),
        ({"user": None}, PermissionRefused),
        ({"user": None, "status": "pending"}, NotFound),
    ],
)
def test_only_a_listing_that_can_use_it_is_paid_for(shop: Shop, fields: dict[str, object], error: type[DomainError]) -> None:
    Resource.objects.filter(pk=shop.listing.pk).update(**fields)
    with pytest.raises(error):
        shop.wants(PREMIUM)
    assert not Subscription.objects.exists()


def test_targets_fit_products(shop: Shop) -> None:
    for product, resource_id in ((PREMIUM, None), (PRO, shop.listing.pk)):
        with pytest.raises(FieldsInvalid):
            shop.wants(product, resource_id=resource_id)
    with pytest.raises(NotFound):
        shop.wants(PREMIUM, resource_id=shop.owner.pk)
    with pytest.raises(NotOffered):
        shop.wants(ENTERPRISE, Period.DAY)


def test_somebody_elses_plan_is_not_paid_twice(shop: Shop) -> None:
    shop.buys(PREMIUM)
    heir = make_user()
    Resource.objects.filter(pk=shop.listing.pk).update(user=heir)
    with pytest.raises(SubscribedByAnother):
        shop.wants(PREMIUM, user=heir)


def test_the_charge_is_the_quote(shop: Shop) -> None:
    quote = make_quote(user=shop.owner, product=PREMIUM, period=Period.MONTH, resource_id=shop.listing.pk, at=AT)
    assert (quote.amount_due, quote.expires_at) == (2_500, AT + dt.timedelta(minutes=15))
    with pytest.raises(FieldsInvalid):
        shop.wants(FEATURED, quote_id=quote.pk)
    with pytest.raises(FieldsInvalid):
        shop.wants(PRO, quote_id=make_quote(user=make_user(), product=PRO, period=Period.MONTH, at=AT).pk)
    with pytest.raises(QuoteExpired):
        shop.wants(PREMIUM, at=AT + dt.timedelta(minutes=15), quote_id=quote.pk)
    found = shop.wants(PREMIUM, quote_id=quote.pk)
    again = shop.wants(PREMIUM, at=AT + DAY, quote_id=quote.pk)
    assert found.invoice is not None
    assert (found.invoice, found.invoice.quote) == (again.invoice, quote)


def test_a_quote_of_what_has_changed_is_asked_for_anew(shop: Shop) -> None:
    shop.buys(PREMIUM)
    quote = make_quote(user=shop.owner, product=FEATURED, period=Period.MONTH, resource_id=shop.listing.pk, at=AT + DAY)
    shop.buys(PREMIUM, at=AT + DAY)
    with pytest.raises(QuoteOutdated):
        shop.wants(FEATURED, at=AT + DAY, quote_id=quote.pk)


def test_a_late_success_begins_now(shop: Shop) -> None:
    found = shop.wants(PREMIUM)
    assert found.invoice is not None
    Subscription.objects.update(state=SubscriptionState.EXPIRED, ended_at=AT + DAY, end_reason="unpaid")
    pay(found.invoice, at=AT + 3 * DAY)
    held = Subscription.objects.get()
    assert (held.state, held.period_start, held.ended_at, held.end_reason) == ("active", AT + 3 * DAY, None, "")
    assert shop.plan == "premium"


def test_a_late_success_beside_another_subscription_becomes_credit(shop: Shop) -> None:
    late = shop.wants(PREMIUM)
    assert late.invoice is not None
    Subscription.objects.update(state=SubscriptionState.EXPIRED, ended_at=AT + DAY)
    shop.buys(FEATURED, at=AT + 2 * DAY)
    assert pay(late.invoice, at=AT + 3 * DAY) is None
    assert credit_of(shop.owner.pk) == 2_500
    assert shop.plan == "featured"
    assert list(Subscription.objects.order_by("pk").values_list("state", flat=True)) == ["expired", "active"]


def test_a_late_success_takes_the_place_of_what_only_waits(shop: Shop) -> None:
    late = shop.wants(PREMIUM)
    assert late.invoice is not None
    Subscription.objects.update(state=SubscriptionState.EXPIRED, ended_at=AT + DAY)
    waiting = shop.wants(FEATURED, at=AT + 2 * DAY)
    assert waiting.invoice is not None
    assert pay(late.invoice, at=AT + 3 * DAY) is not None
    waiting.invoice.refresh_from_db()
    waiting.subscription.refresh_from_db()
    assert (waiting.invoice.state, waiting.subscription.state, waiting.subscription.end_reason) == ("void", "cancelled", "replaced")


def test_tests_pay_for_test_listings_only(shop: Shop) -> None:
    trial = open_shop(owner=shop.owner, livemode=False, status="pending", published_at=None)
    with pytest.raises(PermissionRefused):
        shop.wants(PREMIUM, livemode=False)
    with pytest.raises(NotFound):
        trial.wants(PREMIUM)
    held = trial.buys(PREMIUM, livemode=False)
    assert (held.livemode, trial.plan, Invoice.objects.get().livemode) == (False, "premium", False)
    trial.buys(PRO, livemode=False)
    shop.owner.refresh_from_db()
    assert (shop.owner.plan, shop.owner.api_quota) == ("free", 1_000), "a test never changes what an account may really do"
    assert credit_of(shop.owner.pk) == 0


def test_prices_are_the_payers_tiers() -> None:
    shop = open_shop(owner=make_user(pricing_tier="business"))
    found = shop.wants(PREMIUM)
    assert found.invoice is not None
    assert found.invoice.total == 3_750
    assert Price.objects.get(pk=found.subscription.price_id).tier == "business"
