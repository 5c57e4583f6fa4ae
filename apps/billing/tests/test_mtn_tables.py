"""MTN MoMo: every row of the tables of answers, statuses and reasons."""

from __future__ import annotations

from typing import Any

import pytest

from apps.billing.choices import Reason
from apps.billing.providers.port import Provider, Seen, Submitted
from apps.billing.tests.charges import charge, refund
from apps.billing.tests.mtn_answers import GATEWAY_401, PAY, READ, seen_body
from apps.billing.tests.recorded_journal import RecordedJournal
from apps.billing.tests.scripted_operator import ScriptedOperator, Talk, cut, hang_up, html, reply, reset, silent

SUBMITS: list[tuple[str, bytes | Talk, Submitted, Reason | None]] = [
    ("202", reply(202), Submitted.ACCEPTED, None),
    ("202 json", reply(202, {}), Submitted.ACCEPTED, None),
    ("202 html", html(202), Submitted.UNCLEAR, None),
    ("200", reply(200), Submitted.UNCLEAR, None),
    ("200 html", html(200), Submitted.UNCLEAR, None),
    ("200 success word", reply(200, {"status": "SUCCESSFUL"}), Submitted.UNCLEAR, None),
    ("302", reply(302, b"", "Location: /elsewhere"), Submitted.UNCLEAR, None),
    ("400 json", reply(400, {"code": "REQUEST_REJECTED", "message": "Missing currency"}), Submitted.REFUSED, Reason.BAD_REQUEST),
    ("400 known word", reply(400, {"code": "PAYER_NOT_FOUND", "message": "x"}), Submitted.REFUSED, Reason.INVALID_PAYER),
    ("400 empty", reply(400), Submitted.UNCLEAR, None),
    ("400 html", html(400), Submitted.UNCLEAR, None),
    ("400 other shape", reply(400, {"hello": 1}), Submitted.UNCLEAR, None),
    ("400 passing", reply(400, {"code": "INTERNAL_PROCESSING_ERROR"}), Submitted.UNCLEAR, None),
    ("401 twice", reply(401, GATEWAY_401), Submitted.UNSENT, Reason.CONFIGURATION),
    ("401 html", html(401), Submitted.UNCLEAR, None),
    ("403", reply(403, {"code": "FORBIDDEN IP", "message": "Authorization failed"}), Submitted.UNSENT, Reason.CONFIGURATION),
    ("403 html", html(403), Submitted.UNCLEAR, None),
    ("404", reply(404, {"statusCode": 404, "message": "Resource not found"}), Submitted.REFUSED, Reason.CONFIGURATION),
    ("404 html", html(404), Submitted.UNCLEAR, None),
    ("408", reply(408, {"code": "TIMEOUT", "message": "x"}), Submitted.UNCLEAR, None),
    ("409", reply(409, {"code": "RESOURCE_ALREADY_EXIST", "message": "Duplicated reference id."}), Submitted.DUPLICATE, None),
    ("409 empty", reply(409), Submitted.DUPLICATE, None),
    ("500 duplicate", reply(500, {"code": "RESOURCE_ALREADY_EXIST"}), Submitted.DUPLICATE, None),
    ("411", reply(411, {"error": "Length Required"}), Submitted.REFUSED, Reason.BAD_REQUEST),
    ("429", reply(429, {"statusCode": 429, "message": "Rate limit is exceeded."}), Submitted.UNSENT, Reason.PROVIDER_UNAVAILABLE),
    *[
        (f"500 {word}", reply(500, {"code": word, "message": "x"}), Submitted.REFUSED, reason)
        for word, reason in {
            "INVALID_CURRENCY": Reason.CONFIGURATION, "NOT_ALLOWED_TARGET_ENVIRONMENT": Reason.CONFIGURATION,
            "INVALID_CALLBACK_URL_HOST": Reason.CONFIGURATION, "NOT_ALLOWED": Reason.CONFIGURATION,
            "PAYER_NOT_FOUND": Reason.INVALID_PAYER, "PAYEE_NOT_ALLOWED_TO_RECEIVE": Reason.PAYEE_PROBLEM,
            "NOT_ENOUGH_FUNDS": Reason.INSUFFICIENT_FUNDS, "PAYER_LIMIT_REACHED": Reason.PAYER_LIMIT,
            "payer_not_found": Reason.INVALID_PAYER,
        }.items()
    ],
    ("500 internal", reply(500, {"code": "INTERNAL_PROCESSING_ERROR", "message": "x"}), Submitted.UNCLEAR, None),
    ("500 other word", reply(500, {"code": "SOMETHING_NEW", "message": "x"}), Submitted.UNCLEAR, None),
    ("500 expired", reply(500, {"code": "EXPIRED", "message": "x"}), Submitted.UNCLEAR, None),
    ("500 empty", reply(500), Submitted.UNCLEAR, None),
    ("500 html", html(500), Submitted.UNCLEAR, None),
    ("502 html", html(502), Submitted.UNCLEAR, None),
    ("503", reply(503, {"code": "SERVICE_UNAVAILABLE", "message": "x"}), Submitted.UNCLEAR, None),
    ("504", reply(504), Submitted.UNCLEAR, None),
    ("503 with a definite word", reply(503, {"code": "PAYER_NOT_FOUND", "message": "x"}), Submitted.UNCLEAR, None),
    ("silence", silent, Submitted.UNCLEAR, None),
    ("reset", reset, Submitted.UNCLEAR, None),
    ("hang up", hang_up, Submitted.UNCLEAR, None),
    ("cut", cut(reply(400, {"code": "PAYER_NOT_FOUND", "message": "x"})), Submitted.UNCLEAR, None),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "outcome", "reason"), [row[1:] for row in SUBMITS], ids=[row[0] for row in SUBMITS])
