"""Orange Web Payment: every row of its tables, and the page that a payer is sent to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from apps.billing.choices import ProviderCode, Reason
from apps.billing.providers import registry
from apps.billing.providers.port import Provider, Seen, Submitted
from apps.billing.tests.charges import ORDER_ID, REFERENCE, charge
from apps.billing.tests.rails import WEB
from apps.billing.tests.recorded_journal import RecordedJournal
from apps.billing.tests.scripted_operator import ScriptedOperator, Talk, cut, html, reply, reset, silent

PAY_TOKEN, NOTIF_TOKEN = "a" * 64, "b" * 32
PAGE = f"https://webpayment.orange-money.com/payment/pay_token/{PAY_TOKEN}"


def made(**changes: Any) -> dict[str, Any]:
    return {"status": 201, "message": "OK", "pay_token": PAY_TOKEN, "payment_url": PAGE, "notif_token": NOTIF_TOKEN} | changes


@pytest.fixture
def orange(operator: ScriptedOperator, operator_settings: Any) -> Provider:  # noqa: ARG001  they have to be set first
    operator.on("POST", f"{WEB}/webpayment", reply(201, made()))
    return registry.provider(ProviderCode.ORANGE_WEB)


def test_it_works(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal) -> None:
    got = orange.submit(charge(), journal)
    assert (got.outcome, got.token, got.notif_token, got.page_url) == (Submitted.ACCEPTED, PAY_TOKEN, NOTIF_TOKEN, PAGE)
    operator.on(
        "POST", f"{WEB}/transactionstatus", reply(201, {"status": "SUCCESS", "order_id": ORDER_ID, "txnid": "MP261122.1403.A12345"})
    )
    sighting = orange.query(charge(token=PAY_TOKEN), journal)
    assert (sighting.seen, sighting.reference, sighting.transaction_id) == (Seen.SUCCEEDED, str(REFERENCE), "MP261122.1403.A12345")
    assert (sighting.amount, sighting.currency, sighting.returns_amount) == (None, None, False)
    assert PAY_TOKEN not in journal.text
    assert NOTIF_TOKEN not in journal.text


def test_what_is_sent(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal, settings: Any) -> None:
    orange.submit(charge(language="en"), journal)
    orange.query(charge(token=PAY_TOKEN), journal)
    [token] = operator.asked("POST", "/oauth/v3/token")
    assert (token.body, token.headers["content-type"]) == (b"grant_type=client_credentials", "application/x-www-form-urlencoded")
    [sent] = operator.asked("POST", f"{WEB}/webpayment")
    assert sent.data == {
        "merchant_key": "web-merchant", "currency": "XAF", "order_id": ORDER_ID, "amount": 5000,
        "return_url": "https://pay.example.cm/retour/3fT9wQ", "cancel_url": "https://pay.example.cm/annule/3fT9wQ",
        "notif_url": "https://pay.example.cm/hooks/3fT9wQ/", "lang": "en", "reference": settings.SITE_NAME,
    }  # fmt: skip
    assert b'"amount":5000' in sent.body
    [asked] = operator.asked("POST", f"{WEB}/transactionstatus")
    assert asked.data == {"order_id": ORDER_ID, "amount": 5000, "pay_token": PAY_TOKEN}


def test_slashes_may_be_escaped(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal) -> None:
    operator.on("POST", f"{WEB}/webpayment", reply(201, json.dumps(made()).replace("/", "\\/").encode()))
    assert orange.submit(charge(), journal).page_url == PAGE


@pytest.mark.parametrize(
    "url",
    ["http://webpayment.orange-money.com/x", "https://orange-money.com/x", "https://evil.example/x", "https://orange-money.com.evil.example/x",
     "https://evil-orange-money.com/x", "https://a.orange-money.com@evil.example/x", "https://evil.example\\@a.orange-money.com/x",
     "https://evil.example/?.orange-money.com", "https://evil.example#.orange-money.com/", "javascript:alert(1)", "//a.orange-money.com/x",
     "https:/a.orange-money.com/x", "ftp://a.orange-money.com/x", "https://a.orange-money.com", "https://a.orange-money.com/\n", "",
     "https://a.orange-money.com/" + "x" * 500, "https://а.orange-money.com/x", "http://10.0.0.1/x",
     "https://.orange-money.com.evil.example/", "http://127.0.0.1.evil.example/x", "http://[::ffff:10.0.0.1]/x"],
)  # fmt: skip
def test_pages_that_are_not_oranges(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal, url: str) -> None:
    operator.on("POST", f"{WEB}/webpayment", reply(201, made(payment_url=url)))
    got = orange.submit(charge(), journal)
    assert (got.outcome, got.reason, got.page_url, got.token) == (Submitted.UNCLEAR, Reason.CONFIGURATION, "", "")
    assert got.raw_reason.startswith("ALARM")


@pytest.mark.parametrize(
    "url", ["https://webpayment.orange-money.com/x", "https://WEB.Orange-Money.com/x?a=b", "https://a.b.orange-money.com:8443/x"]
)
def test_pages_that_are(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal, url: str) -> None:
    operator.on("POST", f"{WEB}/webpayment", reply(201, made(payment_url=url)))
    assert orange.submit(charge(), journal).page_url == url


def test_a_page_on_this_machine_from_an_operator_on_this_machine(
    operator: ScriptedOperator, orange: Provider, journal: RecordedJournal
) -> None:
    operator.on("POST", f"{WEB}/webpayment", reply(201, made(payment_url=f"{operator.url}/payment/x")))
    assert orange.submit(charge(), journal).outcome is Submitted.ACCEPTED


SUBMITS: list[tuple[str, bytes | Talk, Submitted, Reason | None]] = [
    ("200", reply(200, made()), Submitted.ACCEPTED, None),
    ("201 without token", reply(201, made(pay_token=None)), Submitted.UNCLEAR, None),
    ("201 without page", reply(201, made(payment_url=None)), Submitted.UNCLEAR, None),
    ("201 token of another kind", reply(201, made(pay_token={"a": 1})), Submitted.UNCLEAR, None),
    ("201 token with a line end", reply(201, made(pay_token="a\nb")), Submitted.UNCLEAR, None),
    ("201 empty", reply(201), Submitted.UNCLEAR, None),
    ("201 html", html(201), Submitted.UNCLEAR, None),
    ("202", reply(202, made()), Submitted.UNCLEAR, None),
    ("302", reply(302, b"", "Location: /x"), Submitted.UNCLEAR, None),
    ("400", reply(400, {"code": 400, "message": "Invalid parameters", "description": "x"}), Submitted.REFUSED, Reason.BAD_REQUEST),
    ("400 empty", reply(400), Submitted.UNCLEAR, None),
    ("400 html", html(400), Submitted.UNCLEAR, None),
    ("401 twice", reply(401, {"code": 42, "message": "Expired credentials"}), Submitted.UNSENT, Reason.CONFIGURATION),
    ("401 html", html(401), Submitted.UNCLEAR, None),
    ("403 order id used", reply(403, {"message": "order_id already used"}), Submitted.UNSENT, Reason.CONFIGURATION),
    ("404", reply(404, {"code": 60, "message": "Resource not found"}), Submitted.REFUSED, Reason.CONFIGURATION),
    ("408", reply(408, {"message": "x"}), Submitted.UNCLEAR, None),
    ("429", reply(429, {"message": "x"}), Submitted.UNSENT, Reason.PROVIDER_UNAVAILABLE),
    ("500", reply(500, {"code": 1, "message": "Internal error"}), Submitted.UNCLEAR, None),
    ("503 html", html(503), Submitted.UNCLEAR, None),
    ("silence", silent, Submitted.UNCLEAR, None),
    ("reset", reset, Submitted.UNCLEAR, None),
    ("cut", cut(reply(201, made())), Submitted.UNCLEAR, None),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "outcome", "reason"), [row[1:] for row in SUBMITS], ids=[row[0] for row in SUBMITS])
@pytest.mark.usefixtures("short_waits")
def test_answers_to_a_submit(
    operator: ScriptedOperator, orange: Provider, journal: RecordedJournal, answer: bytes | Talk, outcome: Submitted, reason: Reason | None
) -> None:
    operator.on("POST", f"{WEB}/webpayment", answer)
    got = orange.submit(charge(), journal)
    assert (got.outcome, got.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("status", "seen", "reason", "is_known"),
    [
        ("INITIATED", Seen.IN_PROGRESS, None, True),
        ("PENDING", Seen.IN_PROGRESS, None, True),
        ("SUCCESS", Seen.SUCCEEDED, None, True),
        (" SUCCESS ", Seen.SUCCEEDED, None, True),
        ("FAILED", Seen.FAILED, Reason.PROVIDER_ERROR, True),
        ("EXPIRED", Seen.EXPIRED, Reason.EXPIRED, True),
        ("success", Seen.IN_PROGRESS, None, False),
        ("SUCCESSFUL", Seen.IN_PROGRESS, None, False),
        ("CANCELLED", Seen.IN_PROGRESS, None, False),
        ("", Seen.IN_PROGRESS, None, False),
    ],
)
def test_status_words(
    operator: ScriptedOperator, orange: Provider, journal: RecordedJournal, status: str, seen: Seen, reason: Reason | None, is_known: bool
) -> None:
    operator.on("POST", f"{WEB}/transactionstatus", reply(201, {"status": status, "order_id": ORDER_ID}))
    sighting = orange.query(charge(token=PAY_TOKEN), journal)
    assert (sighting.seen, sighting.reason, sighting.is_known_word) == (seen, reason, is_known)


@pytest.mark.parametrize(
    "answer",
    [reply(201), html(201), reply(201, {}), reply(201, {"status": 201}), reply(201, {"status": None}), reply(404, {"message": "Not found"}),
     reply(400, {"status": "SUCCESS"}), reply(500, {"status": "SUCCESS"}), reply(202, {"status": "SUCCESS"}), reset],
)  # fmt: skip
def test_queries_that_see_nothing(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal, answer: bytes | Talk) -> None:
    operator.on("POST", f"{WEB}/transactionstatus", answer)
    assert orange.query(charge(token=PAY_TOKEN), journal).seen is Seen.NO_ANSWER


def test_an_answer_about_another_order(operator: ScriptedOperator, orange: Provider, journal: RecordedJournal) -> None:
    operator.on("POST", f"{WEB}/transactionstatus", reply(201, {"status": "SUCCESS", "order_id": "P-other"}))
    assert orange.query(charge(token=PAY_TOKEN), journal).reference == "P-other"


def test_without_a_token_nobody_can_have_paid(orange: Provider, journal: RecordedJournal) -> None:
    assert orange.query(replace(charge(), token=""), journal).seen is Seen.NOT_FOUND
    assert journal.entries == []


def test_currency_of_the_sandbox(operator_settings: Any) -> None:
    operator_settings.ORANGE_WEBPAY_CURRENCY = "OUV"
    assert registry.provider(ProviderCode.ORANGE_WEB).currency == "OUV"
