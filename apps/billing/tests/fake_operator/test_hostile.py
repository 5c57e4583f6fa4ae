"""Whatever a client sends, it gets an HTTP answer, and nothing is debited that nobody asked for."""

from __future__ import annotations

import copy
import json
import uuid
from email.message import Message
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.billing.fake_operator.operator import Operator
from apps.billing.fake_operator.options import Options
from apps.billing.fake_operator.routes import answer, make_operator
from apps.billing.fake_operator.truth import Movement
from apps.billing.fake_operator.wire import Request

REFERENCE = "5b0c3c1e-7f5e-4c2a-9a35-0d6b1f8f2c11"
TEXTS = {"payerMessage": "Abonnement", "payeeNote": "FA 1", "externalId": REFERENCE}
PAYER = {"partyIdType": "MSISDN", "partyId": "237653456789"}
ACCOUNT = {"type": "MMO", "accountDetails": {"phoneNumber": "237653456789", "provider": "MTN_MOMO_CMR"}}
URL = "http://127.0.0.1:1/"
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "mtn.submit": ("/collection/v1_0/requesttopay", "mtn.collection", {"amount": "5000", "currency": "XAF", "payer": PAYER, **TEXTS}),
    "mtn.refund": (
        "/disbursement/v1_0/refund",
        "mtn.disbursement",
        {"amount": "5000", "currency": "XAF", "referenceIdToRefund": str(uuid.uuid4()), **TEXTS},
    ),
    "orange_web.submit": (
        "/orange-money-webpay/cm/v1/webpayment",
        "orange_web",
        {
            "merchant_key": "k", "currency": "XAF", "order_id": "P1", "amount": 5000, "lang": "fr", "reference": "E",
            "return_url": URL, "cancel_url": URL, "notif_url": URL,
        },
    ),
    "orange_web.query": ("/orange-money-webpay/cm/v1/transactionstatus", "orange_web", {"order_id": "P1", "amount": 1, "pay_token": "a"}),
    "orange_mp.submit": (
        "/omcoreapis/1.0.2/mp/pay",
        "orange_mp",
        {
            "notifUrl": URL, "channelUserMsisdn": "691000111", "amount": "5000", "subscriberMsisdn": "693456789", "pin": "0000",
            "orderId": "PK7Q2M9X4T1B8RZ0VD", "description": "Abonnement", "payToken": "MP1",
        },
    ),
    "pawapay.submit": (
        "/v2/deposits",
        "",
        {"depositId": REFERENCE, "amount": "5000", "currency": "XAF", "payer": ACCOUNT, "customerMessage": "Abonnement", "metadata": []},
    ),
    "pawapay.refund": ("/v2/refunds", "", {"refundId": REFERENCE, "depositId": str(uuid.uuid4()), "amount": "5", "currency": "XAF"}),
}  # fmt: skip
WORDS = st.sampled_from(["", "0", "-5", "1e9", "٥٠٠٠", "5000.00", "é’\x00", "9" * 400, "NaN", "\ud83d"]) | st.text(max_size=8)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | WORDS
    | st.lists(WORDS, max_size=2)
    | st.dictionaries(WORDS, WORDS, max_size=2)
)


def prepared() -> Operator:
    operator = make_operator(Options(delay_s=0))
    operator.truth.open(Movement("orange_mp", "MP1", 0, "XAF", token="MP1"))
    return operator


def send(operator: Operator, endpoint: str, body: bytes, **headers: str) -> int:
    path, product, _template = CALLS[endpoint]
    token = operator.tokens.mint(product, "user", 3600) if product else "secret"
    message = Message()
    given_headers = {
        "Authorization": f"Bearer {token}", "Ocp-Apim-Subscription-Key": "key", "X-Target-Environment": "mtncameroon",
        "X-Reference-Id": REFERENCE, "Content-Type": "application/json", "X-AUTH-TOKEN": "dXNlcjpwYXNzd29yZA==",
    } | headers  # fmt: skip
    for name, value in given_headers.items():
        message[name] = value
    found, given_answer, _effects = answer(operator, Request("POST", path, {}, message, body))
    assert found == endpoint
    return given_answer.status


@pytest.mark.parametrize("endpoint", CALLS)
def test_it_works(endpoint: str) -> None:
    operator = prepared()
    assert send(operator, endpoint, json.dumps(CALLS[endpoint][2]).encode()) in {200, 201, 202, 404}


@given(endpoint=st.sampled_from(sorted(CALLS)), data=st.data())
def test_one_field_is_anything(endpoint: str, data: st.DataObject) -> None:
    body = copy.deepcopy(CALLS[endpoint][2])
    name = data.draw(st.sampled_from(sorted(body)))
    inner = body[name]
    if isinstance(inner, dict) and data.draw(st.booleans()):
        inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(VALUES)
    else:
        body[name] = data.draw(VALUES)
    operator = prepared()
    assert 200 <= send(operator, endpoint, json.dumps(body).encode()) < 600
    assert all(movement.debits <= 1 for movement in operator.truth.all())


@given(endpoint=st.sampled_from(sorted(CALLS)), body=st.binary(max_size=40))
def test_the_body_is_anything(endpoint: str, body: bytes) -> None:
    operator = prepared()
    assert 200 <= send(operator, endpoint, body) < 600
    assert all(movement.debits == 0 for movement in operator.truth.all())


@given(
    name=st.sampled_from(
        ["Authorization", "Ocp-Apim-Subscription-Key", "X-Target-Environment", "X-Reference-Id", "X-Callback-Url", "X-AUTH-TOKEN"]
    ),
    value=st.sampled_from(["", "Bearer", "Bearer  x", "Basic YTpi", "http://", "https://[::1/", "0" * 36]) | st.text(max_size=10),
    endpoint=st.sampled_from(sorted(CALLS)),
)
def test_one_header_is_anything(endpoint: str, name: str, value: str) -> None:
    clean = "".join(letter for letter in value if letter.isprintable())
    assert 200 <= send(prepared(), endpoint, json.dumps(CALLS[endpoint][2]).encode(), **{name: clean}) < 600
