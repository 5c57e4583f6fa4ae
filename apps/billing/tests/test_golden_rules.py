"""The ten golden rules of Mobile Money, one test each, named after it. Design page "Mobile Money", sections 1 and 7."""

from __future__ import annotations

import datetime as dt
import threading
from collections import deque
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from apps.billing.choices import CallKind, CaseKind, Operator, PaymentState, Rail, Reason
from apps.billing.models import Case, Grant, Invoice, LedgerEntry, LedgerTransaction, Payment, ProviderCall
from apps.billing.providers.port import Seen, Sighting, Submission, Submitted
from apps.billing.services import payments
from apps.billing.services.payments import query
from apps.billing.services.payments.journal import CallJournal
from apps.billing.services.payments.moments import Moment
from apps.billing.services.payments.transitions import with_fresh
from apps.billing.tests.factories import make_invoice, make_payment
from apps.billing.tests.issuing import pro_forma
from apps.billing.tests.scripted_provider import ScriptedProvider, live_through, paid, step

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)


def begun(invoice: Invoice | None = None, *, at: dt.datetime, **fields: Any) -> Payment:
    """A payment that was committed and not asked for yet."""
    invoice = invoice or pro_forma(at=at)
    values = {"created_at": at, "submitted_at": None, "expires_at": at + 15 * MINUTE, "next_query_at": at, **fields}
    return make_payment(invoice=invoice, state=PaymentState.CREATED, at=at, **values)


@pytest.mark.django_db(transaction=True)
def test_rule_01_commit_first_call_second_record_third() -> None:
    at = timezone.now()
    payment = begun(make_invoice(at=at), at=at)
    seen: list[tuple[Any, ...]] = []

    def look_from_outside() -> None:
        """What another connection sees while the operator has the call: only what is committed."""
        row = Payment.objects.get(pk=payment.pk)
        call = ProviderCall.objects.get(payment=payment)
        seen.append((row.reference, row.submitted_at is not None, row.submit_count, call.kind, call.http_status, call.ended_at))
        connections.close_all()

    def operator_answers() -> Submission:
        assert not connection.in_atomic_block
        thread = threading.Thread(target=look_from_outside)
        thread.start()
        thread.join()
        return Submission(Submitted.ACCEPTED)

    provider = ScriptedProvider(submissions=deque([operator_answers]))
    assert step(payment, provider, at=at)
    assert seen == [(payment.reference, True, 1, CallKind.SUBMIT, None, None)]
    assert payment.state == PaymentState.PENDING
    call = ProviderCall.objects.get(payment=payment)
    assert (call.http_status, call.ended_at is not None) == (202, True)
    # And no one can do it the wrong way round.
    with transaction.atomic(), pytest.raises(RuntimeError):
        payments.advance(payment_id=payment.pk, at=at)
    with transaction.atomic(), pytest.raises(RuntimeError):
        CallJournal(ScriptedProvider.code, Moment(at), payment).begin(CallKind.QUERY, "GET", "/")


def test_rule_02_no_answer_is_unknown_and_never_failed() -> None:
    at = timezone.now()
    payment = begun(at=at)
    provider = ScriptedProvider(deque([Submission(Submitted.UNCLEAR, raw_reason="too_slow")]), deque([Sighting(Seen.NO_ANSWER)]))
    step(payment, provider, at=at)
    assert (payment.state, payment.raw_reason) == (PaymentState.UNKNOWN, "too_slow")
    # Whatever a query does not say changes no state, for days.
    live_through(payment, provider, since=at, lasting=dt.timedelta(days=2))
    assert payment.state == PaymentState.UNKNOWN
    assert len(provider.queries) > 20
    assert payment.next_query_at is not None


def test_rule_03_a_submit_is_sent_again_under_the_same_reference_and_on_push_rails_alone() -> None:
    at = timezone.now()
    lost, absent = Submission(Submitted.UNCLEAR), Sighting(Seen.NOT_FOUND)
    payment = begun(at=at)
    provider = ScriptedProvider(deque([lost]), deque([absent]))
    live_through(payment, provider, since=at, lasting=dt.timedelta(hours=1))
    assert {charge.reference for charge in provider.charges} == {payment.reference}
    assert {charge.order_id for charge in provider.charges} == {payment.order_id}
    # Three resends, each after at least three not-founds over at least a minute, and never past the window.
    assert len(provider.charges) == 4
    assert (payment.state, payment.reason) == (PaymentState.FAILED, Reason.NEVER_RECEIVED)
    # Where doubles are not known to be refused, nothing is sent twice.
    careful = begun(at=at)
    provider = ScriptedProvider(deque([lost]), deque([absent]), resubmits=False)
    live_through(careful, provider, since=at, lasting=dt.timedelta(hours=1))
    assert len(provider.charges) == 1
    assert (careful.state, careful.reason) == (PaymentState.FAILED, Reason.NEVER_RECEIVED)


