"""pawaPay: every row of its tables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from apps.billing.choices import Operator, ProviderCode, Reason
from apps.billing.providers import registry
from apps.billing.providers.port import Provider, Seen, Submitted
from apps.billing.tests.charges import ORDER_ID, REFERENCE, REFUND_REFERENCE, charge, refund
from apps.billing.tests.recorded_journal import RecordedJournal
from apps.billing.tests.scripted_operator import ScriptedOperator, Talk, cut, html, reply, reset, silent

ID = str(REFERENCE)


def answer(status: str, code: str = "", **more: Any) -> dict[str, Any]:
    failure = {"failureReason": {"failureCode": code, "failureMessage": "Why"}} if code else {}
    return {"depositId": ID, "status": status, **failure, **more}


def found(status: str, code: str = "", **more: Any) -> bytes:
    payer = {"type": "MMO", "accountDetails": {"phoneNumber": "237670000111", "provider": "MTN_MOMO_CMR"}}
    data = {"amount": "5000.00", "currency": "XAF", "country": "CMR", "payer": payer, "providerTransactionId": "98123"}
    return reply(200, {"status": "FOUND", "data": data | answer(status, code) | more})


@pytest.fixture
def pawapay(operator: ScriptedOperator, operator_settings: Any) -> Provider:  # noqa: ARG001  they have to be set first
    operator.on("POST", "/v2/deposits", reply(200, answer("ACCEPTED")))
    return registry.provider(ProviderCode.PAWAPAY)


def test_it_works(operator: ScriptedOperator, pawapay: Provider, journal: RecordedJournal) -> None:
    assert pawapay.submit(charge(), journal).outcome is Submitted.ACCEPTED
    operator.on("GET", f"/v2/deposits/{ID}", found("COMPLETED"))
    sighting = pawapay.query(charge(), journal)
    assert (sighting.seen, sighting.amount, sighting.currency) == (Seen.SUCCEEDED, Decimal(5000), "XAF")
    assert (sighting.reference, sighting.payer, sighting.transaction_id) == (ID, "+237670000111", "98123")


@pytest.mark.parametrize(("operator_of_payer", "provider"), [(Operator.MTN, "MTN_MOMO_CMR"), (Operator.ORANGE, "ORANGE_CMR")])
def test_what_is_sent(
    operator: ScriptedOperator, pawapay: Provider, journal: RecordedJournal, operator_of_payer: Operator, provider: str
) -> None:
    pawapay.submit(charge(operator=operator_of_payer), journal)
    [sent] = operator.asked("POST", "/v2/deposits")
    assert sent.headers["authorization"] == "Bearer pawapay-token"
    assert sent.data == {
        "depositId": ID, "amount": "5000", "currency": "XAF", "clientReferenceId": ORDER_ID, "customerMessage": "Labonnement a la une C",
        "payer": {"type": "MMO", "accountDetails": {"phoneNumber": "237670000111", "provider": provider}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("message", "sent"), [("Été", "Paiement"), ("", "Paiement"), ("Fiche n°1, 3-5", "Fiche n 1 3 5"), ("x" * 50, "x" * 22)]
)
def test_the_message_has_its_bounds(
    operator: ScriptedOperator, pawapay: Provider, journal: RecordedJournal, message: str, sent: str
) -> None:
    pawapay.submit(charge(message=message), journal)
    assert operator.requests[0].data["customerMessage"] == sent


SUBMITS: list[tuple[str, bytes | Talk, Submitted, Reason | None]] = [
    ("accepted", reply(200, answer("ACCEPTED")), Submitted.ACCEPTED, None),
    ("duplicate", reply(200, answer("DUPLICATE_IGNORED")), Submitted.DUPLICATE, None),
    *[
        (f"rejected {code}", reply(200, answer("REJECTED", code)), Submitted.REFUSED, reason)
        for code, reason in {
            "NO_AUTHENTICATION": Reason.CONFIGURATION, "AUTHENTICATION_ERROR": Reason.CONFIGURATION,
            "AUTHORISATION_ERROR": Reason.CONFIGURATION, "HTTP_SIGNATURE_ERROR": Reason.CONFIGURATION,
            "INVALID_INPUT": Reason.BAD_REQUEST, "MISSING_PARAMETER": Reason.BAD_REQUEST, "UNSUPPORTED_PARAMETER": Reason.BAD_REQUEST,
            "INVALID_PARAMETER": Reason.BAD_REQUEST, "INVALID_AMOUNT": Reason.BAD_REQUEST, "AMOUNT_OUT_OF_BOUNDS": Reason.BAD_REQUEST,
            "INVALID_PHONE_NUMBER": Reason.INVALID_PAYER, "INVALID_CURRENCY": Reason.CONFIGURATION,
            "INVALID_PROVIDER": Reason.CONFIGURATION,
            "DUPLICATE_METADATA_FIELD": Reason.BAD_REQUEST, "DEPOSITS_NOT_ALLOWED": Reason.CONFIGURATION,
            "PROVIDER_TEMPORARILY_UNAVAILABLE": Reason.PROVIDER_UNAVAILABLE, "SOMETHING_NEW": Reason.PROVIDER_ERROR,
        }.items()
    ],
    ("rejected without code", reply(200, answer("REJECTED")), Submitted.REFUSED, Reason.PROVIDER_ERROR),
    ("another word", reply(200, answer("MAYBE")), Submitted.UNCLEAR, None),
    ("completed is not for a submit", reply(200, answer("COMPLETED")), Submitted.UNCLEAR, None),
    ("no word", reply(200, {}), Submitted.UNCLEAR, None),
    ("empty", reply(200), Submitted.UNCLEAR, None),
    ("html", html(200), Submitted.UNCLEAR, None),
    ("400", reply(400, answer("REJECTED", "INVALID_INPUT")), Submitted.REFUSED, Reason.BAD_REQUEST),
    ("400 new word", reply(400, answer("REJECTED", "SOMETHING_NEW")), Submitted.REFUSED, Reason.BAD_REQUEST),
    ("400 other shape", reply(400, {"error": "x"}), Submitted.UNCLEAR, None),
    ("400 html", html(400), Submitted.UNCLEAR, None),
    ("401", reply(401, answer("REJECTED", "NO_AUTHENTICATION")), Submitted.UNSENT, Reason.CONFIGURATION),
    ("403", reply(403, answer("REJECTED", "AUTHENTICATION_ERROR")), Submitted.UNSENT, Reason.CONFIGURATION),
    ("403 html", html(403), Submitted.UNCLEAR, None),
    ("429", reply(429, {}), Submitted.UNSENT, Reason.PROVIDER_UNAVAILABLE),
    ("500", reply(500, answer("REJECTED", "UNKNOWN_ERROR")), Submitted.UNCLEAR, None),
    ("503", html(503), Submitted.UNCLEAR, None),
    ("silence", silent, Submitted.UNCLEAR, None),
    ("reset", reset, Submitted.UNCLEAR, None),
    ("cut", cut(reply(200, answer("REJECTED", "INVALID_INPUT"))), Submitted.UNCLEAR, None),
]  # fmt: skip


@pytest.mark.parametrize(("said", "outcome", "reason"), [row[1:] for row in SUBMITS], ids=[row[0] for row in SUBMITS])
@pytest.mark.usefixtures("short_waits")
def test_answers_to_a_submit(
    operator: ScriptedOperator, pawapay: Provider, journal: RecordedJournal, said: bytes | Talk, outcome: Submitted, reason: Reason | None
) -> None:
    operator.on("POST", "/v2/deposits", said)
    got = pawapay.submit(charge(), journal)
    assert (got.outcome, got.reason) == (outcome, reason)
    assert len(operator.requests) == 1


@pytest.mark.parametrize(
    ("status", "code", "seen", "reason", "is_known"),
    [
        ("ACCEPTED", "", Seen.IN_PROGRESS, None, True),
        ("PROCESSING", "", Seen.IN_PROGRESS, None, True),
        ("SUBMITTED", "", Seen.IN_PROGRESS, None, True),
        ("IN_RECONCILIATION", "", Seen.IN_PROGRESS, None, True),
        ("COMPLETED", "", Seen.SUCCEEDED, None, True),
        (" COMPLETED ", "", Seen.SUCCEEDED, None, True),
        ("completed", "", Seen.IN_PROGRESS, None, False),
        ("FOUND", "", Seen.IN_PROGRESS, None, False),
        ("FAILED", "", Seen.FAILED, Reason.PROVIDER_ERROR, True),
        ("FAILED", "PAYER_NOT_FOUND", Seen.FAILED, Reason.INVALID_PAYER, True),
        ("FAILED", "PAYER_LIMIT_REACHED", Seen.FAILED, Reason.PAYER_LIMIT, True),
        ("FAILED", "PAYMENT_NOT_APPROVED", Seen.FAILED, Reason.DECLINED, True),
        ("FAILED", "INSUFFICIENT_BALANCE", Seen.FAILED, Reason.INSUFFICIENT_FUNDS, True),
        ("FAILED", "PAYMENT_IN_PROGRESS", Seen.FAILED, Reason.PROVIDER_ERROR, True),
        ("FAILED", "WALLET_LIMIT_REACHED", Seen.FAILED, Reason.PAYER_LIMIT, True),
        ("FAILED", "MANUALLY_CANCELLED", Seen.FAILED, Reason.CANCELED, True),
        ("FAILED", "UNSPECIFIED_FAILURE", Seen.FAILED, Reason.PROVIDER_ERROR, True),
        ("FAILED", "UNKNOWN_ERROR", Seen.FAILED, Reason.PROVIDER_ERROR, True),
        ("FAILED", "SOMETHING_NEW", Seen.FAILED, Reason.PROVIDER_ERROR, False),
    ],
)
def test_status_words(
    operator: ScriptedOperator,
    pawapay: Provider,
    journal: RecordedJournal,
    status: str,
    code: str,
    seen: Seen,
    reason: Reason | None,
    is_known: bool,
) -> None:
    operator.on("GET", f"/v2/deposits/{ID}", found(status, code))
    sighting = pawapay.query(charge(), journal)
    assert (sighting.seen, sighting.reason, sighting.is_known_word) == (seen, reason, is_known)
    assert sighting.raw_reason == (f"{code}: Why" if code else "")


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        (reply(200, {"status": "NOT_FOUND"}), Seen.NOT_FOUND),
        # The classic bug: the outer status is not the payment's.
        (reply(200, {"status": "COMPLETED"}), Seen.NO_ANSWER),
        (reply(200, answer("COMPLETED")), Seen.NO_ANSWER),
        (reply(200, {"status": "FOUND"}), Seen.NO_ANSWER),
        (reply(200, {"status": "FOUND", "data": None}), Seen.NO_ANSWER),
        (reply(200, {"status": "FOUND", "data": [answer("COMPLETED")]}), Seen.NO_ANSWER),
        (reply(200, {"data": answer("COMPLETED")}), Seen.NO_ANSWER),
        (reply(404, {"status": "NOT_FOUND"}), Seen.NO_ANSWER),
        (reply(500, {"status": "FOUND", "data": answer("COMPLETED")}), Seen.NO_ANSWER),
        (html(200), Seen.NO_ANSWER),
        (cut(found("COMPLETED")), Seen.NO_ANSWER),
        (reset, Seen.NO_ANSWER),
    ],
)
def test_answers_to_a_query(
    operator: ScriptedOperator, pawapay: Provider, journal: RecordedJournal, said: bytes | Talk, seen: Seen
) -> None:
    operator.on("GET", f"/v2/deposits/{ID}", said)
    assert pawapay.query(charge(), journal).seen is seen


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("REFUNDS_NOT_ALLOWED", Reason.CONFIGURATION),
        ("DEPOSIT_ALREADY_REFUNDED", Reason.BAD_REQUEST),
        ("AMOUNT_TOO_LARGE", Reason.BAD_REQUEST),
        ("REFUND_IN_PROGRESS", Reason.BAD_REQUEST),
    ],
)
def test_refunds_that_are_refused(
    operator: ScriptedOperator, pawapay: Provider, journal: RecordedJournal, code: str, reason: Reason
) -> None:
    operator.on("POST", "/v2/refunds", reply(200, answer("REJECTED", code)))
    got = pawapay.refund(refund(), journal)
    assert (got.outcome, got.reason) == (Submitted.REFUSED, reason)
    [sent] = operator.asked("POST", "/v2/refunds")
    assert sent.data == {"refundId": str(REFUND_REFERENCE), "depositId": ID, "amount": "2000", "currency": "XAF"}
