"""Refunds: two people, never too much, sent once, and in the ledger to the franc."""

from __future__ import annotations

import datetime as dt
from collections import deque
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, cast

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import AccountKind, CallKind, CaseKind, PaymentState, PostingKind, Reason, RefundState
from apps.billing.exceptions import RefundDecided, RefundTooLarge, SecondPersonNeeded
from apps.billing.models import Case, CreditNote, Payment, ProviderCall, Refund
from apps.billing.providers.port import Journal, Provider, RefundOrder, Seen, Sighting, Submission, Submitted
from apps.billing.selectors.ledger import available_credit, balance_of
from apps.billing.services import refunds
from apps.billing.services.payments.moments import Moment
from apps.billing.services.refunds import sending
from apps.billing.tests.factories import make_payment
from apps.billing.tests.issuing import issued_invoice
from apps.core.exceptions import FieldsInvalid, PermissionRefused
from apps.core.models import OutboxEvent

pytestmark = pytest.mark.django_db
NO_ANSWER, NOT_FOUND = Sighting(Seen.NO_ANSWER), Sighting(Seen.NOT_FOUND)


@dataclass
class Paying:
    """An operator that refunds as it is told; the last answer is repeated."""

    submissions: deque[Submission]
    sightings: deque[Sighting] = field(default_factory=lambda: deque([Sighting(Seen.SUCCEEDED, transaction_id="R1")]))
    resubmits: bool = True
    orders: list[RefundOrder] = field(default_factory=list)

    def refund(self, order: RefundOrder, journal: Journal) -> Submission:
        self.orders.append(order)
        journal.end(journal.begin(CallKind.REFUND, "POST", "/refund"), status=202, body="", error="")
        return self.submissions.popleft() if len(self.submissions) > 1 else self.submissions[0]

    def query_refund(self, order: RefundOrder, journal: Journal) -> Sighting:
        journal.end(journal.begin(CallKind.REFUND_QUERY, "GET", "/refund"), status=200, body="{}", error="")
        seen = self.sightings.popleft() if len(self.sightings) > 1 else self.sightings[0]
        said = seen.seen is Seen.SUCCEEDED and seen.amount is None
        return replace(seen, amount=Decimal(order.amount), reference=str(order.reference), currency=order.currency) if said else seen


def paying(*outcomes: Submitted | Submission, sees: tuple[Sighting, ...] = ()) -> Paying:
    answers = deque(one if isinstance(one, Submission) else Submission(one) for one in outcomes or (Submitted.ACCEPTED,))
    return Paying(answers, deque(sees)) if sees else Paying(answers)


def staff(*permissions: str) -> User:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="billing", codename__in=permissions))
    return user


@pytest.fixture
def asker() -> User:
    return staff("request_refund")


@pytest.fixture
def decider() -> User:
    return staff("approve_refund", "request_refund")


@pytest.fixture(autouse=True)
def _operator(settings: Any) -> None:
    settings.MTN_MOMO_BASE_URL = "http://127.0.0.1:9"
    settings.MTN_MOMO_DISBURSEMENT_SUBSCRIPTION_KEY = settings.MTN_MOMO_DISBURSEMENT_API_USER = "clef"
    settings.MTN_MOMO_DISBURSEMENT_API_KEY = "secret"


def paid(total: int = 2500) -> Payment:
    """A payment by MTN whose invoice is issued."""
    return issued_invoice(totals=(total,)).payments.get()


def approved(payment: Payment, asker: User, decider: User, amount: int = 1000, **options: Any) -> Refund:
    at = timezone.now()
    ends = options.pop("ends_rights", False)
    refund = refunds.request_refund(payment_id=payment.pk, amount=amount, motive="Doublon", actor=asker, at=at, **options)
    return refunds.approve_refund(refund_id=refund.pk, actor=decider, at=at, ends_rights=ends)


def carry_on(operator: Paying, *, minutes: float = 60) -> None:
    """Workers do what is due during so many minutes."""
    at = timezone.now()
    end = at + dt.timedelta(minutes=minutes)
    while at <= end:
        refund = sending.take(at=at)
        if refund is not None:
            sending.perform(refund, provider=cast("Provider", operator), moment=Moment(at))
        at += dt.timedelta(seconds=5)


