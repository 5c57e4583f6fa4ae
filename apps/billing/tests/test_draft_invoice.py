"""A pro forma says what will be owed, holds the credit that it counts on, and lapses."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.tests.factories import make_user
from apps.billing.choices import InvoiceState, PaymentState, Purpose
from apps.billing.constants import AMOUNT_MIN, AMOUNT_STEP
from apps.billing.credit import credit_to_use
from apps.billing.exceptions import AlreadyPaid, CreditSpent, SellerMissing
from apps.billing.models import Invoice, LedgerTransaction, Quote, Seller, Subscription
from apps.billing.selectors.ledger import available_credit, credit_of
from apps.billing.services import buyers, credit_notes, invoices
from apps.billing.services.invoices import Line
from apps.billing.tests.issuing import AT, issued_invoice, pro_forma, subscribe, succeeded_payment

LATER = AT + dt.timedelta(days=31)


def make_quote(subscription: Subscription, *, amount: int = 7_500, credit_used: int = 0, amount_due: int = 7_500) -> Quote:
    return Quote.objects.create(
        user=subscription.user, purpose=Purpose.SUBSCRIBE, price=subscription.price, subscription=subscription, amount=amount,
        credit_used=credit_used, amount_due=amount_due, period_start=AT, period_end=LATER, created_at=AT,
        expires_at=AT + dt.timedelta(minutes=15),
    )  # fmt: skip


@pytest.mark.django_db
def test_it_works() -> None:
    user = make_user(name="Awa Ngo")
    buyers.set_identity(user=user, name="Ngo Traiteur SARL", address="BP 12\nDouala", niu="m0123 4567 8901 2a", at=AT)
    invoice = pro_forma(user=user, totals=(2_500, 1_000))
    invoice.refresh_from_db()
    assert (invoice.pro_forma_number, invoice.number, invoice.state) == ("PF-2026-000001", None, InvoiceState.OPEN)
    assert (invoice.total, invoice.net, invoice.vat, invoice.amount_due) == (3_500, 2_935, 565, 3_500)
    assert [(line.position, line.net, line.vat) for line in invoice.lines.all()] == [(1, 2_096, 404), (2, 839, 161)]
    assert invoice.lapses_at - invoice.created_at == dt.timedelta(days=30)
    assert invoice.buyer == {
        "name": "Ngo Traiteur SARL", "address": "BP 12\nDouala", "niu": "M0123456789012A", "rccm": "", "email": user.email,
    }  # fmt: skip
    assert invoice.seller["is_vat_applied"] is True
    assert not LedgerTransaction.objects.exists()


@pytest.mark.django_db
def test_who_owes_no_tax_prints_none() -> None:
    Seller.objects.create(name="Petite SARL", address="Bafoussam", is_vat_applied=False, valid_from=AT)
    invoice = pro_forma()
    assert (invoice.net, invoice.vat, invoice.vat_basis_points) == (2_500, 0, 0)


@pytest.mark.django_db
def test_nobody_sells_before_the_seller_is_known(settings: pytest.FixtureRequest) -> None:
    settings.DEMO_ALLOWED = False  # type: ignore[attr-defined]
    with pytest.raises(SellerMissing):
        pro_forma()
    assert not Invoice.objects.exists()


@pytest.mark.django_db
def test_francs_below_a_step_go_in_the_customers_favour() -> None:
    invoice = pro_forma(totals=(2_500, -767))
    assert (invoice.total, invoice.amount_due) == (1_730, 1_730)
    assert [line.total for line in invoice.lines.all()] == [2_500, -767, -3]
    assert "Arrondi" in invoice.lines.last().description_fr  # type: ignore[union-attr]


@pytest.mark.django_db
def test_credit_goes_to_the_next_invoice_and_is_not_offered_twice() -> None:
    user = make_user()
    credit_notes.issue(invoice=issued_invoice(user=user, totals=(1_000,)), amount=1_000, reason="Essai", at=AT)
    assert credit_of(user.pk) == available_credit(user.pk) == 1_000
    first = pro_forma(user=user)
    assert (first.total, first.credit_used, first.amount_due) == (2_500, 1_000, 1_500)
    assert (credit_of(user.pk), available_credit(user.pk)) == (1_000, 0)
    invoices.void(invoice_id=first.pk, at=AT)
    assert available_credit(user.pk) == 1_000


@pytest.mark.django_db
def test_the_charge_is_the_quote() -> None:
    user = make_user()
    subscription = subscribe(user)
    quote = make_quote(subscription, amount_due=7_490)
    invoice = invoices.draft(
        user=user, purpose=Purpose.SUBSCRIBE, lines=[Line("Compte pro", "Pro account", 7_500), Line("Reste", "Rest", -7)],
        subscription=subscription, quote=quote, livemode=True, at=AT,
    )  # fmt: skip
    assert (invoice.total, invoice.credit_used, invoice.amount_due) == (7_490, 0, 7_490)
    with pytest.raises(ValueError, match="quote of 7490"):
        invoices.draft(
            user=user, purpose=Purpose.SUBSCRIBE, lines=[Line("Compte pro", "Pro account", 7_500)], subscription=subscription, quote=quote,
            livemode=True, at=AT,
        )  # fmt: skip


@pytest.mark.django_db
def test_a_quote_whose_credit_is_gone_is_refused() -> None:
    user = make_user()
    subscription = subscribe(user)
    quote = make_quote(subscription, credit_used=1_000, amount_due=6_500)
    with pytest.raises(CreditSpent):
        invoices.draft(
            user=user, purpose=Purpose.SUBSCRIBE, lines=[Line("Compte pro", "Pro account", 7_500)], subscription=subscription, quote=quote,
            livemode=True, at=AT,
        )  # fmt: skip


@pytest.mark.django_db
def test_a_test_has_a_series_of_its_own_and_no_credit() -> None:
    user = make_user()
    credit_notes.issue(invoice=issued_invoice(user=user), amount=2_500, reason="Essai", at=AT)
    invoice = pro_forma(user=user, livemode=False)
    assert (invoice.pro_forma_number, invoice.credit_used) == ("TEST-PF-2026-000001", 0)


@pytest.mark.django_db
@pytest.mark.parametrize("totals", [(), (5, -10)])
def test_lines_that_charge_nothing_are_a_mistake(totals: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="lines"):
        pro_forma(totals=totals)


@pytest.mark.django_db
def test_one_is_open_for_each_subscription() -> None:
    user = make_user()
    pro_forma(user=user)
    with pytest.raises(IntegrityError, match="invoices_one_open_a_subscription"), transaction.atomic():
        pro_forma(user=user)


@pytest.mark.django_db
def test_it_lapses_after_thirty_days_unless_money_may_come() -> None:
    old, watched, young = pro_forma(), pro_forma(), pro_forma(at=LATER)
    succeeded_payment(watched, state=PaymentState.UNKNOWN, finished_at=None, transaction_id="")
    assert invoices.lapse(at=LATER) == 1
    assert invoices.lapse(at=LATER) == 0
    states = {invoice.pk: invoice.state for invoice in Invoice.objects.all()}
    assert states == {old.pk: InvoiceState.LAPSED, watched.pk: InvoiceState.OPEN, young.pk: InvoiceState.OPEN}


@pytest.mark.django_db
def test_it_can_be_withdrawn_until_it_is_an_invoice() -> None:
    withdrawn = invoices.void(invoice_id=pro_forma().pk, at=AT)
    assert (withdrawn.state, withdrawn.closed_at) == (InvoiceState.VOID, AT)
    assert invoices.void(invoice_id=withdrawn.pk, at=LATER).closed_at == AT
    with pytest.raises(AlreadyPaid):
        invoices.void(invoice_id=issued_invoice().pk, at=AT)


@given(total=st.integers(min_value=0, max_value=100_000).map(lambda steps: steps * AMOUNT_STEP), available=st.integers(0, 600_000))
def test_what_credit_leaves_can_be_paid(total: int, available: int) -> None:
    used = credit_to_use(total, available)
    due = total - used
    assert 0 <= used <= min(total, available)
    assert due == 0 or due % AMOUNT_STEP == 0
    assert due == 0 or due >= min(AMOUNT_MIN, total)
    # No more is kept back than that takes.
    assert used == total or available - used < AMOUNT_MIN or available <= used
