"""A paid pro forma becomes an invoice once: numbered, frozen, posted to the franc."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import ProgrammingError, connection, transaction

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import AccountKind, InvoiceState, PostingKind
from apps.billing.models import Invoice, InvoiceLine, LedgerEntry, LedgerTransaction, Payment, Seller
from apps.billing.selectors.ledger import balance_of, credit_of, trial_balance
from apps.billing.services import buyers, credit_notes, invoices
from apps.billing.tests.issuing import AT, issued_invoice, pro_forma, succeeded_payment
from apps.core.models import OutboxEvent

LATER = AT + dt.timedelta(days=40)


def legs_of(kind: PostingKind) -> list[tuple[str, str, int, bool]]:
    rows = LedgerEntry.objects.filter(transaction__kind=kind).select_related("account").order_by("pk")
    return [(row.account.kind, row.account.provider, row.amount, row.user_id is not None) for row in rows]


def settle(invoice: Invoice, payment: Payment | None, at: dt.datetime = AT) -> invoices.Settlement:
    return invoices.settle_invoice(invoice_id=invoice.pk, payment=payment, at=at)


@pytest.mark.django_db
def test_it_works() -> None:
    user = make_user(name="Awa Ngo")
    open_one = pro_forma(user=user)
    buyers.set_identity(user=user, name="Awa Ngo, commerçante", at=AT)
    payment = succeeded_payment(open_one)
    invoice, is_issued = settle(open_one, payment).invoice, settle(open_one, payment).is_issued
    invoice.refresh_from_db()
    assert is_issued
    assert (invoice.number, invoice.state, invoice.issued_at) == ("FA-2026-000001", InvoiceState.PAID, AT)
    assert invoice.buyer["name"] == "Awa Ngo, commerçante"
    assert invoice.paid_with == {
        "method": "mtn", "operator": "mtn", "reference": str(payment.reference), "transaction_id": payment.transaction_id,
        "payer": "+237 6•• ••• 111", "at": AT.isoformat(),
    }  # fmt: skip
    assert invoice.check_code is not None
    assert len(invoice.check_code) == 12
    assert legs_of(PostingKind.PAYMENT) == [("clearing", "mtn", 2_500, False), ("receivable", "", -2_500, True)]
    assert legs_of(PostingKind.SALE) == [("receivable", "", 2_500, True), ("revenue", "", -2_096, False), ("vat", "", -404, False)]
    assert balance_of(AccountKind.RECEIVABLE, user_id=user.pk) == 0
    assert OutboxEvent.objects.get(name="billing.invoice_issued").payload == {"invoice_id": str(invoice.pk)}


@pytest.mark.django_db
def test_the_same_payment_again_changes_nothing() -> None:
    open_one = pro_forma()
    payment = succeeded_payment(open_one)
    settle(open_one, payment)
    again = settle(open_one, payment, LATER)
    assert again.is_issued
    assert again.invoice.issued_at == AT
    assert LedgerTransaction.objects.count() == 2
    assert OutboxEvent.objects.filter(name="billing.invoice_issued").count() == 1


@pytest.mark.django_db
def test_a_second_payment_becomes_credit_once() -> None:
    invoice = issued_invoice()
    second = succeeded_payment(invoice)
    for _ in range(2):
        settlement = settle(invoice, second, LATER)
        assert not settlement.is_issued
        assert settlement.invoice.number == invoice.number
    assert credit_of(invoice.user_id) == 2_500
    assert balance_of(AccountKind.CLEARING, provider="mtn") == 5_000
    assert balance_of(AccountKind.RECEIVABLE) == 0
    assert legs_of(PostingKind.SURPLUS) == [("receivable", "", 2_500, True), ("credit", "", -2_500, True)]


@pytest.mark.django_db
def test_money_for_a_withdrawn_pro_forma_becomes_credit() -> None:
    withdrawn = invoices.void(invoice_id=pro_forma().pk, at=AT)
    settlement = settle(withdrawn, succeeded_payment(withdrawn))
    assert (settlement.is_issued, settlement.invoice.state, settlement.invoice.number) == (False, InvoiceState.VOID, None)
    assert credit_of(withdrawn.user_id) == 2_500


@pytest.mark.django_db
def test_a_lapsed_pro_forma_that_is_paid_late_is_issued() -> None:
    open_one = pro_forma()
    invoices.lapse(at=LATER)
    settlement = settle(open_one, succeeded_payment(open_one), LATER)
    assert (settlement.is_issued, settlement.invoice.state, settlement.invoice.closed_at) == (True, InvoiceState.PAID, None)
    assert settlement.invoice.number == "FA-2027-000001"


def with_credit(amount: int) -> User:
    user = make_user()
    credit_notes.issue(invoice=issued_invoice(user=user, totals=(amount,)), amount=amount, reason="Essai", at=AT)
    return user


@pytest.mark.django_db
def test_credit_is_used_when_the_invoice_is_issued() -> None:
    user = with_credit(1_000)
    open_one = pro_forma(user=user)
    settle(open_one, succeeded_payment(open_one))
    assert legs_of(PostingKind.CREDIT_USED) == [("credit", "", 1_000, True), ("receivable", "", -1_000, True)]
    assert credit_of(user.pk) == 0
    assert balance_of(AccountKind.RECEIVABLE, user_id=user.pk) == 0


@pytest.mark.django_db
def test_what_credit_covers_is_settled_without_a_payment() -> None:
    open_one = pro_forma(user=with_credit(5_000))
    assert open_one.amount_due == 0
    invoice = settle(open_one, None).invoice
    assert settle(open_one, None).invoice.number == invoice.number == "FA-2026-000002"
    assert invoice.paid_with["method"] == "credit"
    assert credit_of(invoice.user_id) == 2_500


@pytest.mark.django_db
def test_what_is_free_is_issued_without_a_posting() -> None:
    invoice = issued_invoice(totals=(2_500, -2_500))
    assert (invoice.state, invoice.total) == (InvoiceState.PAID, 0)
    assert not LedgerTransaction.objects.exists()


@pytest.mark.django_db
def test_a_late_payment_that_counted_on_credit_spent_since_becomes_credit() -> None:
    user = with_credit(1_000)
    lapsed = pro_forma(user=user)
    invoices.lapse(at=LATER)
    other = pro_forma(user=user, at=LATER)
    settle(other, succeeded_payment(other), LATER)
    settlement = settle(lapsed, succeeded_payment(lapsed), LATER)
    assert (settlement.is_issued, settlement.invoice.state) == (False, InvoiceState.LAPSED)
    assert credit_of(user.pk) == 1_500


@pytest.mark.django_db
def test_money_of_another_amount_is_not_lost() -> None:
    open_one = pro_forma()
    settlement = settle(open_one, succeeded_payment(open_one, amount=2_000))
    assert (settlement.is_issued, credit_of(open_one.user_id)) == (False, 2_000)


@pytest.mark.django_db
def test_a_payment_of_another_invoice_is_a_mistake() -> None:
    open_one, stranger = pro_forma(), pro_forma()
    with pytest.raises(ValueError, match="is not of invoice"):
        settle(open_one, succeeded_payment(stranger))
    with pytest.raises(ValueError, match="needs a payment"):
        settle(open_one, None)


@pytest.mark.django_db
def test_a_test_is_numbered_apart_and_leaves_the_ledger_alone() -> None:
    invoice = issued_invoice(livemode=False)
    settle(invoice, succeeded_payment(invoice))
    assert invoice.number == "TEST-2026-000001"
    assert not LedgerTransaction.objects.exists()
    assert issued_invoice().number == "FA-2026-000001"


@pytest.mark.django_db
def test_the_tax_is_that_of_the_day_of_issue() -> None:
    open_one = pro_forma()
    Seller.objects.create(name="Grande SA", address="Douala", is_vat_applied=False, valid_from=AT + dt.timedelta(days=1))
    invoice = settle(open_one, succeeded_payment(open_one), LATER).invoice
    assert (invoice.net, invoice.vat, invoice.seller["name"]) == (2_500, 0, "Grande SA")
    assert [(line.net, line.vat) for line in invoice.lines.all()] == [(2_500, 0)]
    assert [leg[0] for leg in legs_of(PostingKind.SALE)] == ["receivable", "revenue"]


@pytest.mark.django_db
def test_who_deleted_the_account_stays_on_the_invoice() -> None:
    open_one = pro_forma(user=make_user(name="Awa Ngo"))
    User.objects.filter(pk=open_one.user_id).update(name="–", is_active=False, deleted_at=AT)
    assert settle(open_one, succeeded_payment(open_one)).invoice.buyer["name"] == "Awa Ngo"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE invoices SET total = 0, net = 0, vat = 0, amount_due = 0",
        "UPDATE invoices SET state = 'void', number = NULL, issued_at = NULL, check_code = NULL",
        "DELETE FROM invoices",
        "UPDATE invoice_lines SET description_fr = 'Autre'",
        "DELETE FROM invoice_lines",
    ],
)
def test_an_issued_invoice_stays(change: str) -> None:
    issued_invoice()
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.django_db
def test_an_issued_invoice_takes_no_further_line() -> None:
    invoice = issued_invoice()
    with pytest.raises(ProgrammingError, match="stay"), transaction.atomic():
        InvoiceLine.objects.create(invoice=invoice, position=9, description_fr="x", description_en="x", total=1, net=1, vat=0)


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_with_two_payments_one_issues_and_one_gives_credit() -> None:
    open_one = pro_forma()
    first = succeeded_payment(open_one)
    payments = [first, *(succeeded_payment(open_one) for _ in range(5))]
    outcomes: list[bool] = []
    start = threading.Barrier(len(payments))

    def one(payment: Payment) -> None:
        start.wait()
        try:
            outcomes.append(settle(open_one, payment).is_issued)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[payment]) for payment in payments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 5 + [True]
    assert credit_of(open_one.user_id) == 5 * 2_500
    assert sum(row.amount for row in trial_balance()) == 0
    assert Invoice.objects.get(pk=open_one.pk).number == "FA-2026-000001"


@pytest.mark.django_db(transaction=True)
def test_many_invoices_at_once_are_numbered_without_a_gap() -> None:
    waiting = [pro_forma() for _ in range(16)]
    payments = [succeeded_payment(invoice) for invoice in waiting]
    start = threading.Barrier(4)
    numbers: list[str | None] = []

    def some(mine: list[tuple[Invoice, Payment]]) -> None:
        start.wait()
        try:
            for place, (invoice, payment) in enumerate(mine):
                with transaction.atomic():
                    number = settle(invoice, payment).invoice.number
                    if place % 2:
                        transaction.set_rollback(True)
                        continue
                numbers.append(number)
        finally:
            connection.close()

    pairs = list(zip(waiting, payments, strict=True))
    threads = [threading.Thread(target=some, args=[pairs[part::4]]) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = Invoice.objects.filter(state=InvoiceState.PAID).order_by("number").values_list("number", flat=True)
    assert list(kept) == [f"FA-2026-{number:06}" for number in range(1, 9)]
