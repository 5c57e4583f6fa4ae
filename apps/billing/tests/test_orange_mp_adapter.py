"""Orange's merchant payments: every row of their tables."""

from __future__ import annotations

import base64
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.billing.choices import CallKind, Operator, ProviderCode, Reason
from apps.billing.fake_operator.client import FakeOperator
from apps.billing.providers import registry
from apps.billing.providers.port import Charge, Provider, Seen, Submitted
from apps.billing.tests.charges import ORDER_ID, REFERENCE, charge
from apps.billing.tests.rails import CASES, MP
from apps.billing.tests.recorded_journal import RecordedJournal
from apps.billing.tests.scripted_operator import ScriptedOperator, Talk, cut, html, reply, reset, silent
from apps.core.tests.talking_server import certificate

PAY_TOKEN = "MP2611220A1B2C3D4E5F60718293"
INSUFFICIENT = "60019 :: Le solde du compte du payeur est insuffisant"


def paying(**changes: Any) -> Charge:
    return charge(msisdn="+237699000222", operator=Operator.ORANGE, token=PAY_TOKEN, **changes)


def said(message: str = "Transaction retrieved successfully", **changes: Any) -> dict[str, Any]:
    data = {
        "id": 70011223, "createtime": "1763812345", "subscriberMsisdn": "699000222", "amount": 5000, "payToken": PAY_TOKEN,
        "txnid": "MP261122.1403.B12345", "txnmode": ORDER_ID, "inittxnmessage": "Paiement initie", "inittxnstatus": "200",
        "confirmtxnstatus": None, "confirmtxnmessage": None, "status": "PENDING", "notifUrl": "https://pay.example.cm/hooks/secret-path",
        "description": "x", "channelUserMsisdn": "691000111",
    }  # fmt: skip
    return {"message": message, "data": data | changes}


@pytest.fixture
def orange(operator: ScriptedOperator, operator_settings: Any) -> Provider:  # noqa: ARG001  they have to be set first
    operator.on("POST", f"{MP}/init", reply(200, {"message": "Payment request successfully initiated", "data": {"payToken": PAY_TOKEN}}))
    operator.on("POST", f"{MP}/pay", reply(200, said("Merchant payment successfully initiated")))
    return registry.provider(ProviderCode.ORANGE_MP)


def test_it_works(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal) -> None:
    prepared = orange.prepare(charge(), journal)
    assert (prepared.outcome, prepared.token) == (Submitted.ACCEPTED, PAY_TOKEN)
    assert orange.submit(paying(), journal).outcome is Submitted.ACCEPTED
    operator.on("GET", f"{MP}/paymentstatus/{PAY_TOKEN}", reply(200, said(status="SUCCESSFULL", confirmtxnstatus="200")))
    sighting = orange.query(paying(), journal)
    assert (sighting.seen, sighting.amount, sighting.currency) == (Seen.SUCCEEDED, Decimal(5000), None)
    assert (sighting.reference, sighting.payer) == (str(REFERENCE), "+237699000222")
    assert sighting.transaction_id == "MP261122.1403.B12345"
    assert journal.kinds == [CallKind.TOKEN, CallKind.PREPARE, CallKind.SUBMIT, CallKind.QUERY]
    for secret in (PAY_TOKEN, "699000222", "secret-path", "0000"):
        assert f"{secret}" not in journal.text.replace("70011223", "")


def test_what_is_sent(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal) -> None:
    orange.prepare(charge(), journal)
    orange.submit(paying(), journal)
    [init], [pay] = operator.asked("POST", f"{MP}/init"), operator.asked("POST", f"{MP}/pay")
    assert (init.body, init.headers["content-length"]) == (b"", "0")
    assert init.headers["x-auth-token"] == pay.headers["x-auth-token"] == base64.b64encode(b"mp-user:mp-password").decode()
    assert pay.data == {
        "notifUrl": "https://pay.example.cm/hooks/3fT9wQ/", "channelUserMsisdn": "691000111", "amount": "5000",
        "subscriberMsisdn": "699000222", "pin": "0000", "orderId": ORDER_ID, "description": "Labonnement a la une Chez Zoe",
        "payToken": PAY_TOKEN,
    }  # fmt: skip


