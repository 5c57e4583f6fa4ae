"""What becomes of subscriptions when listings and accounts change: contracts, section 7, through their events."""

from __future__ import annotations

import datetime as dt

import pytest

from apps.accounts.models import User
from apps.accounts.origins import NOWHERE
from apps.accounts.services.closure import delete_account, request_deletion
from apps.accounts.tests.factories import make_user
from apps.billing.choices import PaymentState, Period, Product
from apps.billing.models import BuyerIdentity, Case, Invoice, Subscription, SubscriptionMove
from apps.billing.selectors.ledger import credit_of
from apps.billing.services import credit_notes, lifecycle, moves
from apps.billing.services.renewals import run
from apps.billing.tests.factories import make_payment
from apps.billing.tests.issuing import issued_invoice
from apps.billing.tests.world import AT, DAY, Shop, open_shop, pay
from apps.catalog.choices import ListingRight
from apps.catalog.models import Resource
from apps.catalog.selectors.entitlements import entitlements_of
from apps.catalog.services import deletion, moderation, resources
from apps.catalog.services.resource_input import ResourceInput
from apps.core.models import OutboxDelivery, OutboxEvent

pytestmark = pytest.mark.django_db
PREMIUM, FEATURED, PRO, ENTERPRISE = Product
END = dt.datetime(2026, 12, 26, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


def heard(receiver: str) -> int:
    """How many deliveries wait for a receiver of billing."""
    return OutboxDelivery.objects.filter(receiver=f"billing.{receiver}").count()


def photos(resource: Resource, at: dt.datetime) -> int:
    return entitlements_of(resource, at=at)[ListingRight.PHOTOS]


def test_a_deleted_listing_is_not_renewed(shop: Shop) -> None:
    shop.buys(PREMIUM)
    deletion.delete_resource(resource_id=shop.listing.pk, at=AT + DAY)
    assert heard("follow_listing") == 1
    for _ in range(2):
        lifecycle.follow_listing(resource_id=shop.listing.pk, at=AT + DAY)
    held = Subscription.objects.get()
    assert (held.state, held.cancel_at_period_end, held.end_reason) == ("active", True, "listing_deleted")
    assert (photos(shop.listing, END - DAY), photos(shop.listing, END)) == (20, 5)
    deletion.restore_resource(resource_id=shop.listing.pk, at=AT + 2 * DAY)
    lifecycle.follow_listing(resource_id=shop.listing.pk, at=AT + 2 * DAY)
    held.refresh_from_db()
    assert (held.cancel_at_period_end, held.end_reason) == (False, "")
    deletion.delete_resource(resource_id=shop.listing.pk, at=AT + 3 * DAY)
    assert run(at=AT + 3 * DAY)["cancelled"] == 1, "the beat sees it, too, when the event is late"
    assert run(at=END)["cancelled"] == 1


def test_a_closed_listing_is_not_renewed(shop: Shop) -> None:
    shop.buys(PREMIUM)
    run(at=END - 7 * DAY)
    data = ResourceInput(fields={"operating_status": "permanently_closed"})
    resources.update_resource(resource_id=shop.listing.pk, data=data, at=AT, expected_versions=None)
    assert heard("follow_listing") == 1
    lifecycle.follow_listing(resource_id=shop.listing.pk, at=END - 6 * DAY)
    assert Subscription.objects.get().end_reason == "listing_closed"
    assert Invoice.objects.get(purpose="renew").state == "void"


def test_what_is_being_paid_is_not_withdrawn(shop: Shop) -> None:
    found = shop.wants(PREMIUM)
    assert found.invoice is not None
    make_payment(invoice=found.invoice, state=PaymentState.PENDING, at=AT)
    deletion.delete_resource(resource_id=shop.listing.pk, at=AT)
    lifecycle.follow_listing(resource_id=shop.listing.pk, at=AT)
    found.invoice.refresh_from_db()
    assert (Subscription.objects.get().state, found.invoice.state) == ("cancelled", "open")


def test_a_suspension_stops_the_rights_and_asks_a_person(shop: Shop) -> None:
    shop.buys(PREMIUM)
    moderation.suspend_resource(resource_id=shop.listing.pk, actor=None, reason="forbidden", at=AT + DAY)
    assert heard("follow_listing") == 1
    for _ in range(2):
        lifecycle.follow_listing(resource_id=shop.listing.pk, at=AT + DAY)
    assert (photos(shop.listing, AT + DAY), shop.plan) == (5, "free")
    case = Case.objects.get()
    assert (case.kind, case.payment is not None) == ("suspended_paid", True)
    held = Subscription.objects.get()
    assert (held.state, held.cancel_at_period_end) == ("active", False)
    moderation.publish_resource(resource_id=shop.listing.pk, actor=None, reason="appeal_granted", at=AT + 2 * DAY)
    lifecycle.follow_listing(resource_id=shop.listing.pk, at=AT + 2 * DAY)
    assert (photos(shop.listing, AT + 2 * DAY), shop.plan) == (20, "premium")


def test_what_credit_paid_is_decided_about_too_when_it_is_suspended(shop: Shop) -> None:
    credit_notes.issue(invoice=issued_invoice(user=shop.owner, at=AT), amount=2_500, reason="Geste", at=AT)
    found = shop.wants(PREMIUM)
    assert found.invoice is not None
    assert (found.invoice.state, found.invoice.amount_due, shop.plan) == ("paid", 0, "premium")
    moderation.suspend_resource(resource_id=shop.listing.pk, actor=None, reason="forbidden", at=AT + DAY)
    for _ in range(2):
        lifecycle.follow_listing(resource_id=shop.listing.pk, at=AT + DAY)
    case = Case.objects.get()
    assert (case.kind, case.payment, case.subscription) == ("suspended_paid", None, found.subscription)
    assert (photos(shop.listing, AT + DAY), shop.plan) == (5, "free")
    assert OutboxEvent.objects.filter(name="billing.case_opened", key=str(case.pk)).count() == 1


def test_a_success_for_a_suspended_listing_gives_nothing_but_a_case(shop: Shop) -> None:
    found = shop.wants(PREMIUM)
    assert found.invoice is not None
    moderation.suspend_resource(resource_id=shop.listing.pk, actor=None, reason="forbidden", at=AT)
    pay(found.invoice, at=AT)
    assert (Subscription.objects.get().state, shop.plan, Case.objects.get().kind) == ("active", "free", "suspended_paid")


def test_a_success_for_a_deleted_listing_ends_with_its_period(shop: Shop) -> None:
    found = shop.wants(PREMIUM)
    assert found.invoice is not None
    deletion.delete_resource(resource_id=shop.listing.pk, at=AT)
    pay(found.invoice, at=AT)
    held = Subscription.objects.get()
    assert (held.state, held.cancel_at_period_end, held.end_reason) == ("active", True, "listing_deleted")


def close(user: User) -> None:
    request_deletion(user=user, origin=NOWHERE, at=AT)
    delete_account(user_id=user.pk, at=AT + 31 * DAY)


def test_a_deleted_account_pays_no_more_and_its_invoices_stay(shop: Shop) -> None:
    shop.buys(PREMIUM, Period.YEAR)
    shop.buys(PRO, Period.YEAR)
    BuyerIdentity.objects.create(user=shop.owner, name="Awa Ngo SARL", updated_at=AT)
    printed = list(Invoice.objects.order_by("pk").values("number", "buyer"))
    close(shop.owner)
    assert heard("follow_account") == 1
    for _ in range(2):
        lifecycle.follow_account(user_id=shop.owner.pk, at=AT + 31 * DAY)
    listing, account = Subscription.objects.order_by("pk")
    assert (listing.state, listing.cancel_at_period_end, listing.end_reason) == ("active", True, "account_deleted")
    assert (account.state, account.end_reason) == ("cancelled", "account_deleted")
    shop.owner.refresh_from_db()
    assert (shop.owner.plan, shop.owner.api_quota) == ("free", 1_000)
    assert list(Invoice.objects.order_by("pk").values("number", "buyer")) == printed
    assert not BuyerIdentity.objects.exists()


def merge(kept: Shop, gone: Shop, at: dt.datetime) -> None:
    """What ingestion does to the rows, and billing after its event; the whole of it is in `tests/flows`."""
    Resource.objects.filter(pk=gone.listing.pk).update(status="archived")
    for _ in range(2):
        moves.follow_merge(survivor_id=kept.listing.pk, absorbed_id=gone.listing.pk, at=at)


def part(kept: Shop, gone: Shop, at: dt.datetime) -> None:
    """The same, back."""
    Resource.objects.filter(pk=gone.listing.pk).update(status="active")
    for _ in range(2):
        moves.undo_merge(survivor_id=kept.listing.pk, absorbed_id=gone.listing.pk, at=at)


def test_a_subscription_follows_its_listing_into_another_and_back(shop: Shop) -> None:
    kept, gone = shop, open_shop(owner=make_user())
    held = gone.buys(PREMIUM)
    merge(kept, gone, AT + DAY)
    held.refresh_from_db()
    assert (held.resource_id, held.state, held.cancel_at_period_end) == (kept.listing.pk, "active", False)
    assert (photos(kept.listing, AT + DAY), photos(gone.listing, AT + DAY)) == (20, 5)
    part(kept, gone, AT + 2 * DAY)
    held.refresh_from_db()
    assert (held.resource_id, held.period_end) == (gone.listing.pk, END)
    assert (photos(kept.listing, AT + 2 * DAY), photos(gone.listing, AT + 2 * DAY)) == (5, 20)
    assert credit_of(gone.owner.pk) == 0


def test_of_two_the_better_stays_and_the_rest_of_the_lesser_is_credit(shop: Shop) -> None:
    kept, gone = shop, open_shop(owner=make_user())
    better, lesser = kept.buys(FEATURED), gone.buys(PREMIUM)
    merge(kept, gone, AT + 20 * DAY)
    better.refresh_from_db()
    lesser.refresh_from_db()
    assert (better.state, better.resource_id) == ("active", kept.listing.pk)
    assert (lesser.state, lesser.end_reason) == ("cancelled", "listing_merged")
    assert (credit_of(gone.owner.pk), credit_of(kept.owner.pk)) == (834, 0)
    assert SubscriptionMove.objects.get().credit == 834

    part(kept, gone, AT + 25 * DAY)
    lesser.refresh_from_db()
    assert (lesser.state, lesser.period_end, lesser.resource_id) == ("active", END, gone.listing.pk)
    # Five days of thirty: 416.7 F, rounded up, were bought back with the credit.
    assert credit_of(gone.owner.pk) == 834 - 417
    assert (gone.plan, kept.plan) == ("premium", "featured")


def test_the_better_of_two_may_come_from_the_absorbed_one(shop: Shop) -> None:
    kept, gone = shop, open_shop(owner=make_user())
    lesser, better = kept.buys(PREMIUM), gone.buys(FEATURED, Period.WEEK)
    merge(kept, gone, AT + DAY)
    better.refresh_from_db()
    lesser.refresh_from_db()
    assert (better.resource_id, better.state, lesser.state) == (kept.listing.pk, "active", "cancelled")
    assert credit_of(kept.owner.pk) == 2_417
    part(kept, gone, AT + DAY)
    better.refresh_from_db()
    lesser.refresh_from_db()
    assert (better.resource_id, lesser.resource_id, lesser.state) == (gone.listing.pk, kept.listing.pk, "active")
    assert credit_of(kept.owner.pk) == 0


def test_credit_that_was_spent_meanwhile_stays_spent(shop: Shop) -> None:
    kept, gone = shop, open_shop(owner=make_user())
    kept.buys(FEATURED)
    lesser = gone.buys(PREMIUM)
    merge(kept, gone, AT)
    assert credit_of(gone.owner.pk) == 2_500
    gone.wants(PRO, Period.WEEK, at=AT)
    assert credit_of(gone.owner.pk) == 0
    part(kept, gone, AT + DAY)
    lesser.refresh_from_db()
    assert lesser.state == "cancelled"


def test_one_that_was_never_paid_gives_way(shop: Shop) -> None:
    kept, gone = shop, open_shop(owner=make_user())
    waiting = kept.wants(PREMIUM)
    held = gone.buys(PREMIUM, at=AT)
    merge(kept, gone, AT + DAY)
    waiting.subscription.refresh_from_db()
    held.refresh_from_db()
    assert (waiting.subscription.state, held.resource_id, credit_of(kept.owner.pk)) == ("cancelled", kept.listing.pk, 0)
