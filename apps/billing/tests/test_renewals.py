"""What time does to subscriptions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from apps.billing.choices import PaymentState, Period, Product
from apps.billing.models import Grant, Invoice, Quote, Reminder, Subscription
from apps.billing.periods import reminder_time
from apps.billing.selectors.ledger import credit_of
from apps.billing.services.quotes import make_quote
from apps.billing.services.renewals import run
from apps.billing.services.subscriptions import cancel
from apps.billing.tests.factories import make_payment
from apps.billing.tests.world import AT, DAY, Shop, open_shop, pay
from apps.catalog.models import Resource, ResourceImage
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db
PREMIUM, FEATURED, PRO, ENTERPRISE = Product
END = dt.datetime(2026, 12, 26, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def events(name: str) -> list[Any]:
    return [event.payload for event in OutboxEvent.objects.filter(name=f"billing.{name}").order_by("pk")]


def reminded() -> list[int]:
    return [payload["days_before"] for payload in events("renewal_due")]


def the_one() -> Subscription:
    return Subscription.objects.get()


def test_it_works(shop: Shop) -> None:
    ResourceImage.objects.create(resource=shop.listing, external_url="https://exemple.cm/a.jpg", created_at=AT)
    shop.buys(FEATURED)
    assert run(at=END - 8 * DAY) == {}
    done = run(at=END - 7 * DAY)
    assert (done["drafted"], done["reminded"]) == (1, 1)
    bill = Invoice.objects.get(state="open")
    assert (bill.purpose, bill.amount_due, reminded()) == ("renew", 7_500, [7])
    assert events("renewal_due")[0]["invoice_id"] == str(bill.pk)
    assert run(at=END - 7 * DAY) == {}, "once"
    run(at=END - 3 * DAY)
    # Eight in the morning in Douala of the day itself.
    run(at=END - 3 * HOUR)
    assert reminded() == [7, 3]
    run(at=END - 2 * HOUR)
    assert reminded() == [7, 3, 0]

    assert run(at=END)["past_due"] == 1
    assert (the_one().state, shop.plan) == ("past_due", "featured")
    assert events("subscription_past_due")[0]["ends_at"] == (END + 7 * DAY).isoformat()
    assert run(at=END + 6 * DAY) == {}

    assert run(at=END + 7 * DAY)["expired"] == 1
    held = the_one()
    assert (held.state, held.end_reason, held.ended_at) == ("expired", "not_renewed", END + 7 * DAY)
    assert events("subscription_ended")[-1]["reason"] == "not_renewed"
    listing = Resource.objects.get(pk=shop.listing.pk)
    assert (listing.plan, listing.status, listing.images.count()) == ("free", "active", 1), "the content stays, and is seen"
    bill.refresh_from_db()
    assert bill.state == "void"
    assert run(at=END + 8 * DAY) == {}


def test_a_renewal_paid_in_the_grace_goes_on_from_the_old_end(shop: Shop) -> None:
    shop.buys(PREMIUM)
    run(at=END - 7 * DAY)
    run(at=END)
    pay(Invoice.objects.get(state="open"), at=END + 3 * DAY)
    held = the_one()
    assert (held.state, held.period_start, held.period_end) == ("active", END, dt.datetime(2027, 1, 26, 9, tzinfo=dt.UTC))
    run(at=END + 4 * DAY)
    assert reminded() == [7]


@pytest.mark.parametrize(
    ("period", "end", "drafted", "days", "grace"),
    [
        (Period.DAY, AT + DAY, None, [], 0),
        (Period.WEEK, AT + 7 * DAY, 2, [1, 0], 1),
        (Period.YEAR, AT.replace(year=2027), 30, [30, 7, 3, 0], 7),
    ],
)
def test_each_period_has_its_own_pace(
    shop: Shop, period: Period, end: dt.datetime, drafted: int | None, days: list[int], grace: int
) -> None:
    shop.buys(PREMIUM, period)
    if drafted:
        assert run(at=end - drafted * DAY - 3 * HOUR)["drafted"] == 0
        assert run(at=end - drafted * DAY)["drafted"] == 1
    for days_before in days:
        run(at=end - days_before * DAY - (HOUR if days_before == 0 else dt.timedelta(0)))
    assert reminded() == days
    run(at=end)
    assert the_one().state == ("past_due" if grace else "expired")
    run(at=end + grace * DAY)
    assert (the_one().state, shop.plan) == ("expired", "free")


def test_the_first_reminder_leads_to_the_bill(shop: Shop) -> None:
    """The beat comes every minute: the one that reminds, at eight, comes hours before the period's own hour."""
    shop.buys(PREMIUM)
    run(at=END - 7 * DAY - 2 * HOUR)
    (told,) = events("renewal_due")
    assert (told["days_before"], told["invoice_id"]) == (7, str(Invoice.objects.get(state="open").pk))


def test_who_paid_at_night_is_told_of_the_last_day_too(shop: Shop) -> None:
    """A period that ends at three in the morning has no eight o'clock on its last day."""
    shop.buys(PREMIUM)
    end = dt.datetime(2026, 12, 26, 2, 0, tzinfo=dt.UTC)
    Subscription.objects.update(period_end=end)
    Grant.objects.update(period_end=end)
    for hours in range(8 * 24, 0, -1):
        run(at=end - hours * HOUR)
    assert reminded() == [7, 3, 0]
    assert reminder_time(end, days_before=0) == dt.datetime(2026, 12, 25, 17, 0, tzinfo=dt.UTC), "six in the evening in Douala"