def test_rule_03_a_page_that_was_never_seen_is_replaced_by_a_new_one() -> None:
    at = timezone.now()
    payment = begun(at=at)
    answers = [Submission(Submitted.UNCLEAR), Submission(Submitted.ACCEPTED, token="jeton", page_url="https://orange-money.com/p")]
    provider = ScriptedProvider(deque(answers), rail=Rail.REDIRECT, resubmits=False)
    live_through(payment, provider, since=at, lasting=MINUTE)
    first, second = (charge.order_id for charge in provider.charges)
    assert first != second
    assert (payment.state, payment.order_id, payment.page_url) == (PaymentState.PENDING, second, "https://orange-money.com/p")
    assert list(payment.calls.filter(kind=CallKind.SUBMIT).order_by("pk").values_list("order_id", flat=True)) == [first, second]


def test_rule_04_accepted_is_not_paid() -> None:
    at = timezone.now()
    payment = begun(at=at)
    provider = ScriptedProvider()
    step(payment, provider, at=at)
    assert payment.state == PaymentState.PENDING
    assert not Grant.objects.exists()
    assert not LedgerTransaction.objects.exists()
    assert payment.next_query_at is not None
    assert dt.timedelta(seconds=8) <= payment.next_query_at - at <= dt.timedelta(seconds=13)


def test_rule_05_a_duplicate_means_that_the_operator_has_it() -> None:
    at = timezone.now()
    payment = begun(at=at)
    provider = ScriptedProvider(deque([Submission(Submitted.UNCLEAR), Submission(Submitted.DUPLICATE)]), deque([Sighting(Seen.NOT_FOUND)]))
    live_through(payment, provider, since=at, lasting=3 * MINUTE)
    assert payment.state == PaymentState.PENDING
    assert len(provider.charges) == 2
    first = begun(at=at)
    provider = ScriptedProvider(deque([Submission(Submitted.DUPLICATE)]))
    step(first, provider, at=at)
    assert first.state == PaymentState.PENDING
    # It is asked about at once.
    assert first.next_query_at is not None
    assert first.next_query_at - at < dt.timedelta(seconds=1)


def test_rule_06_a_callback_only_hastens_a_query() -> None:
    at = timezone.now()
    payment = begun(at=at)
    provider = ScriptedProvider()
    step(payment, provider, at=at)
    later = at + dt.timedelta(seconds=2)
    assert payments.hasten(payment_id=payment.pk, at=later)
    payment.refresh_from_db()
    assert (payment.state, payment.next_query_at) == (PaymentState.PENDING, later)
    assert step(payment, provider, at=later)
    assert payment.state == PaymentState.PENDING
    # However many come: one query in ten seconds.
    for _again in range(50):
        payments.hasten(payment_id=payment.pk, at=later + dt.timedelta(seconds=1))
    assert not step(payment, provider, at=later + dt.timedelta(seconds=5))
    assert step(payment, provider, at=later + dt.timedelta(seconds=13))
    assert len(provider.queries) == 2


@pytest.mark.parametrize(
    "broken",
    [
        {"reference": "00000000-0000-4000-8000-000000000000"},
        {"amount": Decimal(100)},
        {"amount": Decimal("2500.5")},
        {"currency": "XOF"},
        {"amount": None, "returns_amount": True, "reference": "?"},
        {"transaction_id": "taken"},
    ],
)
def test_rule_07_success_needs_four_equalities(broken: dict[str, Any]) -> None:
    at = timezone.now()
    make_payment(state=PaymentState.SUCCEEDED, transaction_id="taken")
    payment = begun(at=at)
    provider = ScriptedProvider()
    step(payment, provider, at=at)
    sighting = paid(**{"reference": str(payment.reference), "amount": Decimal(2500), "currency": "XAF", "transaction_id": "T1", **broken})
    if broken.get("reference") == "?":
        sighting = paid(reference=str(payment.reference), currency="XAF", amount=None, transaction_id="T1")
    with_fresh(payment.pk, lambda fresh: query.record(fresh, sighting, at=at + MINUTE))
    payment.refresh_from_db()
    assert (payment.state, payment.mismatch, payment.next_query_at) == (PaymentState.UNKNOWN, True, None)
    assert Case.objects.get(payment=payment).kind == CaseKind.MISMATCH
    assert not Grant.objects.exists()
    assert not LedgerEntry.objects.exists()
    # Frozen: also a success that holds waits for a person.
    with_fresh(payment.pk, lambda fresh: query.record(fresh, paid(amount=Decimal(2500)), at=at + 2 * MINUTE))
    payment.refresh_from_db()
    assert payment.state == PaymentState.UNKNOWN


