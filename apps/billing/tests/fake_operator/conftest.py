"""Clients that speak each protocol by hand, so that no adapter of ours stands between the tests and the operator."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.receiver import Receiver, receiving

Json = dict[str, Any]


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Mtn:
    """A client of MTN. `environment` is `mtncameroon` or `sandbox`."""

    def __init__(self, http: httpx.Client, environment: str = "mtncameroon") -> None:
        self.http, self.environment = http, environment
        self.currency = "EUR" if environment == "sandbox" else "XAF"
        self.tokens: dict[str, str] = {}

    def token(self, product: str = "collection", key: str = "key", **more: Any) -> httpx.Response:
        headers = {"Ocp-Apim-Subscription-Key": key, "Authorization": basic("user", "secret")} | more.pop("headers", {})
        return self.http.post(f"/{product}/token/", headers=headers, **more)

    def headers(self, product: str = "collection") -> dict[str, str]:
        if product not in self.tokens:
            self.tokens[product] = self.token(product).json()["access_token"]
        return {
            "Authorization": f"Bearer {self.tokens[product]}",
            "Ocp-Apim-Subscription-Key": "key",
            "X-Target-Environment": self.environment,
        }

    def body(self, phone: str, **changed: Any) -> Json:
        body = {
            "amount": "5000",
            "currency": self.currency,
            "externalId": "facture 12",
            "payer": {"partyIdType": "MSISDN", "partyId": phone},
            "payerMessage": "Abonnement novembre",
            "payeeNote": "FA 2026 000123",
        } | changed
        return {name: value for name, value in body.items() if value is not None}

    def submit(self, phone: str = "237653456789", reference: str = "", headers: Json | None = None, **changed: Any) -> httpx.Response:
        sent = self.headers() | {"X-Reference-Id": reference or str(uuid.uuid4())} | (headers or {})
        return self.http.post("/collection/v1_0/requesttopay", headers=sent, json=self.body(phone, **changed))

    def query(self, reference: str, **headers: str) -> httpx.Response:
        return self.http.get(f"/collection/v1_0/requesttopay/{reference}", headers=self.headers() | headers)

    def pay(self, phone: str = "237653456789", **changed: Any) -> Json:
        """Submit and query once."""
        reference = str(uuid.uuid4())
        answer = self.submit(phone, reference, **changed)
        assert (answer.status_code, answer.content) == (202, b"")
        found: Json = self.query(reference).json()
        return found

    def refund(self, payment: str, amount: str = "5000", reference: str = "") -> httpx.Response:
        body = {
            "amount": amount, "currency": self.currency, "externalId": "r", "payerMessage": "Remboursement", "payeeNote": "RF 1",
            "referenceIdToRefund": payment,
        }  # fmt: skip
        headers = self.headers("disbursement") | {"X-Reference-Id": reference or str(uuid.uuid4())}
        return self.http.post("/disbursement/v1_0/refund", headers=headers, json=body)

    def query_refund(self, reference: str) -> httpx.Response:
        return self.http.get(f"/disbursement/v1_0/refund/{reference}", headers=self.headers("disbursement"))


class OrangeWeb:
    """A client of Orange Money Web Payment in Cameroon, or of its sandbox."""

    def __init__(self, http: httpx.Client, country: str = "cm") -> None:
        self.http, self.base = http, f"/orange-money-webpay/{country}/v1"
        self.currency = "OUV" if country == "dev" else "XAF"
        self.bearer = ""

    def token(self, **more: Any) -> httpx.Response:
        headers = {"Authorization": basic("client", "secret")} | more.pop("headers", {})
        return self.http.post("/oauth/v3/token", headers=headers, **({"data": {"grant_type": "client_credentials"}} | more))

    def headers(self) -> dict[str, str]:
        self.bearer = self.bearer or self.token().json()["access_token"]
        return {"Authorization": f"Bearer {self.bearer}"}

    def submit(self, order_id: str = "", **changed: Any) -> httpx.Response:
        body = {
            "merchant_key": "key",
            "currency": self.currency,
            "order_id": order_id or f"P{uuid.uuid4().hex[:17]}",
            "amount": 5000,
            "return_url": "http://127.0.0.1:1/retour",
            "cancel_url": "http://127.0.0.1:1/annule",
            "notif_url": "http://127.0.0.1:1/notif",
            "lang": "fr",
            "reference": "ECOSYSTE",
        } | changed
        return self.http.post(f"{self.base}/webpayment", headers=self.headers(), json=body)

    def query(self, order_id: str, pay_token: str, amount: int = 5000) -> httpx.Response:
        body = {"order_id": order_id, "amount": amount, "pay_token": pay_token}
        return self.http.post(f"{self.base}/transactionstatus", headers=self.headers(), json=body)


class OrangeMp:
    """A client of Orange's merchant payments."""

    def __init__(self, http: httpx.Client) -> None:
        self.http, self.bearer = http, ""

    def token(self, **more: Any) -> httpx.Response:
        headers = {"Authorization": basic("customer", "secret")} | more.pop("headers", {})
        return self.http.post("/token", headers=headers, **({"data": {"grant_type": "client_credentials"}} | more))

    def headers(self) -> dict[str, str]:
        self.bearer = self.bearer or self.token().json()["access_token"]
        return {"Authorization": f"Bearer {self.bearer}", "X-AUTH-TOKEN": base64.b64encode(b"user:password").decode()}

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.http.request(method, f"/omcoreapis/1.0.2/mp/{path}", headers=self.headers() | more.pop("headers", {}), **more)

    def init(self) -> str:
        return str(self.call("POST", "init").json()["data"]["payToken"])

    def submit(self, pay_token: str, phone: str = "693456789", **changed: Any) -> httpx.Response:
        body = {
            "notifUrl": "http://127.0.0.1:1/notif",
            "channelUserMsisdn": "691000111",
            "amount": "5000",
            "subscriberMsisdn": phone,
            "pin": "0000",
            "orderId": "PK7Q2M9X4T1B8RZ0VD",
            "description": "Abonnement novembre",
            "payToken": pay_token,
        } | changed
        return self.call("POST", "pay", json=body)

    def query(self, pay_token: str) -> httpx.Response:
        return self.call("GET", f"paymentstatus/{pay_token}")