def test_after_an_interruption_everything_is_caught_up(shop: Shop) -> None:
    shop.buys(PREMIUM, Period.YEAR)
    end = AT.replace(year=2027)
    run(at=end - DAY)
    assert (reminded(), Reminder.objects.count()) == ([3], 3), "what is past is not said any more"
    run(at=end + 30 * DAY)
    assert (the_one().state, shop.plan) == ("expired", "free")


def test_who_cancelled_is_left_alone(shop: Shop) -> None:
    held = shop.buys(PREMIUM)
    cancel(user=shop.owner, subscription_id=held.pk, at=AT)
    assert run(at=END - HOUR) == {}
    assert run(at=END)["cancelled"] == 1
    assert (the_one().state, the_one().end_reason, shop.plan, reminded()) == ("cancelled", "cancelled", "free", [])


def test_what_is_never_paid_ends_after_a_day(shop: Shop) -> None:
    found = shop.wants(PREMIUM)
    assert found.invoice is not None
    payment = make_payment(invoice=found.invoice, state=PaymentState.UNKNOWN, at=AT)
    assert run(at=AT + 2 * DAY) == {}, "the money may still come"
    payment.state, payment.next_query_at = PaymentState.EXPIRED, None
    payment.save()
    assert run(at=AT + 2 * DAY)["unpaid"] == 1
    found.invoice.refresh_from_db()
    assert (the_one().state, the_one().end_reason, found.invoice.state, events("subscription_ended")) == ("expired", "unpaid", "void", [])


def test_another_wish_waits_for_a_day_of_its_own(shop: Shop) -> None:
    shop.wants(PREMIUM)
    shop.wants(FEATURED, at=AT + 20 * HOUR)
    assert run(at=AT + 30 * HOUR) == {}
    assert run(at=AT + 44 * HOUR)["unpaid"] == 1


def test_a_cheaper_plan_comes_when_the_period_ends(shop: Shop) -> None:
    shop.buys(FEATURED)
    shop.wants(PREMIUM, at=AT + DAY)
    run(at=END - 7 * DAY)
    bill = Invoice.objects.get(state="open")
    assert (bill.purpose, bill.amount_due) == ("renew", 2_500)
    pay(bill, at=END - DAY)
    assert (the_one().product, shop.plan, the_one().period_end) == (FEATURED, "featured", dt.datetime(2027, 1, 26, 9, tzinfo=dt.UTC))
    assert run(at=END)["changed"] == 1
    held = the_one()
    assert (held.product, held.state, held.period_start, shop.plan) == (PREMIUM, "active", END, "premium")
    assert held.changes.get().state == "applied"
    assert run(at=END) == {}


def test_a_cheaper_plan_that_nobody_paid_has_its_own_grace(shop: Shop) -> None:
    shop.buys(FEATURED)
    shop.wants(PREMIUM, Period.WEEK, at=AT + DAY)
    run(at=END - 7 * DAY)
    run(at=END)
    assert (the_one().product, the_one().state, shop.plan) == (PREMIUM, "past_due", "premium")
    run(at=END + DAY)
    assert (the_one().state, shop.plan) == ("expired", "free")


def test_an_upgrade_that_nobody_pays_is_forgotten(shop: Shop) -> None:
    shop.buys(PREMIUM)
    found = shop.wants(FEATURED, at=AT + DAY)
    assert run(at=AT + DAY + 23 * HOUR) == {}
    assert run(at=AT + 2 * DAY)["upgrades_dropped"] == 1
    assert found.invoice is not None
    found.invoice.refresh_from_db()
    assert (found.invoice.state, the_one().changes.get().state, shop.plan) == ("void", "dropped", "premium")


def test_credit_renews_by_itself(shop: Shop) -> None:
    shop.buys(PREMIUM, Period.YEAR)
    shop.wants(FEATURED, Period.WEEK, at=AT)
    assert credit_of(shop.owner.pk) == 22_500
    week = AT + 7 * DAY
    assert run(at=week - 2 * DAY)["renewed"] == 1
    assert (the_one().period_end, credit_of(shop.owner.pk), reminded()) == (week + 7 * DAY, 20_000, [])


def test_quotes_that_nobody_used_are_forgotten(shop: Shop) -> None:
    make_quote(user=shop.owner, product=PREMIUM, period=Period.MONTH, resource_id=shop.listing.pk, at=AT)
    shop.buys(PRO, Period.YEAR)
    assert run(at=AT + DAY)["quotes"] == 0
    assert run(at=AT + 2 * DAY)["quotes"] == 1
    assert Quote.objects.count() == 1, "what was charged stays"


def test_a_period_that_was_paid_ahead_begins(shop: Shop) -> None:
    shop.buys(PREMIUM)
    shop.buys(PREMIUM, at=AT + DAY)
    assert the_one().period_start == AT
    run(at=END)
    assert (the_one().state, the_one().period_start) == ("active", END)
    assert run(at=END) == {}


def test_nothing_due_costs_a_fixed_number_of_statements(shop: Shop, django_assert_max_num_queries: Any) -> None:
    shop.buys(PREMIUM)
    with django_assert_max_num_queries(28):
        run(at=AT + DAY)