def test_it_works(asker: User, decider: User) -> None:
    payment, operator = paid(), paying()
    refund = approved(payment, asker, decider)
    note = CreditNote.objects.get()
    assert (refund.state, refund.credit_note, note.total) == (RefundState.CREATED, note, 1000)
    assert balance_of(AccountKind.REFUNDS, user_id=payment.user_id) == -1000

    carry_on(operator)

    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.state, refund.transaction_id, refund.next_query_at) == (RefundState.SUCCEEDED, "R1", None)
    assert (payment.state, payment.refunded_amount) == (PaymentState.SUCCEEDED, 1000)
    assert [order.reference for order in operator.orders] == [refund.reference]
    assert (operator.orders[0].payment_reference, operator.orders[0].amount) == (payment.reference, 1000)
    assert balance_of(AccountKind.REFUNDS) == 0
    assert balance_of(AccountKind.CLEARING, provider="mtn") == 1500
    assert available_credit(payment.user_id) == 0
    assert [call.kind for call in ProviderCall.objects.filter(refund=refund).order_by("pk")] == ["refund", "refund_query"]
    causes = list(payment.events.filter(refund=refund).order_by("pk").values_list("cause", flat=True))
    assert causes == ["refund_requested", "refund_approved", "refund_accepted", "refund_succeeded"]
    assert OutboxEvent.objects.filter(name="billing.refund_succeeded", key=str(refund.pk)).count() == 1


def test_partial_twice_then_nothing_is_left(asker: User, decider: User) -> None:
    payment = paid()
    approved(payment, asker, decider, amount=1000)
    carry_on(paying())
    approved(payment, asker, decider, amount=1500)
    carry_on(paying())

    payment.refresh_from_db()
    assert (payment.state, payment.refunded_amount) == (PaymentState.REFUNDED, 2500)
    assert payment.finished_at is not None
    assert balance_of(AccountKind.CLEARING, provider="mtn") == 0
    assert balance_of(AccountKind.REVENUE) == balance_of(AccountKind.VAT) == 0
    with pytest.raises(RefundTooLarge):
        refunds.request_refund(payment_id=payment.pk, amount=1, motive="encore", actor=asker, at=timezone.now())


def test_what_is_under_way_counts(asker: User) -> None:
    payment, at = paid(), timezone.now()
    refunds.request_refund(payment_id=payment.pk, amount=2000, motive="un", actor=asker, at=at)

    with pytest.raises(RefundTooLarge):
        refunds.request_refund(payment_id=payment.pk, amount=501, motive="deux", actor=asker, at=at)
    assert refunds.request_refund(payment_id=payment.pk, amount=500, motive="deux", actor=asker, at=at).amount == 500


@pytest.mark.parametrize("amount", [0, -5, 2501, 10**12])
def test_amounts_that_cannot_be(asker: User, amount: int) -> None:
    with pytest.raises((RefundTooLarge, FieldsInvalid)):
        refunds.request_refund(payment_id=paid().pk, amount=amount, motive="x", actor=asker, at=timezone.now())
    assert not Refund.objects.exists()


def test_only_what_succeeded_is_refunded(asker: User) -> None:
    for state in (PaymentState.PENDING, PaymentState.UNKNOWN, PaymentState.FAILED):
        with pytest.raises(RefundTooLarge):
            refunds.request_refund(payment_id=make_payment(state=state).pk, amount=1, motive="x", actor=asker, at=timezone.now())


def test_two_people_and_the_stranger(asker: User, decider: User) -> None:
    payment, at, stranger = paid(), timezone.now(), make_user()
    with pytest.raises(PermissionRefused):
        refunds.request_refund(payment_id=payment.pk, amount=1, motive="x", actor=stranger, at=at)
    own = refunds.request_refund(payment_id=payment.pk, amount=1, motive="x", actor=decider, at=at)
    for nobody in (stranger, asker):
        with pytest.raises(PermissionRefused):
            refunds.approve_refund(refund_id=own.pk, actor=nobody, at=at)
    with pytest.raises(SecondPersonNeeded):
        refunds.approve_refund(refund_id=own.pk, actor=decider, at=at)

    other = staff("approve_refund")
    assert refunds.refuse_refund(refund_id=own.pk, actor=other, reason="non", at=at).state == RefundState.REFUSED
    with pytest.raises(RefundDecided):
        refunds.approve_refund(refund_id=own.pk, actor=other, at=at)
    assert not CreditNote.objects.exists()


