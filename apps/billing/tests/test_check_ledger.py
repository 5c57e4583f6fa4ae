"""`check_ledger` proves the books when they are right, and names what differs when they are not."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pgtrigger
import pytest
from django.core.management import call_command
from django.db import connection

from apps.accounts.tests.factories import make_user
from apps.billing.choices import AccountKind, PostingKind, RefundState
from apps.billing.models import Grant, Invoice, LedgerEntry, LedgerTransaction, NumberSeries, Payment, Refund
from apps.billing.selectors.ledger import credit_of
from apps.billing.selectors.ledger_proofs import prove_ledger
from apps.billing.services import credit_notes, invoices, ledger
from apps.billing.services.alarms import ALARMS
from apps.billing.services.ledger import Leg
from apps.billing.services.ledger_watch import watch_ledger
from apps.billing.tests.issuing import AT, issued_invoice, pro_forma, succeeded_payment
from apps.core.models import OutboxEvent


def grant(invoice: Invoice) -> Invoice:
    """What the engine gives beside settling."""
    Grant.objects.create(
        invoice=invoice,
        subscription=invoice.subscription,
        price=invoice.subscription.price,
        period_start=AT,
        period_end=AT + dt.timedelta(days=30),
        created_at=AT,
    )
    return invoice


def refund(payment: Payment, amount: int) -> Refund:
    """Decided, posted and paid out."""
    row = Refund.objects.create(
        payment=payment, amount=amount, state=RefundState.SUCCEEDED, motive="Essai", requested_by=make_user(), decided_by=make_user(),
        created_at=AT,
    )  # fmt: skip
    user_id = payment.user_id
    due = [Leg(AccountKind.CREDIT, amount, user_id=user_id), Leg(AccountKind.REFUNDS, -amount, user_id=user_id)]
    paid = [Leg(AccountKind.REFUNDS, amount, user_id=user_id), Leg(AccountKind.CLEARING, -amount, provider=payment.provider)]
    ledger.post(kind=PostingKind.REFUND_DUE, cause=row, legs=due, at=AT)
    ledger.post(kind=PostingKind.REFUND, cause=row, legs=paid, at=AT)
    return row


@pytest.fixture
def books() -> Invoice:
    """A sale, one paid twice, a credit note, a refund, one that credit paid, a correction, a test, and one still open."""
    user = make_user()
    first = grant(issued_invoice(user=user))
    twice = succeeded_payment(first, amount=2_500)
    invoices.settle_invoice(invoice_id=first.pk, payment=twice, at=AT)
    refund(twice, 1_000)
    credit_notes.issue(invoice=first, amount=1_000, reason="Essai", at=AT)
    grant(issued_invoice(user=user))
    assert credit_of(user.pk) == 0
    fee = succeeded_payment(grant(issued_invoice()))
    invoices.settle_invoice(invoice_id=fee.invoice_id, payment=fee, at=AT)
    wrong = ledger.post(
        kind=PostingKind.FEE, cause=fee, legs=[Leg(AccountKind.FEES, 50), Leg(AccountKind.CLEARING, -50, provider="mtn")], at=AT
    )
    assert wrong is not None
    ledger.reverse(posted=wrong, at=AT)
    grant(issued_invoice(livemode=False))
    pro_forma()
    return first


def check() -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("check_ledger", stdout=out, stderr=err)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_it_works() -> None:
    status, printed, names = check()
    assert (status, names) == (0, "")
    lines = printed.splitlines()
    assert lines[-1].startswith("differences=0 ")
    assert len(lines) == 14
    assert all(line.startswith("proved: ") for line in lines[:-1])
    assert "proved: numbers have no gap (FA-2026=3 AV-2026=1)" in lines


@pytest.mark.django_db
def test_empty_books_are_right() -> None:
    assert check()[0] == 0


@pytest.mark.django_db(transaction=True)
def test_all_proofs_see_the_same_moment() -> None:
    grant(issued_invoice())
    proofs = prove_ledger()
    next(proofs)
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("on",)
    assert [proof.differences for proof in proofs] == [[]] * 12


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def lose_a_leg(_: Invoice) -> None:
    LedgerEntry.objects.filter(transaction__kind="sale").order_by("pk").last().delete()  # type: ignore[union-attr]


def lose_a_payment_posting(_: Invoice) -> None:
    posted = LedgerTransaction.objects.filter(kind="payment").order_by("pk").first()
    assert posted is not None
    posted.entries.all().delete()
    posted.delete()


def lose_a_grant(invoice: Invoice) -> None:
    Grant.objects.filter(invoice=invoice).delete()


def invent_a_payment(_: Invoice) -> None:
    succeeded_payment(pro_forma())


def lose_a_surplus(_: Invoice) -> None:
    posted = LedgerTransaction.objects.filter(kind="surplus").first()
    assert posted is not None
    posted.entries.all().delete()
    posted.delete()


def change_an_invoice(invoice: Invoice) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(net=2_000, vat=500)


def lose_a_number(_: Invoice) -> None:
    NumberSeries.objects.filter(series="FA").update(last=4)


def skip_a_number(invoice: Invoice) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(number="FA-2026-000009")


def forget_a_credit_note(_: Invoice) -> None:
    execute("DELETE FROM ledger_entries WHERE transaction_id IN (SELECT id FROM ledger_transactions WHERE kind = 'credit_note')")


def post_a_test(_: Invoice) -> None:
    test = Invoice.objects.get(livemode=False)
    LedgerTransaction.objects.filter(kind="sale").update(kind="fee")
    LedgerTransaction.objects.create(kind="sale", invoice=test, at=AT)


def refund_without_a_posting(_: Invoice) -> None:
    Refund.objects.update(state=RefundState.PENDING)


def owe(_: Invoice) -> None:
    LedgerEntry.objects.filter(account__kind="receivable").update(user=make_user())
    LedgerEntry.objects.filter(account__kind="receivable", amount__gt=0).update(user=make_user())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("damage", "proof"),
    [
        (lose_a_leg, "each transaction sums to zero"),
        (lose_a_leg, "the trial balance is zero"),
        (lose_a_leg, "revenue and VAT are invoices less credit notes"),
        (lose_a_payment_posting, "each live payment that succeeded is posted once, and no other is"),
        (lose_a_payment_posting, "clearing of each operator is payments less refunds"),
        (lose_a_grant, "each live payment that succeeded gave what it bought, or credit"),
        (invent_a_payment, "each live payment that succeeded is posted once, and no other is"),
        (lose_a_surplus, "each live payment that succeeded gave what it bought, or credit"),
        (lose_a_surplus, "credit of each customer is surplus and credit notes less used and refunds"),
        (change_an_invoice, "each invoice is the sum of its lines"),
        (change_an_invoice, "revenue and VAT are invoices less credit notes"),
        (lose_a_number, "numbers have no gap"),
        (skip_a_number, "numbers have no gap"),
        (forget_a_credit_note, "credit of each customer is surplus and credit notes less used and refunds"),
        (post_a_test, "no test is posted"),
        (post_a_test, "each invoice is posted once, and nothing else is"),
        (refund_without_a_posting, "refunds to pay are those on their way"),
        (refund_without_a_posting, "clearing of each operator is payments less refunds"),
        (owe, "no customer owes anything"),
    ],
)
def test_what_differs_is_named(books: Invoice, damage: Callable[[Invoice], None], proof: str) -> None:
    # What was written is looked at now, as a commit would; the damage comes after it.
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET CONSTRAINTS ALL DEFERRED")
    with pgtrigger.ignore():
        damage(books)
    status, printed, names = check()
    assert status == 1
    assert f"differs: {proof}" in printed
    assert names.strip()
    assert "differences=0" not in printed


@pytest.mark.django_db
def test_the_nightly_look_raises_an_alarm(books: Invoice) -> None:
    assert watch_ledger(at=AT) == 0
    assert not OutboxEvent.objects.filter(name="billing.ledger_differs").exists()
    lose_a_grant(books)
    raised = ALARMS.labels("ledger", "differs")
    before = raised._value.get()
    assert watch_ledger(at=AT) == 1
    assert raised._value.get() == before + 1
    told = OutboxEvent.objects.get(name="billing.ledger_differs").payload
    assert told["proofs"] == ["each live payment that succeeded gave what it bought, or credit"]