def test_pay_needs_a_token(orange: Provider, journal: RecordedJournal) -> None:
    assert orange.submit(charge(), journal).outcome is Submitted.UNSENT
    assert orange.nudge(charge(), journal).outcome is Submitted.UNSENT
    assert orange.query(charge(), journal).seen is Seen.NOT_FOUND
    assert journal.entries == []


@pytest.mark.parametrize(
    "answer",
    [reply(200), html(200), reply(200, {}), reply(200, {"data": None}), reply(200, {"data": {"payToken": ""}}), reply(500), html(503),
     reset,
     reply(200, {"data": {"payToken": ["x"]}}), reply(403, {"message": "x"}), reply(400, {"message": "x"}), cut(reply(200, said()))],
)  # fmt: skip
def test_a_preparation_that_fails_was_not_sent(
    operator: ScriptedOperator, orange: Provider, journal: RecordedJournal, answer: bytes | Talk
) -> None:
    operator.on("POST", f"{MP}/init", answer)
    got = orange.prepare(charge(), journal)
    assert (got.outcome, got.token) == (Submitted.UNSENT, "")
    assert got.reason is (Reason.CONFIGURATION if journal.entries[-1].status == 403 else Reason.PROVIDER_UNAVAILABLE)
    assert got.raw_reason


PAYS: list[tuple[str, bytes | Talk, Submitted, Reason | None]] = [
    ("pending", reply(200, said()), Submitted.ACCEPTED, None),
    ("paid already", reply(200, said(status="SUCCESSFULL")), Submitted.ACCEPTED, None),
    ("another word", reply(200, said(status="ON_HOLD")), Submitted.UNCLEAR, None),
    ("without data", reply(200, {"message": "ok"}), Submitted.UNCLEAR, None),
    ("empty", reply(200), Submitted.UNCLEAR, None),
    ("html", html(200), Submitted.UNCLEAR, None),
    ("417", reply(417, said(INSUFFICIENT, inittxnstatus="60019", status="FAILED")), Submitted.REFUSED, Reason.INSUFFICIENT_FUNDS),
    ("417 by its text",
     reply(417, said("60019::Le solde", inittxnstatus=None, status="FAILED")), Submitted.REFUSED, Reason.INSUFFICIENT_FUNDS),
    ("417 no such payer", reply(417, said("60021 :: Bénéficiaire introuvable", status="FAILED")), Submitted.REFUSED, Reason.INVALID_PAYER),
    ("417 blocked", reply(417, said("60011 :: Utilisateur bloque", status="FAILED")), Submitted.REFUSED, Reason.PAYER_BLOCKED),
    ("417 over the cap", reply(417, said("60024  ::  Vous avez saisi un montant superieur au montant maximum autorise", status="FAILED")),
     Submitted.REFUSED, Reason.PAYER_LIMIT),
    ("417 of another kind", reply(417, said("60099 :: Autre chose", status="FAILED")), Submitted.UNCLEAR, None),
    ("417 without data", reply(417, {"message": INSUFFICIENT}), Submitted.UNCLEAR, None),
    ("417 html", html(417), Submitted.UNCLEAR, None),
    ("600, a push may still work", reply(200, said("Failed", inittxnstatus="600", status="FAILED")), Submitted.UNCLEAR, None),
    ("422",
     reply(422, {"message": "The OrderId field must be at most 20 characters long", "data": None}), Submitted.REFUSED, Reason.BAD_REQUEST),
    ("422 html", html(422), Submitted.UNCLEAR, None),
    ("400", reply(400, {"message": "x"}), Submitted.UNCLEAR, None),
    ("401 twice", reply(401, {"message": "Invalid Credentials"}), Submitted.UNSENT, Reason.CONFIGURATION),
    ("401 html", html(401), Submitted.UNCLEAR, None),
    ("403", reply(403, {"message": "x"}), Submitted.UNSENT, Reason.CONFIGURATION),
    ("404", reply(404, {"message": "PayToken not found", "data": None}), Submitted.UNCLEAR, None),
    ("409", reply(409, {"message": "x"}), Submitted.UNCLEAR, None),
    ("429", reply(429, {"message": "x"}), Submitted.UNSENT, Reason.PROVIDER_UNAVAILABLE),
    ("500", reply(500, said(status="FAILED", inittxnstatus="60019")), Submitted.UNCLEAR, None),
    ("502", html(502), Submitted.UNCLEAR, None),
    ("silence", silent, Submitted.UNCLEAR, None),
    ("reset", reset, Submitted.UNCLEAR, None),
    ("cut", cut(reply(417, said(INSUFFICIENT, status="FAILED"))), Submitted.UNCLEAR, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "outcome", "reason"), PAYS, ids=[row[0] for row in PAYS])
