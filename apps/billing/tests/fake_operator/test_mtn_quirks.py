"""What is odd about MTN, each as documented: tokens, headers, texts, callback hosts, refunds, the sandbox's users."""

from __future__ import annotations

import http.client
import uuid
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.conftest import Mtn, basic


def raw(operator: FakeOperator, path: str, headers: dict[str, str], *, chunks: bool = False) -> http.client.HTTPResponse:
    """A POST that does not say how long it is."""
    connection = http.client.HTTPConnection(urlsplit(operator.address).netloc, timeout=5)
    connection.putrequest("POST", path)
    for name, value in headers.items():
        connection.putheader(name, value)
    if chunks:
        connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    if chunks:
        connection.send(b"0\r\n\r\n")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


TOKEN_HEADERS = {"Ocp-Apim-Subscription-Key": "key", "Authorization": basic("user", "secret")}


def test_a_token(mtn: Mtn) -> None:
    answer = mtn.token()
    assert answer.request.headers["Content-Length"] == "0"
    found = answer.json()
    assert (answer.status_code, found["token_type"], found["expires_in"]) == (200, "access_token", 3600)
    assert found["access_token"].count(".") == 2


@pytest.mark.parametrize("chunks", [False, True])
def test_a_request_without_a_length(fake_operator: FakeOperator, chunks: bool) -> None:
    assert raw(fake_operator, "/collection/token/", TOKEN_HEADERS, chunks=chunks).status == 411


