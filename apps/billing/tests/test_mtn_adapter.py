"""MTN MoMo: what is sent, what is read, tokens, refunds."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Any

import pytest

from apps.billing.choices import CallKind, ProviderCode, Reason
from apps.billing.exceptions import ProviderNotConfigured
from apps.billing.providers import registry
from apps.billing.providers.port import Callback, Provider, Seen, Submitted
from apps.billing.tests.charges import REFERENCE, REFUND_REFERENCE, charge, refund
from apps.billing.tests.mtn_answers import GATEWAY_401, PAY, READ, seen_body
from apps.billing.tests.recorded_journal import RecordedJournal
from apps.billing.tests.scripted_operator import ScriptedOperator, Talk, html, reply, reset


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