@pytest.mark.usefixtures("short_waits")
def test_answers_to_pay(
    operator: ScriptedOperator,
    orange: Provider,
    journal: RecordedJournal,
    name: str,
    answer: bytes | Talk,
    outcome: Submitted,
    reason: Reason | None,
) -> None:
    operator.on("POST", f"{MP}/pay", answer)
    got = orange.submit(paying(), journal)
    assert (got.outcome, got.reason, got.token) == (outcome, reason, PAY_TOKEN)
    # Never repeated on one payToken but after a 401, which was not accepted.
    assert len(operator.asked("POST", f"{MP}/pay")) == (2 if name == "401 twice" else 1)


@pytest.mark.parametrize(
    ("changes", "seen", "reason", "is_known"),
    [
        ({"status": "PENDING"}, Seen.IN_PROGRESS, None, True),
        ({"status": "SUCCESSFULL"}, Seen.SUCCEEDED, None, True),
        ({"status": "SUCCESSFUL"}, Seen.SUCCEEDED, None, True),
        ({"status": "SUCCESS"}, Seen.SUCCEEDED, None, True),
        ({"status": "\tSUCCESSFULL "}, Seen.SUCCEEDED, None, True),
        ({"status": "FAILED"}, Seen.FAILED, Reason.PROVIDER_ERROR, True),
        ({"status": "FAILED", "inittxnstatus": "60019"}, Seen.FAILED, Reason.INSUFFICIENT_FUNDS, True),
        ({"status": "FAILED", "confirmtxnmessage": INSUFFICIENT}, Seen.FAILED, Reason.INSUFFICIENT_FUNDS, True),
        ({"status": "FAILED", "confirmtxnmessage": "Utilisateur bloqué"}, Seen.FAILED, Reason.PAYER_BLOCKED, True),
        ({"status": "CANCELLED"}, Seen.FAILED, Reason.CANCELED, True),
        ({"status": "CANCELED"}, Seen.FAILED, Reason.CANCELED, True),
        ({"status": "EXPIRED"}, Seen.EXPIRED, Reason.EXPIRED, True),
        ({"status": "INITIATED"}, Seen.NOT_FOUND, None, True),
        ({"status": "UNSUCCESSFULL"}, Seen.IN_PROGRESS, None, False),
        ({"status": "successfull"}, Seen.IN_PROGRESS, None, False),
        ({"status": ""}, Seen.IN_PROGRESS, None, False),
    ],
)
def test_status_words(
    operator: ScriptedOperator,
    orange: Provider,
    journal: RecordedJournal,
    changes: dict[str, Any],
    seen: Seen,
    reason: Reason | None,
    is_known: bool,
) -> None:
    operator.on("GET", f"{MP}/paymentstatus/{PAY_TOKEN}", reply(200, said(**changes)))
    sighting = orange.query(paying(), journal)
    assert (sighting.seen, sighting.reason, sighting.is_known_word) == (seen, reason, is_known)