def test_a_form_on_the_token_call_meets_a_page_with_status_200(mtn: Mtn) -> None:
    answer = mtn.token(data={"grant_type": "client_credentials"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Request Rejected" in answer.text
    assert mtn.token(json={"grant_type": "client_credentials"}).status_code == 200
    assert mtn.token(content=b"{", headers={"Content-Type": "application/json"}).status_code == 400


def test_the_slash_at_the_end_matters(mtn: Mtn) -> None:
    assert mtn.http.post("/collection/token", headers=TOKEN_HEADERS).status_code == 404
    assert mtn.http.post("/collection///token/", headers=TOKEN_HEADERS).status_code == 400


@pytest.mark.parametrize("headers", [{}, {"Ocp-Apim-Subscription-Key": ""}, {"Authorization": ""}, {"Authorization": basic("user", "")}])
def test_incomplete_credentials(mtn: Mtn, headers: dict[str, str]) -> None:
    sent = TOKEN_HEADERS | headers if headers else {}
    assert mtn.http.post("/collection/token/", headers=sent).status_code == 401


def test_a_token_belongs_to_one_product(mtn: Mtn) -> None:
    mtn.tokens["disbursement"] = mtn.token("collection").json()["access_token"]
    assert mtn.refund(str(uuid.uuid4())).status_code == 401
    mtn.tokens = {"collection": mtn.token("disbursement").json()["access_token"]}
    assert mtn.submit().status_code == 401


def test_a_key_belongs_to_one_product(mtn: Mtn, fake_operator: FakeOperator) -> None:
    fake_operator.options(credentials={"mtn.collection.subscription_key": "c", "mtn.disbursement.subscription_key": "d"})
    assert [mtn.token("collection", key).status_code for key in "cd"] == [200, 401]
    assert [mtn.token("disbursement", key).status_code for key in "cd"] == [401, 200]


def test_a_token_ends(mtn: Mtn, fake_operator: FakeOperator) -> None:
    assert mtn.submit().status_code == 202
    fake_operator.advance(3599)
    assert mtn.submit().status_code == 202
    fake_operator.advance(2)
    assert mtn.submit().status_code == 401
    mtn.tokens.clear()
    assert mtn.submit().status_code == 202


@pytest.mark.parametrize(
    "reference",
    [
        "12",
        "5b0c3c1e7f5e4c2a9a350d6b1f8f2c11",
        "a368d994-e9e4-11f1-b38c-02fc00000001",
        str(uuid.uuid5(uuid.NAMESPACE_DNS, "a")),
        "facture",
    ],
)
def test_the_reference_is_a_uuid_of_version_4(mtn: Mtn, reference: str) -> None:
    assert mtn.submit(reference=reference).status_code == 400


def test_a_reference_in_capitals_is_the_same_one(mtn: Mtn) -> None:
    reference = str(uuid.uuid4())
    assert mtn.submit(reference=reference.upper()).status_code == 202
    assert mtn.query(reference).status_code == 200


def test_a_reference_is_needed(mtn: Mtn) -> None:
    assert mtn.http.post("/collection/v1_0/requesttopay", headers=mtn.headers(), json=mtn.body("237653456789")).status_code == 400


@pytest.mark.parametrize("field", ["payerMessage", "payeeNote"])
@pytest.mark.parametrize("text", ["l'abonnement", "l’abonnement", "<b>", 'a "b"', "a" * 161, 12])
def test_texts_that_the_gateway_rejects(mtn: Mtn, field: str, text: Any) -> None:
    answer = mtn.submit(**{field: text})
    assert answer.status_code == 400
    assert "Request Rejected" in answer.text


@pytest.mark.parametrize("amount", [5000, "5000.0", "5 000", "-5", "0", "05000", "+5", "5e3", "", "٥", 5000.0, True, ["5000"]])
def test_amounts_are_strings_of_digits(mtn: Mtn, amount: object) -> None:
    assert mtn.submit(amount=amount).status_code == 400


def test_the_currency_is_that_of_the_environment(mtn: Mtn, mtn_sandbox: Mtn) -> None:
    for answer in (mtn.submit(currency="EUR"), mtn_sandbox.submit("46733123999", currency="XAF")):
        assert (answer.status_code, answer.json()["code"]) == (500, "INVALID_CURRENCY")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
def test_a_body_that_is_no_object(mtn: Mtn, content: bytes) -> None:
    headers = mtn.headers() | {"X-Reference-Id": str(uuid.uuid4()), "Content-Type": "application/json"}
    assert mtn.http.post("/collection/v1_0/requesttopay", headers=headers, content=content).status_code == 400


def test_the_callback_host_must_be_the_registered_one(mtn: Mtn, fake_operator: FakeOperator) -> None:
    fake_operator.options(callback_host="pay.example.cm")
    assert mtn.submit(headers={"X-Callback-Url": "https://pay.example.cm/hooks/mtn/a"}).status_code == 202
    answer = mtn.submit(headers={"X-Callback-Url": "https://other.example.cm/hooks"})
    assert (answer.status_code, answer.json()["code"]) == (500, "INVALID_CALLBACK_URL_HOST")
    assert mtn.submit(headers={"X-Callback-Url": ""}).status_code == 400
    assert mtn.submit(headers={"X-Callback-Url": "pay.example.cm"}).status_code == 400


def test_api_users_of_the_sandbox(http: httpx.Client) -> None:
    user, key = str(uuid.uuid4()), {"Ocp-Apim-Subscription-Key": "key"}
    sent = {"providerCallbackHost": "127.0.0.1"}
    path = f"/v1_0/apiuser/{user}"
    made = http.post("/v1_0/apiuser", headers=key | {"X-Reference-Id": user}, json=sent)
    assert (made.status_code, made.content) == (201, b"")
    assert http.post("/v1_0/apiuser", headers=key | {"X-Reference-Id": user}, json=sent).status_code == 409
    assert http.post("/v1_0/apiuser", headers=key | {"X-Reference-Id": "1"}, json=sent).status_code == 400
    url = {"providerCallbackHost": "https://127.0.0.1/hook"}
    assert http.post("/v1_0/apiuser", headers=key | {"X-Reference-Id": str(uuid.uuid4())}, json=url).status_code == 400
    assert http.get(path, headers=key).json() == {"providerCallbackHost": "127.0.0.1", "targetEnvironment": "sandbox"}
    made = http.post(f"{path}/apikey", headers=key)
    secret = made.json()["apiKey"]
    assert (made.status_code, len(secret)) == (201, 32)
    assert http.post(f"/v1_0/apiuser/{uuid.uuid4()}/apikey", headers=key).status_code == 404

    client = Mtn(http, "sandbox")
    assert client.token(headers={"Authorization": basic(user, "wrong")}).json() == {"error": "login_failed"}
    client.tokens["collection"] = client.token(headers={"Authorization": basic(user, secret)}).json()["access_token"]
    assert client.submit("46733123999", headers={"X-Callback-Url": "http://127.0.0.1:1/hook"}).status_code == 202
    assert client.submit("46733123999", headers={"X-Callback-Url": "http://localhost:1/hook"}).status_code == 500


def test_amount_and_reason_come_in_two_types(mtn: Mtn, fake_operator: FakeOperator) -> None:
    assert mtn.pay()["amount"] == "5000"
    fake_operator.scenario("numbers")
    found = mtn.pay()
    assert found["amount"] == 5000
    assert isinstance(found["financialTransactionId"], int)
    fake_operator.scenario("reason_object")
    assert mtn.pay("237653456039")["reason"] == {"code": "APPROVAL_REJECTED", "message": "Approval rejected"}


def test_a_refund_in_parts(mtn: Mtn, fake_operator: FakeOperator) -> None:
    payment, first, second, third = (str(uuid.uuid4()) for _ in range(4))
    mtn.submit("237653456789", payment)

    for refund, amount in ((first, "2000"), (second, "3000"), (third, "1")):
        answer = mtn.refund(payment, amount, refund)
        assert (answer.status_code, answer.content) == (202, b"")

    found = mtn.query_refund(first).json()
    assert (found["status"], found["amount"], found["payee"]["partyId"]) == ("SUCCESSFUL", "2000", "237653456789")
    assert mtn.query_refund(second).json()["status"] == "SUCCESSFUL"
    assert (mtn.query_refund(third).json()["status"], mtn.query_refund(third).json()["reason"]) == ("FAILED", "NOT_ALLOWED")
    assert mtn.refund(payment, "2000", first).status_code == 409
    assert [refund["debits"] for refund in fake_operator.refunds()] == [1, 1, 0]
    balance = mtn.http.get("/collection/v1_0/account/balance", headers=mtn.headers())
    assert balance.json() == {"availableBalance": "0", "currency": "XAF"}


def test_a_refund_of_nothing(mtn: Mtn) -> None:
    pending, refund = str(uuid.uuid4()), str(uuid.uuid4())
    mtn.submit("237653456129", pending)
    assert mtn.refund(pending, "5000", refund).status_code == 202
    assert mtn.query_refund(refund).json()["reason"] == "NOT_ALLOWED"
    assert mtn.query_refund(str(uuid.uuid4())).status_code == 404


@pytest.mark.parametrize(("number", "status"), [("2", "FAILED"), ("5", "PENDING"), ("6", "PENDING"), ("13", "FAILED")])
def test_refunds_of_the_sandbox(mtn_sandbox: Mtn, number: str, status: str) -> None:
    refund = str(uuid.uuid4())
    assert mtn_sandbox.refund(number, "5000", refund).status_code == 202
    assert mtn_sandbox.query_refund(refund).json()["status"] == status


@pytest.mark.parametrize(("last", "status"), [("50", 404), ("51", 200), ("52", 500), ("55", 503), ("99", 200)])
def test_a_number_means_something_else_when_asked_whether_it_is_active(mtn_sandbox: Mtn, last: str, status: int) -> None:
    path = f"/collection/v1_0/accountholder/msisdn/467331234{last}/active"
    answer = mtn_sandbox.http.get(path, headers=mtn_sandbox.headers())
    assert answer.status_code == status
    if status == 200:
        assert answer.json() == {"result": last == "99"}


def test_a_message_follows_a_success_alone(mtn: Mtn) -> None:
    paid, waiting = str(uuid.uuid4()), str(uuid.uuid4())
    mtn.submit("237653456789", paid)
    mtn.submit("237653456129", waiting)

    def tell(reference: str, message: str) -> int:
        path = f"/collection/v1_0/requesttopay/{reference}/deliverynotification"
        return mtn.http.post(path, headers=mtn.headers(), json={"notificationMessage": message}).status_code

    assert (tell(paid, "Merci"), tell(paid, "a" * 161), tell(waiting, "Merci"), tell(str(uuid.uuid4()), "Merci")) == (200, 400, 400, 404)


def test_queries_above_the_cap(mtn: Mtn, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())
    mtn.submit(reference=reference)
    fake_operator.options(queries_per_s=1)
    answers = [mtn.query(reference) for _ in range(50)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert {answer.headers["Retry-After"] for answer in answers if answer.status_code == 429} == {"1"}


def test_a_connection_serves_many_calls(fake_operator: FakeOperator) -> None:
    connection = http.client.HTTPConnection(urlsplit(fake_operator.address).netloc, timeout=5)
    sockets = set()
    for _ in range(3):
        connection.request("POST", "/collection/token/", b"", TOKEN_HEADERS)
        answer = connection.getresponse()
        assert (answer.status, answer.version) == (200, 11)
        answer.read()
        sockets.add(connection.sock)
    assert len(sockets) == 1
    connection.close()
