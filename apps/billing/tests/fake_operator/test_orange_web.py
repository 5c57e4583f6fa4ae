"""Orange Money Web Payment: what is documented, and the page on which a person pays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from apps.billing.fake_operator.client import FakeOperator
from apps.billing.tests.fake_operator.conftest import OrangeWeb, basic


def opened(orange_web: OrangeWeb, order_id: str = "P1", **changed: Any) -> dict[str, str]:
    answer = orange_web.submit(order_id, **changed)
    assert answer.status_code == 201, answer.text
    page: dict[str, str] = answer.json()
    return page


def press(http: httpx.Client, page: dict[str, str], button: str, **fields: str) -> httpx.Response:
    """Send the form as a browser without scripts does: every field as it stands, and the button."""
    form = HTMLParser(http.get(page["payment_url"]).text).css_first("form")
    assert form is not None
    assert form.attributes["method"] == "post"
    assert "action" not in form.attributes
    sent = {str(field.attributes["name"]): str(field.attributes.get("value") or "") for field in form.css("input")}
    values = [str(node.attributes["value"]) for node in form.css("button") if node.text() == button]
    return http.post(page["payment_url"], data=sent | {"action": values[0]} | fields)


def test_a_token_lives_ninety_days(orange_web: OrangeWeb, fake_operator: FakeOperator) -> None:
    assert orange_web.token().json()["expires_in"] == 7_776_000
    assert (
        orange_web.http.post(
            "/oauth/v2/token", headers={"Authorization": basic("a", "b")}, data={"grant_type": "client_credentials"}
        ).status_code
        == 200
    )
    assert orange_web.token(headers={"Authorization": basic("client", "")}).status_code == 401
    assert orange_web.token(data={}).status_code == 400
    opened(orange_web)
    fake_operator.advance(7_776_001)
    answer = orange_web.submit("P2")
    assert (answer.status_code, answer.json()["message"]) == (401, "Expired credentials")


def test_tokens_of_others_do_not_pass(orange_web: OrangeWeb, http: httpx.Client) -> None:
    answer = http.post("/token", headers={"Authorization": basic("a", "b")}, data={"grant_type": "client_credentials"})
    orange_web.bearer = answer.json()["access_token"]
    assert orange_web.submit().status_code == 401


def test_slashes_are_escaped(orange_web: OrangeWeb) -> None:
    answer = orange_web.submit("P1")
    assert b"http:\\/\\/" in answer.content
    page = answer.json()
    assert page["payment_url"].endswith(f"/payment/pay_token/{page['pay_token']}")
    assert (page["status"], page["message"], len(page["pay_token"]), len(page["notif_token"])) == (201, "OK", 64, 32)


@pytest.mark.parametrize(
    "changed",
    [
        {"order_id": "P" * 31},
        {"reference": "E" * 31},
        {"return_url": "http://127.0.0.1/" + "a" * 120},
        {"cancel_url": ""},
        {"notif_url": "127.0.0.1/notif"},
        {"amount": "5000"},
        {"amount": 5000.5},
        {"amount": 0},
        {"amount": True},
        {"currency": "OUV"},
        {"lang": "de"},
        {"merchant_key": ""},
    ],
)
def test_fields_that_cannot_be(orange_web: OrangeWeb, changed: dict[str, Any]) -> None:
    answer = orange_web.submit(**changed)
    assert answer.status_code == 400
    assert next(iter(changed)) in answer.json()["description"]


def test_an_order_id_serves_once(orange_web: OrangeWeb) -> None:
    opened(orange_web, "P" * 30)
    assert orange_web.submit("P" * 30).status_code == 403


def test_the_sandbox_takes_its_own_currency(http: httpx.Client) -> None:
    sandbox = OrangeWeb(http, "dev")
    assert sandbox.submit("S1").status_code == 201
    assert sandbox.submit("S2", currency="XAF").status_code == 400
    assert OrangeWeb(http, "sn").submit().status_code == 404


@pytest.mark.parametrize(("order_id", "amount"), [("P2", 5000), ("P1", 4999)])
def test_a_query_must_know_all_three(orange_web: OrangeWeb, order_id: str, amount: int) -> None:
    page = opened(orange_web, "P1")
    opened(orange_web, "P2")
    assert orange_web.query(order_id, page["pay_token"], amount).status_code == 404
    assert orange_web.query("P1", "P1").status_code == 404
    assert orange_web.query("P1", page["pay_token"]).status_code == 201


def test_a_page_that_nobody_uses_stays_initiated(orange_web: OrangeWeb, fake_operator: FakeOperator) -> None:
    page = opened(orange_web)
    fake_operator.advance(30 * 24 * 3600)
    assert orange_web.query("P1", page["pay_token"]).json() == {"status": "INITIATED", "order_id": "P1", "txnid": None}


def test_a_person_pays(orange_web: OrangeWeb, http: httpx.Client, fake_operator: FakeOperator) -> None:
    page = opened(orange_web)
    shown = http.get(page["payment_url"])
    tree = HTMLParser(shown.text)
    assert shown.status_code == 200
    assert tree.css_matches('html[lang="fr"]')
    assert tree.css("script") == []
    assert "5\u202f000 F CFA" in shown.text
    assert "ECOSYSTE" in shown.text
    assert "693456049" in shown.text, "the numbers and what they do"
    assert {label.attributes["for"] for label in tree.css("label")} == {field.attributes["id"] for field in tree.css("input")}

    answer = press(http, page, "Confirmer")

    assert (answer.status_code, answer.headers["Location"]) == (303, "http://127.0.0.1:1/retour")
    assert orange_web.query("P1", page["pay_token"]).json()["status"] == "SUCCESS"
    assert [(payment["msisdn"], payment["debits"]) for payment in fake_operator.payments()] == [("237693456789", 1)]
    again = http.get(page["payment_url"])
    assert "Paiement effectué" in again.text
    assert http.post(page["payment_url"], data={"action": "confirm", "msisdn": "693456789"}).status_code == 303
    assert [payment["debits"] for payment in fake_operator.payments()] == [1], "pressed twice, paid once"


def test_to_press_a_hundred_times_at_once_pays_once(orange_web: OrangeWeb, fake_operator: FakeOperator) -> None:
    opened(orange_web)
    with ThreadPoolExecutor(8) as fingers:
        list(fingers.map(lambda _: fake_operator.confirm("P1"), range(100)))
    assert [(payment["status"], payment["debits"]) for payment in fake_operator.payments()] == [("succeeded", 1)]


@pytest.mark.parametrize(("number", "status"), [("693456039", "FAILED"), ("6 93 45 60 49", "FAILED"), ("693456129", "PENDING")])
def test_the_number_decides(orange_web: OrangeWeb, http: httpx.Client, number: str, status: str) -> None:
    page = opened(orange_web)
    press(http, page, "Confirmer", msisdn=number)
    assert orange_web.query("P1", page["pay_token"]).json()["status"] == status


def test_a_person_cancels(orange_web: OrangeWeb, http: httpx.Client, fake_operator: FakeOperator) -> None:
    page = opened(orange_web)
    answer = press(http, page, "Annuler")
    assert (answer.status_code, answer.headers["Location"]) == (303, "http://127.0.0.1:1/annule")
    assert orange_web.query("P1", page["pay_token"]).json()["status"] == "INITIATED", "cancelling has no status"
    assert press(http, page, "Confirmer").status_code == 303, "and he may come back"
    assert [payment["debits"] for payment in fake_operator.payments()] == [1]


def test_a_page_lives_ten_minutes(orange_web: OrangeWeb, http: httpx.Client, fake_operator: FakeOperator) -> None:
    page = opened(orange_web)
    fake_operator.advance(601)
    press(http, page, "Confirmer")
    assert orange_web.query("P1", page["pay_token"]).json()["status"] == "EXPIRED"
    assert [payment["debits"] for payment in fake_operator.payments()] == [0]


def test_a_number_that_cannot_be_is_asked_again(orange_web: OrangeWeb, http: httpx.Client) -> None:
    page = opened(orange_web, reference='<i>"B&B"</i>')
    answer = press(http, page, "Confirmer", msisdn='"><script>alert(1)</script>')
    tree = HTMLParser(answer.text)
    assert answer.status_code == 422
    assert tree.css_first("[role=alert]") is not None
    assert tree.css("script") == []
    assert tree.css("i") == []
    field = tree.css_first("#msisdn")
    assert field is not None
    assert (field.attributes["aria-describedby"], field.attributes["aria-invalid"]) == ("error", "true")
    assert orange_web.query("P1", page["pay_token"]).json()["status"] == "INITIATED"


def test_a_page_of_nothing(http: httpx.Client) -> None:
    assert http.get("/payment/pay_token/abc").status_code == 404
    assert http.post("/payment/pay_token/abc", data={"action": "confirm"}).status_code == 404
