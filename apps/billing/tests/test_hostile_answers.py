"""Whatever an operator says, adapters do not raise, and only its word of success is a success."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.billing.choices import ProviderCode
from apps.billing.providers.port import Callback, Hint, Seen, Sighting, Submission, Submitted
from apps.billing.providers.reading import parse_object
from apps.billing.providers.redaction import redact
from apps.billing.tests.charges import ORDER_ID, REFERENCE, refund
from apps.billing.tests.rails import CASES, MP, PATHS, AdapterCase
from apps.billing.tests.recorded_journal import RecordedJournal
from apps.billing.tests.scripted_operator import ScriptedOperator, html, reply

SUCCESS = {
    ProviderCode.MTN: {"SUCCESSFUL", "SUCCESS"},
    ProviderCode.ORANGE_MP: {"SUCCESSFULL", "SUCCESSFUL", "SUCCESS"},
    ProviderCode.ORANGE_WEB: {"SUCCESS"},
    ProviderCode.PAWAPAY: {"COMPLETED"},
}
GOOD = {ProviderCode.ORANGE_WEB: {200, 201}}
WORDS = st.sampled_from(
    ["SUCCESSFUL", "SUCCESSFULL", "SUCCESS", "COMPLETED", "success", "FOUND", "PENDING", "FAILED", "EXPIRED", "ACCEPTED", "REJECTED",
     "DUPLICATE_IGNORED", "NOT_FOUND", "INITIATED", "TIMEOUT", " SUCCESSFUL ", "UNSUCCESSFUL", "", "\x00"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20) | WORDS
KEYS = st.text(max_size=8) | st.sampled_from(
    [
        "status", "data", "amount", "currency", "externalId", "reason", "code", "message", "error", "payer", "partyId", "txnid", "txnmode",
        "financialTransactionId", "payToken", "pay_token", "payment_url", "notif_token", "order_id", "inittxnstatus", "confirmtxnmessage",
        "failureReason", "failureCode", "accountDetails", "phoneNumber", "depositId", "access_token", "subscriberMsisdn",
    ]
)  # fmt: skip
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=15)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=8)
BODIES = st.binary(max_size=300) | VALUES.map(json.dumps).map(str.encode) | OBJECTS.map(json.dumps).map(str.encode)
# 401 is left out: it would use up the tokens of the minute, and nothing would be asked any more.
STATUSES = st.sampled_from([200, 200, 200, 201, 202, 204, 302, 400, 403, 404, 409, 417, 422, 429, 500, 503])
ANYTHING = st.builds(reply, STATUSES, BODIES) | st.sampled_from([html(200), html(404)])
many = settings(max_examples=40)


@pytest.fixture(params=CASES, ids=[case.code.value for case in CASES])
def case(request: pytest.FixtureRequest, operator_settings: Any) -> AdapterCase:  # noqa: ARG001  they have to be set first
    chosen: AdapterCase = request.param
    return chosen


def charged(case: AdapterCase) -> Any:
    return case.charge(reference=REFERENCE, order_id=ORDER_ID, token="MP-token")


def says_success(case: AdapterCase, answer: bytes) -> bool:
    """Read independently of the adapters: the word, in its place, in a whole answer with the right status."""
    head, _, body = answer.partition(b"\r\n\r\n")
    data = parse_object(body)
    if int(head.split(b" ")[1]) not in GOOD.get(case.code, {200}) or data is None:
        return False
    if case.code in {ProviderCode.ORANGE_MP, ProviderCode.PAWAPAY}:
        if case.code is ProviderCode.PAWAPAY and (not isinstance(data.get("status"), str) or data["status"].strip() != "FOUND"):
            return False
        data = data.get("data") if isinstance(data.get("data"), dict) else {}
    status = (data or {}).get("status")
    return isinstance(status, str) and status.strip() in SUCCESS[case.code]


def is_storable(*texts: str) -> bool:
    """Whether PostgreSQL takes them. Halves of surrogate pairs raise."""
    return b"\x00" not in "".join(texts).encode()


@many
@given(answer=ANYTHING)
def test_queries(case: AdapterCase, operator: ScriptedOperator, answer: bytes) -> None:
    _mint, _submit, method, path = PATHS[case.code]
    operator.on(method, path, answer)
    journal = RecordedJournal()
    sighting = case.provider.query(charged(case), journal)
    assert (sighting.seen is Seen.SUCCEEDED) is says_success(case, answer)
    check_sighting(sighting, journal)


@many
@given(status=WORDS, more=OBJECTS)
def test_queries_of_the_right_shape(case: AdapterCase, operator: ScriptedOperator, status: str, more: dict[str, Any]) -> None:
    _mint, _submit, method, path = PATHS[case.code]
    body: dict[str, Any] = more | {"status": status}
    if case.code is ProviderCode.ORANGE_MP:
        body = {"message": "x", "data": body}
    elif case.code is ProviderCode.PAWAPAY:
        body = {"status": "FOUND", "data": body}
    operator.on(method, path, reply(200, body))
    journal = RecordedJournal()
    sighting = case.provider.query(charged(case), journal)
    assert (sighting.seen is Seen.SUCCEEDED) is (status.strip() in SUCCESS[case.code])
    check_sighting(sighting, journal)


def check_sighting(sighting: Sighting, journal: RecordedJournal) -> None:
    assert sighting.amount is None or (0 <= sighting.amount < 10**15)
    assert is_storable(sighting.raw_status, sighting.raw_reason, sighting.transaction_id, sighting.reference or "", journal.text)
    assert len(sighting.raw_status) <= 60
    assert len(sighting.raw_reason) <= 255
    assert len(sighting.transaction_id) <= 100
    assert all(entry.is_ended and len(entry.body) <= 4000 for entry in journal.entries)


@many
@given(answer=ANYTHING)
def test_submits_and_what_comes_before(case: AdapterCase, operator: ScriptedOperator, answer: bytes) -> None:
    operator.on("POST", PATHS[case.code][1], answer)
    operator.on("POST", f"{MP}/init", answer)
    operator.on("GET", f"{MP}/push/.*", answer)
    journal = RecordedJournal()
    prepared = case.provider.prepare(charged(case), journal)
    assert len(prepared.token) <= 200
    for submission in (case.provider.submit(charged(case), journal), case.provider.nudge(charged(case), journal)):
        check_submission(submission, journal)
    status = int(answer.split(b" ")[1])
    if status >= 500 or b"Request Rejected" in answer:
        assert case.provider.submit(charged(case), journal).outcome in {Submitted.UNCLEAR, Submitted.REFUSED, Submitted.DUPLICATE}


def check_submission(submission: Submission, journal: RecordedJournal) -> None:
    assert is_storable(submission.raw_reason, submission.token, submission.notif_token, submission.page_url, journal.text)
    assert len(submission.raw_reason) <= 255
    assert len(submission.page_url) <= 500
    assert submission.reason is not None or submission.outcome is not Submitted.REFUSED


@many
@given(answer=ANYTHING)
def test_refunds_and_balances(case: AdapterCase, operator: ScriptedOperator, answer: bytes) -> None:
    operator.on("POST", "/disbursement/v1_0/refund|/v2/refunds", answer)
    operator.on("GET", "/disbursement/v1_0/refund/.*|/v2/refunds/.*", answer)
    operator.on("GET", "/collection/v1_0/account/balance", answer)
    journal = RecordedJournal()
    check_submission(case.provider.refund(refund(), journal), journal)
    sighting = case.provider.query_refund(refund(), journal)
    assert sighting.seen is not Seen.SUCCEEDED or says_success(case, answer)
    check_sighting(sighting, journal)
    balance = case.provider.balance(journal)
    assert balance is None or balance.amount >= 0


@many
@given(answer=ANYTHING)
def test_tokens(case: AdapterCase, operator: ScriptedOperator, settings: Any, answer: bytes) -> None:
    path = PATHS[case.code][0]
    if not path:
        return
    operator.on("POST", path, answer)
    operator.on("POST", PATHS[case.code][1], reply(202, {}))
    # Another account each time, so that nothing is known of an earlier token.
    for name in ("MTN_MOMO_API_KEY", "ORANGE_WEBPAY_CLIENT_SECRET", "ORANGE_MP_CUSTOMER_SECRET"):
        setattr(settings, name, uuid.uuid4().hex)
    check_submission(case.provider.submit(charged(case), RecordedJournal()), RecordedJournal())


@settings(max_examples=100)
@given(body=BODIES | st.text().map(str.encode), method=st.sampled_from(["POST", "PUT", "GET"]))
def test_callbacks(case: AdapterCase, body: bytes, method: str) -> None:
    callback = Callback(method, "/", body, {"X-Reference-Id": "x"}, {"status": "SUCCESSFUL"})
    assert case.provider.recognises(callback) in {True, False}
    hint = case.provider.hint(callback)
    assert isinstance(hint, Hint)
    assert all(len(text) <= 255 for text in (hint.reference, hint.order_id, hint.token, hint.notif_token))
    assert is_storable(hint.reference, hint.order_id, hint.token, hint.notif_token)


@settings(max_examples=100)
@given(secret=st.text("abcdefXYZ0189-_", min_size=6, max_size=30), inner=VALUES)
def test_redaction(secret: str, inner: Any) -> None:
    for body in (
        json.dumps({"access_token": secret, "more": inner, "echo": f"token {secret}."}),
        json.dumps({"a": [{"payToken": secret}], "more": inner})[:-1],
        f"<p>pin={secret}</p> {secret}",
    ):
        assert f" {secret}." not in redact(body.encode())
        assert f'"{secret}"' not in redact(body.encode())
        assert f"={secret}" not in redact(body.encode())
