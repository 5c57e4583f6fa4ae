"""One suite that every adapter passes against the fake operator."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from apps.billing.choices import CallKind, ProviderCode, Reason
from apps.billing.fake_operator.addresses import CREDENTIALS
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.providers.port import Callback, Seen, Submitted
from apps.billing.tests.charges import refund
from apps.billing.tests.rails import CASES, OUTCOMES, AdapterCase
from apps.billing.tests.recorded_journal import RecordedJournal

pytestmark = pytest.mark.parametrize("case", CASES, ids=[case.code.value for case in CASES])


def pay(case: AdapterCase, fake_operator: FakeOperator, one: Any, journal: RecordedJournal) -> Any:
    """Submit, and confirm where the payer acts on a page; the charge with its token."""
    submission, known = case.submit(one, journal)
    assert submission.outcome is Submitted.ACCEPTED
    if case.is_page:
        fake_operator.confirm(known.order_id, known.msisdn)
    return known


def test_it_works(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    known = pay(case, fake_operator, case.charge(), journal)
    sighting = case.provider.query(known, journal)
    assert (sighting.seen, sighting.is_known_word, sighting.reason) == (Seen.SUCCEEDED, True, None)
    assert sighting.reference == str(known.reference)
    assert sighting.amount == (Decimal(5000) if "amount" in case.returns else None)
    assert sighting.returns_amount is ("amount" in case.returns)
    assert sighting.currency == ("XAF" if "currency" in case.returns else None)
    assert sighting.payer == (known.msisdn if "payer" in case.returns else None)
    truth = fake_operator.movement(case.asked_with(known))
    assert truth is not None
    assert (truth["debits"], truth["transaction_id"]) == (1, sighting.transaction_id)
    assert all(entry.is_ended for entry in journal.entries)


def test_the_page(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    submission, known = case.submit(case.charge(), journal)
    assert bool(submission.page_url) is bool(submission.notif_token) is case.is_page
    if case.is_page:
        assert submission.page_url.startswith(fake_operator.address)
        assert case.provider.query(known, journal).seen is Seen.IN_PROGRESS


@pytest.mark.parametrize(("last", "reason"), OUTCOMES.items())
def test_numbers_that_fail(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal, last: str, reason: Reason) -> None:
    submission, known = case.submit(case.charge(last), journal)
    if case.is_page:
        fake_operator.confirm(known.order_id, known.msisdn)
        # Orange's page tells no reason.
        reason = Reason.PROVIDER_ERROR
    sighting = case.provider.query(known, journal)
    refused_at_once = case.code is ProviderCode.ORANGE_MP and last in {"6019", "6029", "6049"}
    assert submission.outcome is (Submitted.REFUSED if refused_at_once else Submitted.ACCEPTED)
    if refused_at_once:
        assert submission.reason is reason
    if case.code is ProviderCode.ORANGE_MP and last == "6039":
        reason = Reason.CANCELED
    assert (sighting.seen, sighting.reason) == (Seen.FAILED, reason)


def test_a_payer_who_does_nothing(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    _submission, known = case.submit(case.charge("6129"), journal)
    sighting = case.provider.query(known, journal)
    assert (sighting.seen, sighting.is_known_word) == (Seen.IN_PROGRESS, True)
    fake_operator.decide(case.asked_with(known), "expired", "EXPIRED")
    # pawaPay has no word of its own for it.
    ended = Seen.FAILED if case.code is ProviderCode.PAWAPAY else Seen.EXPIRED
    assert case.provider.query(known, journal).seen is ended


def test_what_was_never_sent(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    one = case.charge()
    prepared = case.provider.prepare(one, journal)
    assert case.provider.query(replace(one, token=prepared.token), journal).seen is Seen.NOT_FOUND
    assert all(payment["debits"] == 0 for payment in fake_operator.payments())


@pytest.mark.parametrize(
    "scenario",
    ["500_then_paid", "500_not_received", "html_then_paid", "gateway_timeout_then_paid", "stall_then_paid", "reset_then_paid",
     "reset_not_received", "cut_then_paid", "huge", "drip", "unavailable"],
)  # fmt: skip
@pytest.mark.usefixtures("short_waits")
def test_a_submit_without_a_clear_answer(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal, scenario: str) -> None:
    fake_operator.scenario(scenario, endpoint=f"{case.code}.submit", times=1)
    submission, known = case.submit(case.charge(), journal)
    assert submission.outcome is Submitted.UNCLEAR
    # Sent once, whatever happened.
    assert journal.kinds.count(CallKind.SUBMIT) == 1
    if case.resubmits:
        again = case.provider.submit(known, journal)
        assert again.outcome in {Submitted.ACCEPTED, Submitted.DUPLICATE}
        sighting = case.provider.query(known, journal)
        assert (sighting.seen, sighting.reference) == (Seen.SUCCEEDED, str(known.reference))
        assert [payment["debits"] for payment in fake_operator.payments()] == [1]


def test_the_same_reference_twice(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    known = pay(case, fake_operator, case.charge(), journal)
    assert case.provider.resubmits is case.resubmits
    if case.resubmits:
        assert case.provider.submit(known, journal).outcome is Submitted.DUPLICATE
    elif case.is_page:
        assert case.provider.submit(known, journal).outcome is Submitted.UNSENT
    assert [payment["debits"] for payment in fake_operator.payments()] == [1]


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [("forbidden_ip", Reason.CONFIGURATION), ("rate_limited", Reason.PROVIDER_UNAVAILABLE), ("unauthorized", Reason.CONFIGURATION)],
)
def test_refused_before_acceptance(
    case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal, scenario: str, reason: Reason
) -> None:
    fake_operator.scenario(scenario, endpoint=f"{case.code}.submit")
    submission, known = case.submit(case.charge(), journal)
    assert (submission.outcome, submission.reason) == (Submitted.UNSENT, reason)
    assert fake_operator.counts()[f"{case.code}.submit"] == (
        2 if scenario == "unauthorized" and case.code is not ProviderCode.PAWAPAY else 1
    )
    fake_operator.remove_rules()
    assert case.provider.submit(known, journal).outcome is Submitted.ACCEPTED


def test_a_401_costs_one_repetition(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    fake_operator.scenario("unauthorized_once", endpoint=f"{case.code}.submit")
    submission, _known = case.submit(case.charge(), journal)
    if case.code is ProviderCode.PAWAPAY:
        # Its token is for ever: another one cannot be had.
        assert submission.outcome is Submitted.UNSENT
    else:
        assert submission.outcome is Submitted.ACCEPTED
        assert journal.kinds.count(CallKind.SUBMIT) == journal.kinds.count(CallKind.TOKEN) == 2


def test_a_token_that_ends_between_two_queries(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    known = pay(case, fake_operator, case.charge(), journal)
    fake_operator.expire_tokens()
    assert case.provider.query(known, journal).seen is Seen.SUCCEEDED


@pytest.mark.parametrize("scenario", ["query_html", "huge", "drip", "down", "unavailable", "unauthorized", "forbidden_ip", "rate_limited"])
@pytest.mark.usefixtures("short_waits")
def test_a_query_that_sees_nothing(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal, scenario: str) -> None:
    known = pay(case, fake_operator, case.charge(), journal)
    fake_operator.scenario(scenario, endpoint=f"{case.code}.query")
    sighting = case.provider.query(known, journal)
    assert sighting.seen is Seen.NO_ANSWER
    assert sighting.raw_reason
    assert sighting.reason is (Reason.CONFIGURATION if scenario in {"unauthorized", "forbidden_ip"} else None)


def test_a_gateways_404(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    known = pay(case, fake_operator, case.charge(), journal)
    fake_operator.rule(endpoint=f"{case.code}.query", status=404, body={"code": "404", "type": "Status report", "message": "Not Found"})
    assert case.provider.query(known, journal).seen is Seen.NO_ANSWER


def test_an_unknown_word(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    known = pay(case, fake_operator, case.charge(), journal)
    fake_operator.rule(endpoint=f"{case.code}.query", report={"set": {"status": " NEARLY_SUCCESSFUL "}})
    sighting = case.provider.query(known, journal)
    assert (sighting.seen, sighting.is_known_word, sighting.raw_status) == (Seen.IN_PROGRESS, False, "NEARLY_SUCCESSFUL")


@pytest.mark.parametrize(
    "scenario", ["wrong_amount", "wrong_currency", "wrong_reference", "missing_amount", "bare", "numbers", "reason_object"]
)
def test_a_success_that_says_something_else(
    case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal, scenario: str
) -> None:
    known = pay(case, fake_operator, case.charge(), journal)
    fake_operator.scenario(scenario, endpoint=f"{case.code}.query")
    sighting = case.provider.query(known, journal)
    assert sighting.seen is Seen.SUCCEEDED
    amount: Decimal | None = Decimal(5000)
    if scenario in {"missing_amount", "bare"} or "amount" not in case.returns:
        amount = None
    elif scenario == "wrong_amount":
        amount = Decimal(100)
    assert sighting.amount == amount
    assert sighting.reference == ("00000000-0000-4000-8000-000000000000" if scenario == "wrong_reference" else sighting.reference)
    assert (sighting.reference in {str(known.reference), None}) is (scenario != "wrong_reference")
    if "currency" in case.returns:
        assert sighting.currency == {"wrong_currency": "XOF", "bare": None}.get(scenario, "XAF")


def test_a_refund(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    known = pay(case, fake_operator, case.charge(), journal)
    order = refund(reference=case.charge().reference, payment_reference=known.reference, msisdn=known.msisdn)
    assert case.provider.can_refund is case.can_refund
    got = case.provider.refund(order, journal)
    if not case.can_refund:
        assert (got.outcome, got.reason) == (Submitted.REFUSED, Reason.CONFIGURATION)
        assert case.provider.query_refund(order, journal).seen is Seen.NO_ANSWER
        return
    assert got.outcome is Submitted.ACCEPTED
    assert case.provider.refund(order, journal).outcome is Submitted.DUPLICATE
    sighting = case.provider.query_refund(order, journal)
    assert (sighting.seen, sighting.amount, sighting.currency, sighting.reference) == (
        Seen.SUCCEEDED, Decimal(2000), "XAF", str(order.reference),
    )  # fmt: skip
    assert case.provider.query_refund(replace(order, reference=known.reference), journal).seen is Seen.NOT_FOUND


@pytest.mark.usefixtures("fake_operator")
def test_texts_that_operators_refuse(case: AdapterCase, journal: RecordedJournal) -> None:
    one = case.charge(message="L’été d’« Aïcha » & cie — n° 1 : 100 % 🎉 " * 20, note="'" * 500)
    assert case.submit(one, journal)[0].outcome is Submitted.ACCEPTED
    assert case.submit(case.charge(message="", note=""), journal)[0].outcome is Submitted.ACCEPTED


def test_nothing_secret_is_written_down(case: AdapterCase, fake_operator: FakeOperator, journal: RecordedJournal, settings: Any) -> None:
    known = pay(case, fake_operator, case.charge(), journal)
    case.provider.query(known, journal)
    case.provider.nudge(known, journal)
    secrets = [getattr(settings, name) for name in CREDENTIALS if not name.endswith(("_USER", "CHANNEL_MSISDN", "CLIENT_ID"))]
    for secret in [*secrets, known.token, known.msisdn[-9:]]:
        # A PIN's digits may well be part of an id.
        assert not secret or not re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", journal.text)


@pytest.mark.usefixtures("fake_operator")
def test_callbacks_are_recognised_and_hinted(case: AdapterCase, journal: RecordedJournal) -> None:
    submission, known = case.submit(case.charge(), journal)
    bodies = {
        ProviderCode.MTN: b'{"externalId": "%s", "status": "SUCCESSFUL"}' % str(known.reference).encode(),
        ProviderCode.ORANGE_MP: b'{"payToken": "%s", "status": "SUCCESSFULL", "message": "x"}' % known.token.encode(),
        ProviderCode.ORANGE_WEB: b'{"status": "SUCCESS", "notif_token": "%s", "txnid": "x"}' % submission.notif_token.encode(),
        ProviderCode.PAWAPAY: b'{"depositId": "%s", "status": "COMPLETED"}' % str(known.reference).encode(),
    }
    recognised = [code for code, body in bodies.items() if case.provider.recognises(Callback("POST", "/", body))]
    assert recognised == [case.code]
    hint = case.provider.hint(Callback("POST", "/", bodies[case.code]))
    wanted = {ProviderCode.ORANGE_MP: hint.token == known.token, ProviderCode.ORANGE_WEB: hint.notif_token == submission.notif_token}
    assert wanted.get(case.code, hint.reference == str(known.reference))
    for odd in (b"", b"\xff", b"[]", b"null", b'{"depositId": [], "payToken": {}, "notif_token": 1, "externalId": null}'):
        got = case.provider.hint(Callback("POST", "/", odd))
        assert not any((got.reference, got.order_id, got.token, got.notif_token))