@pytest.mark.usefixtures("short_waits")
def test_answers_to_a_submit(
    operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal, answer: bytes | Talk, outcome: Submitted, reason: Reason | None
) -> None:
    operator.on("POST", PAY, answer)
    got = mtn.submit(charge(), journal)
    assert (got.outcome, got.reason) == (outcome, reason)
    assert bool(got.raw_reason) is (outcome is not Submitted.ACCEPTED)


@pytest.mark.parametrize(("answer", "outcome", "reason"), [row[1:] for row in SUBMITS], ids=[row[0] for row in SUBMITS])
@pytest.mark.usefixtures("short_waits")
def test_answers_to_a_refund(
    operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal, answer: bytes | Talk, outcome: Submitted, reason: Reason | None
) -> None:
    operator.on("POST", "/disbursement/v1_0/refund", answer)
    got = mtn.refund(refund(), journal)
    assert (got.outcome, got.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("status", "seen", "is_known"),
    [
        ("PENDING", Seen.IN_PROGRESS, True),
        (" PENDING\n", Seen.IN_PROGRESS, True),
        ("CREATED", Seen.IN_PROGRESS, True),
        ("ONGOING", Seen.IN_PROGRESS, True),
        ("DELAYED", Seen.IN_PROGRESS, True),
        ("", Seen.IN_PROGRESS, True),
        ("SOMETHING_NEW", Seen.IN_PROGRESS, False),
        ("UNSUCCESSFUL", Seen.IN_PROGRESS, False),
        ("successful", Seen.IN_PROGRESS, False),
        ("SUCCESSFUL", Seen.SUCCEEDED, True),
        ("SUCCESSFUL ", Seen.SUCCEEDED, True),
        ("SUCCESS", Seen.SUCCEEDED, True),
        ("FAILED", Seen.FAILED, True),
        ("REJECTED", Seen.FAILED, True),
        ("TIMEOUT", Seen.EXPIRED, True),
    ],
)
def test_status_words(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal, status: str, seen: Seen, is_known: bool) -> None:
    operator.on("GET", READ, reply(200, seen_body(status=status)))
    sighting = mtn.query(charge(), journal)
    assert (sighting.seen, sighting.is_known_word, sighting.raw_status) == (seen, is_known, status.strip())


