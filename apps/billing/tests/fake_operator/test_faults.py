"""What a network and a gateway do to answers, while the payment goes its own way."""

from __future__ import annotations

import socket
import uuid

import httpx
import pytest

from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.conftest import Mtn, OrangeMp, PawaPay


def debits(fake_operator: FakeOperator) -> list[int]:
    return [payment["debits"] for payment in fake_operator.payments()]


@pytest.mark.parametrize(
    ("name", "status", "debited"),
    [
        ("500_then_paid", 500, [1]),
        ("500_not_received", 500, []),
        ("html_then_paid", 200, [1]),
        ("gateway_timeout_then_paid", 504, [1]),
        ("conflict", 409, [1]),
        ("forbidden_ip", 403, []),
        ("rate_limited", 429, []),
        ("unauthorized", 401, []),
        ("unauthorized_once", 401, []),
        ("unavailable", 503, []),
    ],
)
def test_answers_to_a_submit(mtn: Mtn, fake_operator: FakeOperator, name: str, status: int, debited: list[int]) -> None:
    mtn.headers()
    fake_operator.scenario(name, endpoint="mtn.submit")
    assert mtn.submit().status_code == status
    assert debits(fake_operator) == debited


def test_only_the_first_submit_meets_the_fault(mtn: Mtn, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("500_then_paid")
    reference = str(uuid.uuid4())
    assert mtn.submit(reference=reference).json()["code"] == "INTERNAL_PROCESSING_ERROR"
    assert mtn.submit(reference=reference).status_code == 409
    assert mtn.query(reference).json()["status"] == "SUCCESSFUL"
    assert debits(fake_operator) == [1]


@pytest.mark.parametrize(("name", "debited"), [("reset_then_paid", [1]), ("reset_not_received", [])])
def test_a_connection_that_breaks(mtn: Mtn, fake_operator: FakeOperator, name: str, debited: list[int]) -> None:
    mtn.headers()
    fake_operator.scenario(name)
    with pytest.raises(httpx.ReadError):
        mtn.submit()
    assert debits(fake_operator) == debited
    assert fake_operator.calls()[-1]["status"] is None
    assert mtn.submit().status_code == 202


def test_a_body_that_is_cut(pawapay: PawaPay, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("cut_then_paid")
    with pytest.raises(httpx.RemoteProtocolError):
        pawapay.submit()
    assert debits(fake_operator) == [1]


def test_an_empty_answer_that_is_cut(mtn: Mtn, fake_operator: FakeOperator) -> None:
    mtn.headers()
    fake_operator.scenario("cut_then_paid")
    with pytest.raises(httpx.RemoteProtocolError):
        mtn.submit()
    assert debits(fake_operator) == [1]


def test_an_answer_that_does_not_come(mtn: Mtn, fake_operator: FakeOperator) -> None:
    mtn.headers()
    fake_operator.scenario("stall_then_paid", stall_s=5)
    sent = {"headers": mtn.headers() | {"X-Reference-Id": str(uuid.uuid4())}, "json": mtn.body("237653456789")}
    with pytest.raises(httpx.ReadTimeout):
        mtn.http.post("/collection/v1_0/requesttopay", timeout=0.3, headers=sent["headers"], json=sent["json"])
    assert debits(fake_operator) == [1]


def test_an_answer_that_drips(fake_operator: FakeOperator) -> None:
    fake_operator.scenario("drip", drip_s=0.5)
    host, _, port = fake_operator.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(b"GET /v2/active-conf HTTP/1.1\r\nHost: operator\r\n\r\n")
        assert [line.recv(1000) for _ in range(4)] == [b"H", b"T", b"T", b"P"]


def test_an_answer_of_ten_megabytes(mtn: Mtn, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())
    mtn.submit(reference=reference)
    fake_operator.scenario("huge", endpoint="mtn.query", times=1)
    assert len(mtn.query(reference).content) > 10_000_000


def test_the_whole_operator_is_down_and_comes_back(mtn: Mtn, orange_mp: OrangeMp, fake_operator: FakeOperator) -> None:
    reference = str(uuid.uuid4())
    mtn.submit("237653456789", reference)
    fake_operator.scenario("down")
    for ask in (mtn.token, orange_mp.token):
        with pytest.raises(httpx.ReadError):
            ask()
    with pytest.raises(httpx.ReadError):
        mtn.query(reference)
    fake_operator.remove_rules()
    assert mtn.query(reference).json()["status"] == "SUCCESSFUL"


def test_one_operator_is_down(mtn: Mtn, orange_mp: OrangeMp, fake_operator: FakeOperator) -> None:
    fake_operator.scenario("down", endpoint="mtn.*")
    with pytest.raises(httpx.ReadError):
        mtn.token()
    assert orange_mp.token().status_code == 200


@pytest.mark.parametrize(("name", "status"), [("query_html", 200), ("query_not_found", 404)])
def test_queries_that_say_nothing(mtn: Mtn, fake_operator: FakeOperator, name: str, status: int) -> None:
    reference = str(uuid.uuid4())
    mtn.submit(reference=reference)
    fake_operator.scenario(name, times=1)
    assert mtn.query(reference).status_code == status
    assert mtn.query(reference).json()["status"] == "SUCCESSFUL"


def test_any_answer_may_be_written_out(mtn: Mtn, fake_operator: FakeOperator) -> None:
    mtn.headers()
    fake_operator.rule(endpoint="mtn.submit", times=1, status=418, body="non", content_type="text/plain", headers={"Retry-After": "7"})
    answer = mtn.submit()
    assert (answer.status_code, answer.text, answer.headers["Content-Type"], answer.headers["Retry-After"]) == (
        418,
        "non",
        "text/plain",
        "7",
    )


def test_a_request_that_is_too_large(http: httpx.Client) -> None:
    assert http.post("/v2/deposits", content=b"a" * 1_000_001).status_code == 413