def test_a_lost_answer_is_queried_and_never_sent_twice_in_vain(asker: User, decider: User) -> None:
    refund = approved(paid(), asker, decider)
    operator = paying(Submitted.UNCLEAR, sees=(NO_ANSWER, Sighting(Seen.IN_PROGRESS), Sighting(Seen.SUCCEEDED, transaction_id="R7")))

    carry_on(operator)

    refund.refresh_from_db()
    assert (refund.state, refund.transaction_id, len(operator.orders)) == (RefundState.SUCCEEDED, "R7", 1)


def test_a_conflict_means_that_the_operator_has_it(asker: User, decider: User) -> None:
    refund = approved(paid(), asker, decider)
    operator = paying(Submitted.UNCLEAR, Submitted.DUPLICATE, sees=(NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND,
        Sighting(Seen.SUCCEEDED)))  # fmt: skip

    carry_on(operator)

    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert {order.reference for order in operator.orders} == {refund.reference}
    assert len(operator.orders) == 2


def test_what_the_operator_never_had_is_sent_again_under_the_same_reference_then_given_up(asker: User, decider: User) -> None:
    payment = paid()
    refund = approved(payment, asker, decider)
    operator = paying(Submitted.UNCLEAR, sees=(NOT_FOUND,))

    carry_on(operator)

    refund.refresh_from_db()
    assert (refund.state, refund.reason) == (RefundState.FAILED, Reason.NEVER_RECEIVED)
    assert {order.reference for order in operator.orders} == {refund.reference}
    assert 2 <= len(operator.orders) <= 4
    assert available_credit(payment.user_id) == 1000


def test_where_doubles_are_not_refused_it_is_sent_once(asker: User, decider: User) -> None:
    approved(paid(), asker, decider)
    operator = paying(Submitted.UNCLEAR, sees=(NOT_FOUND,))
    operator.resubmits = False

    carry_on(operator)

    assert len(operator.orders) == 1


def test_a_worker_that_died_while_sending_sends_nothing_again(asker: User, decider: User) -> None:
    refund = approved(paid(), asker, decider)
    Refund.objects.filter(pk=refund.pk).update(submitted_at=timezone.now(), submit_count=1)
    operator = paying()

    carry_on(operator)

    refund.refresh_from_db()
    assert (refund.state, operator.orders) == (RefundState.SUCCEEDED, [])


def test_a_refusal_gives_the_customer_credit_and_a_person_a_case(asker: User, decider: User) -> None:
    payment = paid()
    refund = approved(payment, asker, decider)

    carry_on(paying(Submission(Submitted.REFUSED, Reason.PAYER_BLOCKED, "SENDER_ACCOUNT_NOT_ACTIVE")))

    refund.refresh_from_db()
    assert (refund.state, refund.reason) == (RefundState.FAILED, Reason.PAYER_BLOCKED)
    assert balance_of(AccountKind.REFUNDS) == 0
    assert available_credit(payment.user_id) == 1000
    assert Case.objects.get().kind == CaseKind.REFUND_FAILED
    payment.refresh_from_db()
    assert payment.refunded_amount == 0

    # The credit is paid out on request, through the same payment and without a second note.
    again = refunds.request_credit_refund(user_id=payment.user_id, amount=1000, motive="Avoir", actor=asker, at=timezone.now())
    refunds.approve_refund(refund_id=again.pk, actor=decider, at=timezone.now())
    carry_on(paying())
    again.refresh_from_db()
    assert (again.state, CreditNote.objects.count(), available_credit(payment.user_id)) == (RefundState.SUCCEEDED, 1, 0)


def test_credit_is_not_paid_out_twice(asker: User, decider: User) -> None:
    first = paid(5000)
    second = issued_invoice(user=first.user, totals=(5000,)).payments.get()
    approved(first, asker, decider, amount=1000)
    carry_on(paying(Submitted.REFUSED))
    asked = [
        refunds.request_refund(payment_id=one.pk, amount=1000, motive="Avoir", actor=asker, at=timezone.now(), from_credit=True)
        for one in (first, second)
    ]
    refunds.approve_refund(refund_id=asked[0].pk, actor=decider, at=timezone.now())
    with pytest.raises(RefundTooLarge):
        refunds.approve_refund(refund_id=asked[1].pk, actor=decider, at=timezone.now())


