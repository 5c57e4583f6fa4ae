"""When payments are looked at: the ladder of the design page, its jitter and stretching, and the line of queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from apps.billing.choices import PaymentState, ProviderCode
from apps.billing.models import Payment, ProviderState
from apps.billing.services.payments import breaker, schedule
from apps.billing.tests.factories import make_payment
from apps.core.models import OutboxEvent

MIN, H, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
AT = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("age", "queries", "expected"),
    [
        (dt.timedelta(0), 0, 10), (dt.timedelta(seconds=10), 1, 20), (dt.timedelta(seconds=30), 2, 30), (MIN, 3, 45), (2 * MIN, 4, 60),
        (3 * MIN, 5, 90), (4 * MIN, 60, 90), (5 * MIN, 6, 120), (14 * MIN, 6, 120), (15 * MIN, 6, 600), (119 * MIN, 6, 600),
        (2 * H, 6, 3600),
        (23 * H, 6, 3600), (24 * H, 6, 6 * 3600), (71 * H, 6, 6 * 3600), (72 * H, 6, 86400), (29 * DAY, 6, 86400), (30 * DAY, 6, None),
    ],
)  # fmt: skip
def test_the_ladder_gives_intervals(age: dt.timedelta, queries: int, expected: int | None) -> None:
    found = schedule.interval(age=age, queries=queries)
    assert found == (None if expected is None else dt.timedelta(seconds=expected))


@pytest.mark.parametrize(
    ("age", "errors", "minutes"), [(6 * MIN, 1, 4), (6 * MIN, 2, 8), (6 * MIN, 3, 15), (6 * MIN, 99, 15), (20 * MIN, 1, 15), (3 * H, 5, 60)]
)
def test_errors_stretch_intervals_below_fifteen_minutes_alone(age: dt.timedelta, errors: int, minutes: int) -> None:
    assert schedule.interval(age=age, queries=6, errors=errors) == dt.timedelta(minutes=minutes)


def row(**fields: Any) -> Payment:
    values = {
        "state": PaymentState.PENDING, "created_at": AT, "submitted_at": AT, "expires_at": AT + 15 * MIN, "query_count": 6,
        "last_query_answered": True, **fields,
    }  # fmt: skip
    return Payment(**values)


def test_jitter_is_a_fifth() -> None:
    waits = [schedule.next_query(row(), at=AT + 6 * MIN) for _ in range(300)]
    found = [(due - AT - 6 * MIN).total_seconds() for due in waits if due]
    assert len(found) == 300
    assert 96 <= min(found) < 110
    assert 130 < max(found) <= 144


def test_the_window_ends_with_a_query() -> None:
    assert schedule.next_query(row(), at=AT + 14 * MIN) == AT + 15 * MIN
    # One that expired before has no window any more.
    due = schedule.next_query(row(state=PaymentState.EXPIRED), at=AT + 14 * MIN)
    assert due is not None
    assert due != AT + 15 * MIN


def test_what_may_still_take_money_is_watched_for_ever_and_the_rest_for_thirty_days() -> None:
    at = AT + 31 * DAY
    assert schedule.next_query(row(), at=at) == at + DAY
    assert schedule.next_query(row(state=PaymentState.UNKNOWN), at=at) == at + DAY
    assert schedule.next_query(row(state=PaymentState.EXPIRED), at=at) is None
    assert schedule.next_query(row(state=PaymentState.SUCCEEDED), at=AT) is None
    assert schedule.next_query(row(state=PaymentState.REFUNDED), at=AT) is None


def test_a_failure_is_confirmed_at_five_and_thirty_minutes() -> None:
    failed = row(state=PaymentState.FAILED, finished_at=AT, last_query_answered=False)
    first = schedule.next_query(failed, at=AT)
    assert first is not None
    assert 5 * MIN <= first - AT <= 6 * MIN
    second = schedule.next_query(failed, at=first)
    assert second is not None
    assert 30 * MIN <= second - AT <= 36 * MIN
    assert schedule.next_query(failed, at=second) is None
    # A confirmation without an answer is repeated, later each time.
    again = schedule.next_query(row(state=PaymentState.FAILED, finished_at=AT, last_query_answered=False, query_errors=2), at=second)
    assert again is not None
    assert 6 * MIN <= again - second <= 10 * MIN


def test_every_waiting_time_shrinks_with_the_scale(settings: Any) -> None:
    settings.PAYMENT_TIME_SCALE = 100
    assert schedule.scaled(MIN) == dt.timedelta(seconds=0.6)
    payment = row(expires_at=AT + 15 * MIN / 100)
    due = schedule.next_query(payment, at=AT + dt.timedelta(seconds=4))
    assert due is not None
    # 400 s of payment time: every two minutes, a hundredth of it.
    assert dt.timedelta(seconds=0.96) <= due - AT - dt.timedelta(seconds=4) <= dt.timedelta(seconds=1.44)


@pytest.mark.django_db
def test_queries_stand_in_one_line() -> None:
    turns = [breaker.wait_for_query(ProviderCode.MTN, at=AT) for _ in range(8)]
    assert turns == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0, None, None])
    # Other operators have lines of their own, and time empties them.
    assert breaker.wait_for_query(ProviderCode.ORANGE_MP, at=AT) == 0
    assert breaker.wait_for_query(ProviderCode.MTN, at=AT + dt.timedelta(seconds=5)) == 0
    # A clock that went back does not hold the line up for hours.
    assert breaker.wait_for_query(ProviderCode.MTN, at=AT - H) == 0


@pytest.mark.django_db
def test_the_circuit_opens_after_five_silences_and_one_tries_each_half_minute() -> None:
    for number in range(4):
        breaker.note_silence(ProviderCode.MTN, at=AT)
        assert breaker.takes_payments(ProviderCode.MTN, at=AT), number
    breaker.note_answer(ProviderCode.MTN, at=AT)
    for _ in range(5):
        breaker.note_silence(ProviderCode.MTN, at=AT)
    assert not breaker.takes_payments(ProviderCode.MTN, at=AT)
    # The next trial may be a new payment.
    assert breaker.takes_payments(ProviderCode.MTN, at=AT + dt.timedelta(seconds=30))
    assert breaker.takes_payments(ProviderCode.ORANGE_MP, at=AT)
    assert breaker.wait_for_call(ProviderCode.MTN, at=AT + dt.timedelta(seconds=29)) == AT + dt.timedelta(seconds=30)
    assert breaker.wait_for_call(ProviderCode.MTN, at=AT + dt.timedelta(seconds=30)) is None
    assert breaker.wait_for_call(ProviderCode.MTN, at=AT + dt.timedelta(seconds=31)) == AT + dt.timedelta(seconds=60)
    breaker.note_silence(ProviderCode.MTN, at=AT + dt.timedelta(seconds=50))
    assert OutboxEvent.objects.filter(name="billing.operator_alarm").count() == 1


@pytest.mark.django_db
def test_when_it_closes_all_that_waited_comes_within_a_minute() -> None:
    ProviderState.objects.create(provider=ProviderCode.MTN, opened_at=AT, probe_at=AT, errors_in_a_row=9)
    at = AT + H
    overdue = [make_payment(next_query_at=AT) for _ in range(10)]
    put_off = make_payment(next_query_at=at + 14 * MIN, query_errors=3)
    planned = make_payment(next_query_at=at + 5 * H)
    other = make_payment(next_query_at=AT, provider=ProviderCode.ORANGE_MP)
    breaker.note_answer(ProviderCode.MTN, at=at)
    assert breaker.takes_payments(ProviderCode.MTN, at=at)
    times = [Payment.objects.get(pk=payment.pk).next_query_at for payment in (*overdue, put_off)]
    assert all(time is not None and at <= time <= at + MIN for time in times)
    assert len(set(times)) == 11
    assert Payment.objects.get(pk=planned.pk).next_query_at == at + 5 * H
    assert Payment.objects.get(pk=other.pk).next_query_at == AT
    assert list(OutboxEvent.objects.filter(name="billing.operator_alarm").values_list("payload__what", flat=True)) == ["closed"]
