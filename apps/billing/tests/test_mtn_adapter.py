"""MTN MoMo: every row of the tables of answers."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from apps.billing.choices import CallKind, ProviderCode, Reason
from apps.billing.exceptions import ProviderNotConfigured
from apps.billing.providers import registry
from apps.billing.providers.port import Callback, Provider, Seen, Submitted
from apps.billing.tests.charges import REFERENCE, REFUND_REFERENCE, charge, refund
from apps.billing.tests.recorded_journal import RecordedJournal
from apps.billing.tests.scripted_operator import ScriptedOperator, Talk, cut, hang_up, html, reply, reset, silent

PAY, READ = "/collection/v1_0/requesttopay", rf"/collection/v1_0/requesttopay/{REFERENCE}"
GATEWAY_401 = {"statusCode": 401, "message": "Access denied due to invalid subscription key."}


@pytest.fixture
def mtn(operator: ScriptedOperator, settings: Any) -> Iterator[Provider]:
    settings.MTN_MOMO_BASE_URL = f"{operator.url}/"
    settings.MTN_MOMO_TARGET_ENVIRONMENT = "mtncameroon"
    settings.MTN_MOMO_SUBSCRIPTION_KEY = "collection-key"
    settings.MTN_MOMO_API_USER = str(uuid.uuid4())
    settings.MTN_MOMO_API_KEY = uuid.uuid4().hex
    settings.MTN_MOMO_DISBURSEMENT_SUBSCRIPTION_KEY = "disbursement-key"
    settings.MTN_MOMO_DISBURSEMENT_API_USER = str(uuid.uuid4())
    settings.MTN_MOMO_DISBURSEMENT_API_KEY = uuid.uuid4().hex
    for product in ("collection", "disbursement"):
        token = {"access_token": f"{product}-token", "token_type": "access_token", "expires_in": 3600}
        operator.on("POST", f"/{product}/token/", reply(200, token))
    operator.on("POST", PAY, reply(202))
    yield registry.provider(ProviderCode.MTN)
    settings.MTN_MOMO_BASE_URL = ""


def seen_body(**changes: Any) -> dict[str, Any]:
    return {
        "amount": "5000", "currency": "XAF", "financialTransactionId": "9812345670", "externalId": str(REFERENCE),
        "payer": {"partyIdType": "MSISDN", "partyId": "237670000111"}, "payerMessage": "x", "payeeNote": "y", "status": "SUCCESSFUL",
    } | changes  # fmt: skip


def test_it_works(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal) -> None:
    operator.on("GET", READ, reply(200, seen_body()))
    assert mtn.prepare(charge(), journal).outcome is Submitted.ACCEPTED
    assert mtn.submit(charge(), journal).outcome is Submitted.ACCEPTED
    sighting = mtn.query(charge(), journal)
    assert (sighting.seen, sighting.amount, sighting.currency) == (Seen.SUCCEEDED, Decimal(5000), "XAF")
    assert (sighting.reference, sighting.payer) == (str(REFERENCE), "+237670000111")
    assert (sighting.transaction_id, sighting.raw_status, sighting.is_known_word) == ("9812345670", "SUCCESSFUL", True)
    assert journal.kinds == [CallKind.TOKEN, CallKind.SUBMIT, CallKind.QUERY]
    assert "collection-token" not in journal.text
    assert "670000111" not in journal.text


def test_what_is_sent(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal, settings: Any) -> None:
    mtn.submit(charge(), journal)
    [token] = operator.asked("POST", "/collection/token/")
    basic = base64.b64encode(f"{settings.MTN_MOMO_API_USER}:{settings.MTN_MOMO_API_KEY}".encode()).decode()
    assert token.headers["authorization"] == f"Basic {basic}"
    assert (token.body, token.headers["content-length"]) == (b"", "0")
    [sent] = operator.asked("POST", PAY)
    assert sent.data == {
        "amount": "5000", "currency": "XAF", "externalId": str(REFERENCE),
        "payer": {"partyIdType": "MSISDN", "partyId": "237670000111"},
        "payerMessage": "Labonnement a la une Chez Zoe", "payeeNote": "INV 2026-000123",
    }  # fmt: skip
    assert {name: sent.headers[name] for name in sent.headers if name.startswith(("x-", "ocp", "authorization", "content-type"))} == {
        "authorization": "Bearer collection-token", "ocp-apim-subscription-key": "collection-key", "x-target-environment": "mtncameroon",
        "x-reference-id": str(REFERENCE), "x-callback-url": "https://pay.example.cm/hooks/3fT9wQ/", "content-type": "application/json",
    }  # fmt: skip


def test_no_callback_header_without_an_address(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal) -> None:
    mtn.submit(charge(callback_url=""), journal)
    assert "x-callback-url" not in operator.asked("POST", PAY)[0].headers


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


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        (b'"5000"', Decimal(5000)), (b"5000", Decimal(5000)), (b"5000.0", Decimal(5000)), (b'"5000.00"', Decimal(5000)),
        (b"5e3", Decimal(5000)),
        (b'" 5000 "', Decimal(5000)), (b'"5 000"', None), (b'"-5000"', None), (b"null", None), (b"true", None), (b'"5000 XAF"', None),
        (b"1e400", None), (b'"\xd9\xa5\xd9\xa0"', None), (b"{}", None), (b"50000000000000000000000", None), (b"5000.4", Decimal("5000.4")),
    ],
)  # fmt: skip
def test_amounts(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal, said: bytes, amount: Decimal | None) -> None:
    body = json.dumps(seen_body(amount="@")).encode().replace(b'"@"', said)
    operator.on("GET", READ, reply(200, body))
    sighting = mtn.query(charge(), journal)
    assert (sighting.seen, sighting.amount, sighting.returns_amount) == (Seen.SUCCEEDED, amount, True)


def test_a_number_as_transaction_id_and_fields_that_are_missing(
    operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal
) -> None:
    operator.on("GET", READ, reply(200, {"status": "SUCCESSFUL", "financialTransactionId": 9812345670}))
    sighting = mtn.query(charge(), journal)
    assert (sighting.seen, sighting.transaction_id) == (Seen.SUCCEEDED, "9812345670")
    assert (sighting.reference, sighting.amount, sighting.currency, sighting.payer) == (None, None, None, None)


def test_an_answer_about_another_payment(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal) -> None:
    operator.on("GET", READ, reply(200, seen_body(externalId="somebody-else")))
    assert mtn.query(charge(), journal).reference == "somebody-else"
    operator.on("GET", READ, reply(200, seen_body(externalId=str(REFERENCE).upper())))
    assert mtn.query(charge(), journal).reference == str(REFERENCE)


def test_what_a_database_cannot_hold_is_taken_out(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal) -> None:
    said = seen_body(status="FAILED\x00", reason="A\x00B\ud800" + "x" * 900, financialTransactionId="9" * 500)
    operator.on("GET", READ, reply(200, said))
    sighting = mtn.query(charge(), journal)
    assert (sighting.seen, sighting.is_known_word) == (Seen.IN_PROGRESS, False)
    assert len(sighting.transaction_id) == 100
    assert len(sighting.raw_reason) <= 255
    assert not {"\x00", "\ud800"} & set(sighting.raw_status + sighting.raw_reason + journal.text)


def test_one_more_time_after_a_401(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal) -> None:
    tokens = [reply(200, {"access_token": f"token-{number}", "expires_in": 3600}) for number in range(3)]
    operator.on("POST", "/collection/token/", *tokens)
    operator.on("POST", PAY, reply(401, GATEWAY_401), reply(202))
    assert mtn.submit(charge(), journal).outcome is Submitted.ACCEPTED
    assert journal.kinds == [CallKind.TOKEN, CallKind.SUBMIT, CallKind.TOKEN, CallKind.SUBMIT]
    first, second = operator.asked("POST", PAY)
    assert (first.headers["authorization"], second.headers["authorization"]) == ("Bearer token-0", "Bearer token-1")
    assert first.body == second.body
    assert first.headers["x-reference-id"] == second.headers["x-reference-id"]


def test_never_a_third_time(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal) -> None:
    operator.on("POST", PAY, reply(401, GATEWAY_401))
    operator.on("POST", "/collection/token/", *[reply(200, {"access_token": f"t{number}", "expires_in": 3600}) for number in range(9)])
    mtn.submit(charge(), journal)
    assert len(operator.asked("POST", PAY)) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(500, {"error": "login_failed"}), Reason.CONFIGURATION),
        (reply(401, GATEWAY_401), Reason.CONFIGURATION),
        (html(200), Reason.PROVIDER_UNAVAILABLE),
        (reply(200), Reason.PROVIDER_UNAVAILABLE),
        (reply(200, {"access_token": ""}), Reason.PROVIDER_UNAVAILABLE),
        (reply(200, {"access_token": "a\r\nX: y"}), Reason.PROVIDER_UNAVAILABLE),
        (reply(200, {"access_token": 12}), Reason.PROVIDER_UNAVAILABLE),
        (reply(503), Reason.PROVIDER_UNAVAILABLE),
        (reply(500, {"code": "INTERNAL_PROCESSING_ERROR"}), Reason.PROVIDER_UNAVAILABLE),
        (reset, Reason.PROVIDER_UNAVAILABLE),
    ],
)
def test_without_a_token_nothing_is_sent(
    operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal, answer: bytes | Talk, reason: Reason
) -> None:
    operator.on("POST", "/collection/token/", answer)
    got = mtn.submit(charge(), journal)
    assert (got.outcome, got.reason) == (Submitted.UNSENT, reason)
    assert got.raw_reason.startswith("token: ")
    seen = mtn.query(charge(), journal)
    assert (seen.seen, seen.reason) == (Seen.NO_ANSWER, reason)
    assert set(journal.kinds) == {CallKind.TOKEN}


def test_a_refund_has_credentials_of_its_own(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal) -> None:
    operator.on("POST", "/disbursement/v1_0/refund", reply(202))
    operator.on("GET", f"/disbursement/v1_0/refund/{REFUND_REFERENCE}", reply(200, seen_body(
        amount="2000", externalId=str(REFUND_REFERENCE), payee={"partyIdType": "MSISDN", "partyId": "237670000111"}
    )))  # fmt: skip
    assert mtn.can_refund
    assert mtn.refund(refund(), journal).outcome is Submitted.ACCEPTED
    sighting = mtn.query_refund(refund(), journal)
    assert (sighting.seen, sighting.amount, sighting.reference) == (Seen.SUCCEEDED, Decimal(2000), str(REFUND_REFERENCE))
    assert journal.kinds == [CallKind.TOKEN, CallKind.REFUND, CallKind.REFUND_QUERY]
    [sent] = operator.asked("POST", "/disbursement/v1_0/refund")
    assert sent.headers["ocp-apim-subscription-key"] == "disbursement-key"
    assert sent.headers["authorization"] == "Bearer disbursement-token"
    assert sent.data == {
        "amount": "2000", "currency": "XAF", "externalId": str(REFUND_REFERENCE), "payerMessage": "Remboursement dun trop-percu",
        "payeeNote": "RF 2026 000004", "referenceIdToRefund": str(REFERENCE),
    }  # fmt: skip


def test_no_refund_without_a_contract(mtn: Provider, journal: RecordedJournal, settings: Any) -> None:
    settings.MTN_MOMO_DISBURSEMENT_API_KEY = ""
    without = registry.provider(ProviderCode.MTN)
    assert without is not mtn
    assert not without.can_refund
    got = without.refund(refund(), journal)
    assert (got.outcome, got.reason, journal.entries) == (Submitted.REFUSED, Reason.CONFIGURATION, [])


def test_balance(operator: ScriptedOperator, mtn: Provider, journal: RecordedJournal) -> None:
    operator.on("GET", "/collection/v1_0/account/balance", reply(200, {"availableBalance": "125000", "currency": "XAF"}))
    balance = mtn.balance(journal)
    assert balance is not None
    assert (balance.amount, balance.currency) == (Decimal(125000), "XAF")
    operator.on("GET", "/collection/v1_0/account/balance", html(200))
    assert mtn.balance(journal) is None


def test_mtn_rings_once(mtn: Provider, journal: RecordedJournal) -> None:
    assert mtn.nudge(charge(), journal).outcome is Submitted.UNSENT
    assert journal.entries == []


def test_currency_of_the_sandbox(mtn: Provider, settings: Any) -> None:
    assert mtn.currency == "XAF"
    settings.MTN_MOMO_TARGET_ENVIRONMENT = "sandbox"
    assert registry.provider(ProviderCode.MTN).currency == "EUR"


def test_hints_take_identifiers_only(mtn: Provider) -> None:
    body = json.dumps(seen_body()).encode()
    assert mtn.recognises(Callback("PUT", "/", body))
    assert mtn.hint(Callback("PUT", "/", body)).reference == str(REFERENCE)
    for other in (b"", b"[]", b"<html>", b'{"externalId": {}}', b'{"externalId": ["x"]}', b"\xff"):
        assert mtn.hint(Callback("POST", "/", other)).reference == ""
        assert not mtn.recognises(Callback("POST", "/", other))


def test_a_stranger_has_no_operator(settings: Any) -> None:
    settings.MTN_MOMO_BASE_URL = ""
    with pytest.raises(ProviderNotConfigured):
        registry.provider(ProviderCode.MTN)