def test_everything_else_may_be_null(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal) -> None:
    nothing = dict.fromkeys(said()["data"]) | {"status": "EXPIRED"}
    operator.on("GET", f"{MP}/paymentstatus/{PAY_TOKEN}", reply(200, {"message": None, "data": nothing}))
    sighting = orange.query(paying(), journal)
    assert (sighting.seen, sighting.amount, sighting.reference, sighting.payer, sighting.transaction_id) == (
        Seen.EXPIRED,
        None,
        None,
        None,
        "",
    )


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (reply(404, {"message": "PayToken not found", "data": None}), Seen.NOT_FOUND),
        (reply(404, {"code": "404", "type": "Status report", "message": "Not Found"}), Seen.NO_ANSWER),
        (reply(404), Seen.NO_ANSWER),
        (html(404), Seen.NO_ANSWER),
        (reply(200, {"message": "x", "data": None}), Seen.NO_ANSWER),
        (reply(200, {"status": "SUCCESSFULL"}), Seen.NO_ANSWER),
        (reply(200, {"data": {"status": None}}), Seen.NO_ANSWER),
        (reply(200, {"data": [{"status": "SUCCESSFULL"}]}), Seen.NO_ANSWER),
        (reply(417, said(status="SUCCESSFULL")), Seen.NO_ANSWER),
        (reply(500, said(status="SUCCESSFULL")), Seen.NO_ANSWER),
        (html(200), Seen.NO_ANSWER),
        (cut(reply(200, said(status="SUCCESSFULL"))), Seen.NO_ANSWER),
        (reset, Seen.NO_ANSWER),
    ],
)
def test_answers_to_a_query(
    operator: ScriptedOperator, orange: Provider, journal: RecordedJournal, answer: bytes | Talk, seen: Seen
) -> None:
    operator.on("GET", f"{MP}/paymentstatus/{PAY_TOKEN}", answer)
    assert orange.query(paying(), journal).seen is seen


@pytest.mark.parametrize("changes", [{"payToken": "MP-other"}, {"txnmode": "P-other"}])
def test_an_answer_about_another_payment(
    operator: ScriptedOperator, orange: Provider, journal: RecordedJournal, changes: dict[str, str]
) -> None:
    operator.on("GET", f"{MP}/paymentstatus/{PAY_TOKEN}", reply(200, said(status="SUCCESSFULL", **changes)))
    assert orange.query(paying(), journal).reference in changes.values()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (reply(200, said("Push sent to customer")), Submitted.ACCEPTED),
        (reply(200, said("Push sent to customer", inittxnstatus="600")), Submitted.UNSENT),
        (reply(417, said("60099 :: x", inittxnstatus="60099")), Submitted.UNSENT),
        (reply(404, {"message": "PayToken not found", "data": None}), Submitted.UNSENT),
        (html(200), Submitted.UNCLEAR),
        (reset, Submitted.UNCLEAR),
    ],
)
def test_answers_to_a_push(
    operator: ScriptedOperator, orange: Provider, journal: RecordedJournal, answer: bytes | Talk, outcome: Submitted
) -> None:
    operator.on("GET", f"{MP}/push/{PAY_TOKEN}", answer)
    assert orange.nudge(paying(), journal).outcome is outcome
    assert journal.kinds[-1] is CallKind.NUDGE


def test_a_payment_that_only_a_push_can_start(fake_operator: FakeOperator, journal: RecordedJournal) -> None:
    case = next(case for case in CASES if case.code is ProviderCode.ORANGE_MP)
    fake_operator.scenario("init_failed_then_push")
    submission, known = case.submit(case.charge(), journal)
    assert submission.outcome is Submitted.UNCLEAR
    assert case.provider.nudge(known, journal).outcome is Submitted.ACCEPTED
    assert case.provider.query(known, journal).seen is Seen.SUCCEEDED


def test_a_token_that_would_change_the_path(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal) -> None:
    operator.on("GET", f"{MP}/paymentstatus/.*", reply(200, said()))
    orange.query(charge(token="../../init?x#y"), journal)
    assert operator.requests[-1].path == f"{MP}/paymentstatus/..%2F..%2Finit%3Fx%23y"
    assert journal.entries[-1].path == f"{MP}/paymentstatus/***"


def test_an_authority_of_its_own(operator: ScriptedOperator, operator_settings: Any, journal: RecordedJournal, tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path, name="127.0.0.1")
    operator.encrypt(tls)
    operator_settings.ORANGE_MP_BASE_URL = operator.url
    assert registry.provider(ProviderCode.ORANGE_MP).prepare(charge(), journal).outcome is Submitted.UNSENT
    assert journal.entries[0].error == "tls_failed"
    operator.on("POST", f"{MP}/init", reply(200, {"data": {"payToken": PAY_TOKEN}}))
    operator_settings.ORANGE_MP_CA_FILE = str(trusted)
    assert registry.provider(ProviderCode.ORANGE_MP).prepare(charge(), journal).token == PAY_TOKEN