def test_rule_07_equal_as_numbers_and_another_payer_is_only_flagged() -> None:
    at = timezone.now()
    payment = begun(at=at)
    provider = ScriptedProvider(sightings=deque([paid(amount=Decimal("2500.00"), payer="+237699000222")]))
    live_through(payment, provider, since=at, lasting=MINUTE)
    assert (payment.state, payment.payer_differs) == (PaymentState.SUCCEEDED, True)


@pytest.mark.parametrize("end", [Sighting(Seen.IN_PROGRESS), Sighting(Seen.EXPIRED), Sighting(Seen.FAILED, reason=Reason.DECLINED)])
def test_rule_08_a_late_success_is_money(end: Sighting) -> None:
    at = timezone.now()
    payment = begun(at=at)
    provider = ScriptedProvider(sightings=deque([end]))
    live_through(payment, provider, since=at, lasting=20 * MINUTE)
    assert payment.state in {PaymentState.EXPIRED, PaymentState.FAILED}
    provider.sightings = deque([paid()])
    live_through(payment, provider, since=at + 20 * MINUTE, lasting=20 * MINUTE)
    assert (payment.state, payment.late_success) == (PaymentState.SUCCEEDED, True)
    assert Invoice.objects.get(pk=payment.invoice_id).state == "paid"
    grant = Grant.objects.get(invoice=payment.invoice)
    assert payment.finished_at is not None
    assert abs(grant.period_start - payment.finished_at) < dt.timedelta(seconds=1)


def test_rule_08_paid_twice_gives_once_and_keeps_the_rest_as_credit() -> None:
    at = timezone.now()
    invoice = pro_forma(at=at)
    first = begun(invoice, at=at)
    slow = ScriptedProvider()
    live_through(first, slow, since=at, lasting=16 * MINUTE)
    assert first.state == PaymentState.EXPIRED
    second = begun(invoice, at=at + 16 * MINUTE)
    live_through(second, ScriptedProvider(sightings=deque([paid()])), since=at + 16 * MINUTE, lasting=MINUTE)
    # The second rings only once the first was asked afresh.
    live_through(first, slow, since=at + 16 * MINUTE, lasting=MINUTE)
    live_through(second, ScriptedProvider(sightings=deque([paid()])), since=at + 17 * MINUTE, lasting=2 * MINUTE)
    assert second.state == PaymentState.SUCCEEDED
    slow.sightings = deque([paid()])
    live_through(first, slow, since=at + 19 * MINUTE, lasting=20 * MINUTE)
    assert (first.state, first.late_success) == (PaymentState.SUCCEEDED, True)
    assert Case.objects.get(payment=first).kind == CaseKind.LATE_DUPLICATE
    assert Grant.objects.filter(invoice=invoice).count() == 1
    credit = LedgerEntry.objects.filter(account__kind="credit", user=invoice.user)
    assert [entry.amount for entry in credit] == [-first.amount]


@pytest.mark.django_db(transaction=True)
def test_rule_09_exactly_one_writer_wins_and_what_was_bought_is_given_once() -> None:
    at = timezone.now()
    payment = begun(pro_forma(at=at), at=at)
    step(payment, ScriptedProvider(), at=at)
    barrier, failures = threading.Barrier(4), []

    def write_success() -> None:
        try:
            barrier.wait(10)
            sighting = paid(reference=str(payment.reference), amount=Decimal(payment.amount), currency="XAF", transaction_id="T1")
            with_fresh(payment.pk, lambda fresh: query.record(fresh, sighting, at=at + MINUTE))
        except Exception as error:  # noqa: BLE001  a thread's failure must fail the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write_success) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert list(payment.events.filter(to_state="succeeded").values_list("cause", flat=True)) == ["success"]
    assert Grant.objects.filter(invoice=payment.invoice).count() == 1
    assert LedgerTransaction.objects.filter(payment=payment).count() == 1
    # The database would refuse a second grant and a second live attempt, whoever tried.
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(
            invoice=payment.invoice, subscription=payment.invoice.subscription, period_start=at, period_end=at + MINUTE, created_at=at
        )
    open_one = make_invoice()
    begun(open_one, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        begun(open_one, at=at)


def test_rule_10_francs_are_integers() -> None:
    money = [
        field
        for model in (Payment, Invoice, LedgerEntry)
        for field in model._meta.get_fields()
        if getattr(field, "name", "")
        in {"amount", "provider_amount", "refunded_amount", "total", "net", "vat", "amount_due", "credit_used"}
    ]
    assert len(money) == 9
    assert {field.get_internal_type() for field in money} <= {"PositiveIntegerField", "BigIntegerField"}
    at = timezone.now()
    payment = begun(at=at)
    provider = ScriptedProvider()
    step(payment, provider, at=at)
    assert type(provider.charges[0].amount) is int
    assert (payment.currency, Operator(payment.operator)) == ("XAF", Operator.MTN)