class PawaPay:
    """A client of pawaPay v2."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def call(self, method: str, path: str, **more: Any) -> Json:
        answer = self.http.request(method, f"/v2/{path}", headers={"Authorization": "Bearer secret"}, **more)
        found: Json = answer.json()
        return found

    def submit(self, phone: str = "237653456789", deposit: str = "", **changed: Any) -> Json:
        provider = "MTN_MOMO_CMR" if phone.startswith(("23765", "23767")) else "ORANGE_CMR"
        body = {
            "depositId": deposit or str(uuid.uuid4()),
            "amount": "5000",
            "currency": "XAF",
            "payer": {
                "type": "MMO",
                "accountDetails": {"phoneNumber": phone, "provider": provider},
            },
            "clientReferenceId": "FA-2026-000123",
            "customerMessage": "Abonnement",
            "metadata": [{"orderId": "FA-2026-000123"}],
        } | changed
        return self.call("POST", "deposits", json=body)

    def query(self, deposit: str) -> Json:
        return self.call("GET", f"deposits/{deposit}")

    def refund(self, deposit: str, amount: str = "5000", refund: str = "") -> Json:
        body = {"refundId": refund or str(uuid.uuid4()), "depositId": deposit, "amount": amount, "currency": "XAF"}
        return self.call("POST", "refunds", json=body)


@pytest.fixture(scope="session")
def open_http(fake_operator_process: FakeOperator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=fake_operator_process.address, trust_env=False, timeout=5) as client:
        yield client


@pytest.fixture
def http(fake_operator: FakeOperator, open_http: httpx.Client) -> httpx.Client:  # noqa: ARG001  nothing happened there yet
    return open_http


@pytest.fixture
def mtn(http: httpx.Client) -> Mtn:
    return Mtn(http)


@pytest.fixture
def mtn_sandbox(http: httpx.Client) -> Mtn:
    return Mtn(http, "sandbox")


@pytest.fixture
def orange_web(http: httpx.Client) -> OrangeWeb:
    return OrangeWeb(http)


@pytest.fixture
def orange_mp(http: httpx.Client) -> OrangeMp:
    return OrangeMp(http)


@pytest.fixture
def pawapay(http: httpx.Client) -> PawaPay:
    return PawaPay(http)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server
