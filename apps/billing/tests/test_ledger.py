"""Every franc moves between two accounts, once, and nothing that is written changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import AccountKind, PostingKind
from apps.billing.models import Invoice, LedgerAccount, LedgerEntry, LedgerTransaction, Payment
from apps.billing.selectors.ledger import Balance, balance_of, credit_of, trial_balance
from apps.billing.services import ledger
from apps.billing.services.ledger import Leg
from apps.billing.tests.issuing import AT, pro_forma, succeeded_payment


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def invoice(owner: User) -> Invoice:
    return pro_forma(user=owner)


@pytest.fixture
def payment(invoice: Invoice) -> Payment:
    return succeeded_payment(invoice)


def surplus(user: User, amount: int = 2_500) -> list[Leg]:
    return [Leg(AccountKind.CLEARING, amount, provider="mtn"), Leg(AccountKind.CREDIT, -amount, user_id=user.pk)]


@pytest.mark.django_db
def test_it_works(owner: User, payment: Payment) -> None:
    posted = ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=surplus(owner), at=AT)
    assert posted is not None
    assert (posted.payment, posted.at, posted.entries.count()) == (payment, AT, 2)
    assert credit_of(owner.pk) == 2_500
    assert balance_of(AccountKind.CLEARING, provider="mtn") == 2_500
    assert balance_of(AccountKind.CLEARING, provider="orange_mp") == 0
    assert trial_balance() == [Balance(AccountKind.CLEARING, "mtn", 2_500), Balance(AccountKind.CREDIT, "", -2_500)]
    assert [(row.debit, row.credit) for row in trial_balance()] == [(2_500, 0), (0, 2_500)]


@pytest.mark.django_db
def test_credit_is_of_one_customer(owner: User, payment: Payment) -> None:
    ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=surplus(owner), at=AT)
    assert credit_of(make_user().pk) == 0


@pytest.mark.django_db
def test_the_same_cause_is_posted_once(owner: User, payment: Payment) -> None:
    first = ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=surplus(owner), at=AT)
    again = ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=surplus(owner), at=AT + dt.timedelta(hours=1))
    assert again == first
    assert LedgerTransaction.objects.count() == 1
    with pytest.raises(ValueError, match="other legs"):
        ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=surplus(owner, 2_400), at=AT)
    with pytest.raises(IntegrityError, match="ledger_transactions_payment_once"), transaction.atomic():
        LedgerTransaction.objects.create(kind=PostingKind.SURPLUS, payment=payment, at=AT)


@pytest.mark.django_db
def test_francs_that_do_not_move_are_left_out(owner: User, payment: Payment) -> None:
    nothing = [Leg(AccountKind.REVENUE, 0), Leg(AccountKind.VAT, 0)]
    assert ledger.post(kind=PostingKind.SALE, cause=payment, legs=nothing, at=AT) is None
    ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=[*surplus(owner), Leg(AccountKind.FEES, 0)], at=AT)
    assert not LedgerAccount.objects.filter(kind=AccountKind.FEES).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("legs", "message"),
    [
        (lambda _: [Leg(AccountKind.REVENUE, -5)], "sum to -5"),
        (lambda _: [Leg(AccountKind.CLEARING, 5), Leg(AccountKind.REVENUE, -5)], "operator ''"),
        (lambda _: [Leg(AccountKind.BANK, 5, provider="mtn"), Leg(AccountKind.REVENUE, -5)], "operator 'mtn'"),
        (lambda _: [Leg(AccountKind.BANK, 5), Leg(AccountKind.CREDIT, -5)], "customer None"),
        (lambda user: [Leg(AccountKind.BANK, 5, user_id=user.pk), Leg(AccountKind.REVENUE, -5)], "customer"),
    ],
)
def test_legs_that_cannot_be_are_refused(owner: User, payment: Payment, legs: Callable[[User], list[Leg]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ledger.post(kind=PostingKind.PAYMENT, cause=payment, legs=legs(owner), at=AT)
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
def test_what_is_a_test_never_reaches_it(owner: User) -> None:
    payment = succeeded_payment(pro_forma(user=owner, livemode=False))
    with pytest.raises(ValueError, match="test"):
        ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=surplus(owner), at=AT)


@pytest.mark.django_db
def test_a_mistake_is_reversed_once_and_stays_readable(owner: User, payment: Payment) -> None:
    posted = ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=surplus(owner), at=AT)
    assert posted is not None
    mirror = ledger.reverse(posted=posted, at=AT)
    assert ledger.reverse(posted=posted, at=AT) == mirror
    assert (mirror.kind, mirror.reverses, mirror.payment) == (PostingKind.CORRECTION, posted, payment)
    assert credit_of(owner.pk) == 0
    assert LedgerEntry.objects.count() == 4
    ledger.post(kind=PostingKind.CORRECTION, cause=payment, legs=surplus(owner, 2_400), at=AT)
    assert credit_of(owner.pk) == 2_400


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["UPDATE ledger_entries SET amount = amount + 1", "DELETE FROM ledger_entries",
                                    "UPDATE ledger_transactions SET kind = 'fee'", "DELETE FROM ledger_transactions"])  # fmt: skip
def test_what_is_written_stays(owner: User, payment: Payment, change: str) -> None:
    ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=surplus(owner), at=AT)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.django_db(transaction=True)
def test_what_does_not_balance_is_not_committed() -> None:
    owner = make_user()
    payment = succeeded_payment(pro_forma(user=owner))
    ledger.post(kind=PostingKind.SURPLUS, cause=payment, legs=surplus(owner), at=AT)
    cash = LedgerAccount.objects.get(kind=AccountKind.CLEARING)
    other = succeeded_payment(pro_forma())
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        odd = LedgerTransaction.objects.create(kind=PostingKind.PAYMENT, payment=other, at=AT)
        LedgerEntry.objects.create(transaction=odd, account=cash, amount=1)
    assert LedgerTransaction.objects.count() == 1
    # A transaction of yesterday takes no further leg either.
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        LedgerEntry.objects.create(transaction=LedgerTransaction.objects.get(), account=cash, amount=1)
    assert LedgerEntry.objects.count() == 2
