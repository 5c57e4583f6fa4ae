"""What goes wrong between us and an operator, over real HTTP, and what the payer's franc comes to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from apps.billing.choices import CaseKind, Operator, PaymentState, ProviderCode, Reason
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.models import Grant, LedgerEntry
from apps.billing.services import payments
from apps.billing.services.payments import breaker
from apps.billing.tests.payers import PAYS, PAYS_ORANGE, begin, check_paid_once, clearing_of
from apps.core.clock import now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_close")]

ORANGE: Any = {"phone": PAYS_ORANGE, "wallet": Operator.ORANGE}


# Submits.


def test_it_works_with_mtn(fake_operator: FakeOperator) -> None:
    life = begin(fake_operator)
    life.live(minutes=2)
    check_paid_once(life)
    assert life.payment.transaction_id == life.truth["transaction_id"]


@pytest.mark.parametrize(
    "scenario", ["500_then_paid", "html_then_paid", "gateway_timeout_then_paid", "reset_then_paid", "cut_then_paid", "conflict"]
)
@pytest.mark.parametrize("rail", ["mtn", "orange_mp", "pawapay"])
def test_a_lost_answer_to_a_submit_charges_once(fake_operator: FakeOperator, settings: Any, scenario: str, rail: str) -> None:
    fake_operator.scenario(scenario)
    if rail == "pawapay":
        settings.MTN_MOMO_BASE_URL = ""
    life = begin(fake_operator, **(ORANGE if rail == "orange_mp" else {"phone": PAYS}))
    assert life.payment.provider == rail
    life.live(minutes=20, until=PaymentState.SUCCEEDED)
    check_paid_once(life)
    submits = life.payment.calls.filter(kind="submit").count()
    assert submits <= (1 if rail == "orange_mp" else 2)


@pytest.mark.parametrize("scenario", ["reset_not_received", "500_not_received"])
def test_a_submit_that_never_arrived_is_sent_again_under_its_reference(fake_operator: FakeOperator, scenario: str) -> None:
    fake_operator.scenario(scenario)
    life = begin(fake_operator)
    life.step()
    assert life.payment.state == PaymentState.UNKNOWN
    life.live(minutes=10, until=PaymentState.SUCCEEDED)
    check_paid_once(life)
    assert life.payment.calls.filter(kind="submit").count() == 2
    # Not before three not-founds over a minute.
    assert life.at - life.payment.created_at >= dt.timedelta(seconds=60)


def test_a_submit_that_stalls_for_thirty_seconds_is_asked_about(fake_operator: FakeOperator, settings: Any) -> None:
    settings.PAYMENT_TIME_SCALE = 15
    fake_operator.scenario("stall_then_paid", stall_s=2)
    life = begin(fake_operator)
    life.step()
    assert (life.payment.state, life.payment.raw_reason) == (PaymentState.UNKNOWN, "too_slow")
    life.live(minutes=2, until=PaymentState.SUCCEEDED)
    check_paid_once(life)


def test_a_submit_that_drips_ends_at_its_deadline(fake_operator: FakeOperator, settings: Any) -> None:
    settings.PAYMENT_TIME_SCALE = 15
    fake_operator.scenario("drip", endpoint="mtn.submit", status=500, body="x" * 400, times=1)
    life = begin(fake_operator)
    began = now()
    life.step()
    assert now() - began < dt.timedelta(seconds=20)
    assert life.payment.state == PaymentState.UNKNOWN


def test_a_token_that_ended_is_renewed_once_and_the_same_submit_sent_again(fake_operator: FakeOperator) -> None:
    first = begin(fake_operator)
    first.step()
    fake_operator.expire_tokens()
    life = begin(fake_operator)
    life.step()
    assert life.payment.state == PaymentState.PENDING
    assert list(life.payment.calls.order_by("pk").values_list("kind", "http_status")) == [("submit", 401), ("token", 200), ("submit", 202)]
    life.live(minutes=1)
    assert life.debits == 1


@pytest.mark.parametrize("scenario", ["unauthorized", "forbidden_ip", "rate_limited"])
def test_an_operator_that_refuses_us_for_ever_leaves_the_payer_alone(fake_operator: FakeOperator, scenario: str) -> None:
    fake_operator.scenario(scenario, endpoint="mtn.submit")
    life = begin(fake_operator)
    life.live(minutes=14)
    assert life.payment.state == PaymentState.CREATED
    assert life.payment.calls.filter(kind="submit").count() >= 5
    life.live(minutes=2)
    assert life.payment.state == PaymentState.EXPIRED
    assert life.payment.next_query_at is None
    assert life.truth == {}


def test_an_operator_that_refuses_for_a_moment_gets_it_later(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("rate_limited", endpoint="mtn.submit", times=2)
    life = begin(fake_operator)
    life.live(minutes=4)
    check_paid_once(life)
    assert life.payment.calls.filter(kind="submit").count() == 3


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("653456019", Reason.PAYER_LIMIT),
        ("653456029", Reason.INVALID_PAYER),
        ("653456039", Reason.DECLINED),
        ("693456049", Reason.INSUFFICIENT_FUNDS),
        ("693456029", Reason.INVALID_PAYER),
    ],
)
def test_a_refusal_is_said_in_plain_words_and_makes_room(fake_operator: FakeOperator, phone: str, reason: Reason) -> None:
    life = begin(fake_operator, phone=phone)
    life.live(minutes=2)
    assert (life.payment.state, life.payment.reason) == (PaymentState.FAILED, reason)
    assert not life.is_given
    second = begin(fake_operator, phone=PAYS, invoice=life.payment.invoice, at=life.at)
    second.live(minutes=2)
    check_paid_once(second)


# Queries.


def test_a_token_that_ends_in_mid_poll_costs_one_more_call(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("slow")
    life = begin(fake_operator)
    life.step()
    fake_operator.scenario("token_expires_now")
    life.live(minutes=4, until=PaymentState.SUCCEEDED)
    check_paid_once(life)
    assert ("query", 401) in list(life.payment.calls.values_list("kind", "http_status"))


@pytest.mark.parametrize("scenario", ["query_html", "unavailable", "down"])
def test_a_query_that_fails_changes_no_state_and_ends_no_cycle(fake_operator: FakeOperator, scenario: str) -> None:
    life = begin(fake_operator)
    life.step()
    number = fake_operator.scenario(scenario, endpoint="mtn.query")
    life.live(minutes=10)
    assert life.payment.state == PaymentState.PENDING
    assert life.payment.next_query_at is not None
    fake_operator.remove_rule(number)
    life.live(hours=1, until=PaymentState.SUCCEEDED)
    check_paid_once(life)


def test_queries_that_are_refused_for_ever_change_no_state(fake_operator: FakeOperator) -> None:
    life = begin(fake_operator)
    life.step()
    fake_operator.scenario("unauthorized", endpoint="mtn.query")
    life.live(hours=26)
    assert life.payment.state == PaymentState.PENDING
    assert life.payment.next_query_at is not None
    payments.reconcile(at=life.at, limit=0)
    assert life.cases() == [CaseKind.STUCK]


def test_an_operator_that_is_down_for_hours_loses_nothing(fake_operator: FakeOperator) -> None:
    lives = [begin(fake_operator) for _ in range(3)]
    for life in lives:
        life.step()
    number = fake_operator.scenario("down")
    at = lives[0].at
    for _minute in range(0, 5 * 60, 5):
        at += dt.timedelta(minutes=5)
        payments.reconcile(at=at)
    for life in lives:
        life.payment.refresh_from_db()
        assert life.payment.state == PaymentState.PENDING
    assert breaker.state_of(ProviderCode.MTN).opened_at is not None
    fake_operator.remove_rule(number)
    # One trial, and within the next minute everything.
    for _second in range(0, 180, 5):
        at += dt.timedelta(seconds=5)
        payments.reconcile(at=at)
    for life in lives:
        life.payment.refresh_from_db()
        assert life.payment.state == PaymentState.SUCCEEDED
        assert life.debits == 1
    assert breaker.state_of(ProviderCode.MTN).opened_at is None


def test_an_unknown_word_is_in_progress(fake_operator: FakeOperator) -> None:
    number = fake_operator.scenario("unknown_word")
    life = begin(fake_operator)
    life.live(minutes=5)
    assert life.payment.state == PaymentState.PENDING
    fake_operator.remove_rule(number)
    life.live(minutes=5, until=PaymentState.SUCCEEDED)
    check_paid_once(life)


def test_numbers_as_numbers_and_reasons_as_objects_are_understood(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("numbers")
    fake_operator.scenario("reason_object")
    life = begin(fake_operator)
    life.live(minutes=2)
    check_paid_once(life)
    refused = begin(fake_operator, phone="653456039")
    refused.live(minutes=2)
    assert refused.payment.reason == Reason.DECLINED


@pytest.mark.parametrize("scenario", ["wrong_amount", "wrong_currency", "wrong_reference", "missing_amount"])
def test_a_success_that_does_not_match_is_frozen_for_a_person(fake_operator: FakeOperator, scenario: str) -> None:
    number = fake_operator.scenario(scenario)
    life = begin(fake_operator)
    life.live(minutes=2)
    assert (life.payment.state, life.payment.mismatch) == (PaymentState.UNKNOWN, True)
    assert life.cases() == [CaseKind.MISMATCH]
    assert not life.is_given
    fake_operator.remove_rule(number)
    # Nothing thaws by itself, not even by a callback.
    assert not payments.hasten(payment_id=life.payment.pk, at=life.at)
    life.live(hours=30)
    assert (life.payment.state, clearing_of("mtn")) == (PaymentState.UNKNOWN, 0)


def test_a_slow_index_after_an_acknowledged_submit_is_no_failure(fake_operator: FakeOperator) -> None:
    number = fake_operator.scenario("query_not_found", endpoint="mtn.query")
    life = begin(fake_operator)
    life.live(minutes=30)
    assert life.payment.state == PaymentState.PENDING
    assert life.payment.calls.filter(kind="submit").count() == 1
    fake_operator.remove_rule(number)
    life.live(minutes=30, until=PaymentState.SUCCEEDED)
    check_paid_once(life)


# Time.


def test_a_prompt_that_never_ends_expires_softly_and_stays_watched(fake_operator: FakeOperator) -> None:
    # Days pass for the operator within a minute of ours, in which a token may be asked for twice.
    fake_operator.options(token_s=30 * 86400)
    life = begin(fake_operator, phone="653456129")
    life.live(minutes=16)
    assert (life.payment.state, life.payment.reason) == (PaymentState.EXPIRED, Reason.EXPIRED)
    queries = life.payment.query_count
    life.live(hours=30)
    assert life.payment.query_count > queries + 20
    payments.reconcile(at=life.at, limit=0)
    assert life.cases() == [CaseKind.STUCK]
    # The payer finds his phone the next day.
    fake_operator.decide(str(life.payment.reference), "succeeded")
    life.live(hours=8, until=PaymentState.SUCCEEDED)
    check_paid_once(life)
    assert life.payment.late_success


def test_a_late_success_after_our_end_and_theirs(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("late_success")
    life = begin(fake_operator)
    life.live(minutes=10)
    assert life.payment.state == PaymentState.EXPIRED
    life.live(minutes=40, until=PaymentState.SUCCEEDED)
    check_paid_once(life)
    assert life.payment.late_success
    grant = Grant.objects.get(invoice=life.payment.invoice_id)
    assert grant.period_start >= life.payment.created_at + dt.timedelta(minutes=20)


def test_a_false_failure_is_found_out_by_the_confirmation(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("false_failure")
    life = begin(fake_operator)
    life.live(minutes=1)
    assert life.payment.state == PaymentState.FAILED
    life.live(minutes=8, until=PaymentState.SUCCEEDED)
    check_paid_once(life)


def test_a_failure_is_confirmed_twice_and_then_left(fake_operator: FakeOperator) -> None:
    life = begin(fake_operator, phone="653456039")
    life.live(minutes=2)
    ended = life.payment.query_count
    life.live(hours=2)
    assert (life.payment.query_count, life.payment.next_query_at) == (ended + 2, None)


def test_paid_twice_because_both_prompts_were_answered(fake_operator: FakeOperator) -> None:
    first = begin(fake_operator, phone="653456129")
    first.live(minutes=16)
    second = begin(fake_operator, phone=PAYS, invoice=first.payment.invoice, at=first.at)
    for life in (first, second, first, second):
        life.at = max(first.at, second.at)
        life.live(minutes=1)
    check_paid_once(second)
    fake_operator.decide(str(first.payment.reference), "succeeded")
    first.live(minutes=30, until=PaymentState.SUCCEEDED)
    assert first.cases() == [CaseKind.LATE_DUPLICATE]
    assert Grant.objects.filter(invoice=first.payment.invoice_id).count() == 1
    assert clearing_of("mtn") == 5000
    credit = LedgerEntry.objects.filter(account__kind="credit").values_list("amount", flat=True)
    assert list(credit) == [-2500]


def test_a_second_attempt_waits_for_fresh_news_of_the_first(fake_operator: FakeOperator) -> None:
    first = begin(fake_operator, phone="653456129")
    first.live(minutes=16)
    first.wait(minutes=5)
    fake_operator.decide(str(first.payment.reference), "succeeded")
    second = begin(fake_operator, phone=PAYS, invoice=first.payment.invoice, at=first.at)
    second.step()
    # Nothing rang: the first is asked before.
    assert (second.payment.state, second.truth) == (PaymentState.CREATED, {})
    first.at = second.at + dt.timedelta(seconds=1)
    assert first.step()
    check_paid_once(first)
    second.live(minutes=1)
    assert (second.payment.state, second.payment.reason, second.truth) == (PaymentState.EXPIRED, Reason.CANCELED, {})


def test_the_operators_clock_and_ours_may_differ_by_days(fake_operator: FakeOperator) -> None:
    fake_operator.advance(-3 * 86400)
    life = begin(fake_operator)
    life.live(minutes=2)
    check_paid_once(life)


def test_our_own_clock_may_go_back(fake_operator: FakeOperator) -> None:
    early = now()
    ahead = begin(fake_operator, at=early + dt.timedelta(hours=2))
    ahead.live(minutes=2)
    check_paid_once(ahead)
    life = begin(fake_operator, at=early)
    life.live(minutes=5)
    assert (life.payment.state, life.debits) == (PaymentState.SUCCEEDED, 1)


def test_a_contradiction_after_success_changes_nothing_and_calls_a_person(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("contradiction")
    life = begin(fake_operator)
    life.live(minutes=2)
    check_paid_once(life)
    assert payments.hasten(payment_id=life.payment.pk, at=life.at)
    life.live(minutes=1)
    assert life.payment.state == PaymentState.SUCCEEDED
    assert life.cases() == [CaseKind.CONTRADICTION]
    assert life.is_given
    # At most once a day from here on.
    assert not payments.hasten(payment_id=life.payment.pk, at=life.at + dt.timedelta(hours=1))
    assert payments.hasten(payment_id=life.payment.pk, at=life.at + dt.timedelta(days=1, minutes=1))