def test_what_surely_did_not_arrive_is_tried_again(asker: User, decider: User) -> None:
    refund = approved(paid(), asker, decider)
    operator = paying(Submitted.UNSENT, Submitted.UNSENT, Submitted.ACCEPTED)

    carry_on(operator)

    refund.refresh_from_db()
    assert (refund.state, len(operator.orders)) == (RefundState.SUCCEEDED, 3)


def test_another_amount_is_frozen_until_a_person_closes_it(asker: User, decider: User) -> None:
    payment = paid()
    refund = approved(payment, asker, decider)

    carry_on(paying(sees=(Sighting(Seen.SUCCEEDED, amount=Decimal(900), currency="XAF"),)))

    refund.refresh_from_db()
    assert (refund.state, refund.next_query_at) == (RefundState.UNKNOWN, None)
    assert Case.objects.get().kind == CaseKind.MISMATCH
    refunds.close_refund(refund_id=refund.pk, actor=decider, is_paid=True, evidence="relevé du 26", at=timezone.now())
    payment.refresh_from_db()
    assert payment.refunded_amount == 1000
    with pytest.raises(RefundDecided):
        refunds.close_refund(refund_id=refund.pk, actor=decider, is_paid=False, evidence="relevé", at=timezone.now())


def test_by_hand_where_there_is_no_interface(asker: User, decider: User, settings: Any) -> None:
    settings.MTN_MOMO_DISBURSEMENT_SUBSCRIPTION_KEY = ""
    payment = paid()
    refund = approved(payment, asker, decider)
    assert refund.is_manual
    operator = paying()
    carry_on(operator)
    assert operator.orders == []

    with pytest.raises(FieldsInvalid):
        refunds.record_manual(refund_id=refund.pk, actor=asker, evidence=" ", at=timezone.now())
    refunds.record_manual(refund_id=refund.pk, actor=asker, evidence="bordereau 12, classeur B", transaction_id="M1", at=timezone.now())

    refund.refresh_from_db()
    assert (refund.state, refund.evidence, refund.transaction_id) == (RefundState.SUCCEEDED, "bordereau 12, classeur B", "M1")
    assert balance_of(AccountKind.CLEARING, provider="mtn") == 1500
    with pytest.raises(RefundDecided):
        refunds.record_manual(refund_id=refund.pk, actor=asker, evidence="encore", at=timezone.now())


@pytest.mark.parametrize("ends", [True, False])
def test_rights_end_only_when_the_approver_says_so(asker: User, decider: User, *, ends: bool) -> None:
    payment = paid()
    subscription, at = payment.invoice.subscription, timezone.now()
    subscription.state, subscription.started_at = "active", at
    subscription.period_start, subscription.period_end = at, at + dt.timedelta(days=30)
    subscription.save()
    approved(payment, asker, decider, amount=2500, ends_rights=ends)

    carry_on(paying())

    subscription.refresh_from_db()
    assert (subscription.state, subscription.end_reason) == (("cancelled", "refunded") if ends else ("active", ""))


def test_stuck_for_a_day_is_a_case(asker: User, decider: User) -> None:
    refund = approved(paid(), asker, decider)
    Refund.objects.filter(pk=refund.pk).update(decided_at=timezone.now() - dt.timedelta(hours=25))

    assert refunds.open_stuck_cases(at=timezone.now()) == 1
    assert refunds.open_stuck_cases(at=timezone.now()) == 0
    assert Case.objects.get().kind == CaseKind.STUCK


def test_in_test_mode_nothing_reaches_the_ledger(asker: User, decider: User) -> None:
    payment = issued_invoice(livemode=False).payments.get()
    refund = approved(payment, asker, decider)

    assert refunds.reconcile(at=timezone.now()) == 1
    refund.refresh_from_db()
    assert refund.state == RefundState.PENDING
    assert balance_of(AccountKind.REFUNDS) == 0
    assert not refund.postings.filter(kind=PostingKind.REFUND_DUE).exists()