@pytest.mark.parametrize("shape", ["text", "object", "small letters"])
@pytest.mark.parametrize(
    ("code", "seen", "reason"),
    [
        ("APPROVAL_REJECTED", Seen.FAILED, Reason.DECLINED),
        ("PAYMENT_NOT_APPROVED", Seen.FAILED, Reason.DECLINED),
        ("EXPIRED", Seen.EXPIRED, Reason.EXPIRED),
        ("COULD_NOT_PERFORM_TRANSACTION", Seen.EXPIRED, Reason.EXPIRED),
        ("NOT_ENOUGH_FUNDS", Seen.FAILED, Reason.INSUFFICIENT_FUNDS),
        ("INTERNAL_PROCESSING_ERROR", Seen.FAILED, Reason.PROVIDER_ERROR),
        ("PAYER_NOT_FOUND", Seen.FAILED, Reason.INVALID_PAYER),
        ("PAYER_LIMIT_REACHED", Seen.FAILED, Reason.PAYER_LIMIT),
        ("SENDER_ACCOUNT_NOT_ACTIVE", Seen.FAILED, Reason.PAYER_BLOCKED),
        ("PAYEE_NOT_FOUND", Seen.FAILED, Reason.PAYEE_PROBLEM),
        ("PAYEE_NOT_ALLOWED_TO_RECEIVE", Seen.FAILED, Reason.PAYEE_PROBLEM),
        ("NOT_ALLOWED", Seen.FAILED, Reason.CONFIGURATION),
        ("NOT_ALLOWED_TARGET_ENVIRONMENT", Seen.FAILED, Reason.CONFIGURATION),
        ("INVALID_CALLBACK_URL_HOST", Seen.FAILED, Reason.CONFIGURATION),
        ("INVALID_CURRENCY", Seen.FAILED, Reason.CONFIGURATION),
        ("SERVICE_UNAVAILABLE", Seen.FAILED, Reason.PROVIDER_UNAVAILABLE),
        ("TRANSACTION_CANCELED", Seen.FAILED, Reason.CANCELED),
        ("RESOURCE_NOT_FOUND", Seen.NOT_FOUND, None),
        ("TRANSACTION_NOT_FOUND", Seen.NOT_FOUND, None),
        ("RESOURCE_ALREADY_EXIST", Seen.IN_PROGRESS, None),
        ("PAYER_DELAYED", Seen.FAILED, Reason.PROVIDER_ERROR),
    ],
)
def test_reasons_of_a_failure(
    operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal, code: str, seen: Seen, reason: Reason | None, shape: str
) -> None:
    said: Any = {"text": code, "object": {"code": code, "message": "Why"}, "small letters": code.lower()}[shape]
    operator.on("GET", READ, reply(200, seen_body(status="FAILED", reason=said)))
    sighting = mtn.query(charge(), journal)
    assert (sighting.seen, sighting.reason) == (seen, reason)
    assert sighting.raw_reason == (f"{code}: Why" if shape == "object" else said)
    assert sighting.is_known_word is (code != "PAYER_DELAYED")


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (reply(404, {"code": "RESOURCE_NOT_FOUND", "message": "Requested resource was not found."}), Seen.NOT_FOUND),
        (reply(400, {"code": "RESOURCE_NOT_FOUND"}), Seen.NOT_FOUND),
        (reply(404, {"statusCode": 404, "message": "Resource not found"}), Seen.NO_ANSWER),
        (reply(404), Seen.NO_ANSWER),
        (html(404), Seen.NO_ANSWER),
        (reply(400, {"code": "BAD", "message": "x"}), Seen.NO_ANSWER),
        (reply(401, GATEWAY_401), Seen.NO_ANSWER),
        (html(401), Seen.NO_ANSWER),
        (reply(403, {"code": "FORBIDDEN IP"}), Seen.NO_ANSWER),
        (reply(429, {"message": "x"}), Seen.NO_ANSWER),
        (reply(500, {"code": "INTERNAL_PROCESSING_ERROR"}), Seen.NO_ANSWER),
        (reply(500, {"code": "PAYER_NOT_FOUND"}), Seen.NO_ANSWER),
        (reply(500, seen_body()), Seen.NO_ANSWER),
        (reply(202, seen_body()), Seen.NO_ANSWER),
        (reply(503), Seen.NO_ANSWER),
        (html(200), Seen.NO_ANSWER),
        (reply(200), Seen.NO_ANSWER),
        (reply(200, [seen_body()]), Seen.NO_ANSWER),
        (reply(200, {}), Seen.NO_ANSWER),
        (reply(200, {"status": None}), Seen.NO_ANSWER),
        (reply(200, {"status": {"status": "SUCCESSFUL"}}), Seen.NO_ANSWER),
        (reply(200, {"transactionStatus": "SUCCESSFUL"}), Seen.NO_ANSWER),
        (cut(reply(200, seen_body())), Seen.NO_ANSWER),
        (silent, Seen.NO_ANSWER),
        (reset, Seen.NO_ANSWER),
    ],
)
@pytest.mark.usefixtures("short_waits")
def test_answers_to_a_query(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal, answer: bytes | Talk, seen: Seen) -> None:
    operator.on("GET", READ, answer)
    assert mtn.query(charge(), journal).seen is seen
