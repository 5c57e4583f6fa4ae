"""Orange Money Web Payment: the payer acts on a page whose address we give. `dev` takes OUV, `cm` takes XAF."""

from __future__ import annotations

import secrets
from typing import Any

from apps.billing.fake_operator.operator import Call, Operator
from apps.billing.fake_operator.reports import shown
from apps.billing.fake_operator.tokens import basic
from apps.billing.fake_operator.truth import Movement, State
from apps.billing.fake_operator.wire import Answer, Refused, json_answer

RAIL = "orange_web"
CURRENCIES = {"dev": "OUV", "cm": "XAF"}
TOKEN_S = 7_776_000.0
# How long a page may be used.
PAGE_S = 600.0
ORDER_ID_MAX, REFERENCE_MAX, URL_MAX = 30, 30, 120
_URLS = ("return_url", "cancel_url", "notif_url")
_WORDS = {
    State.INITIATED: "INITIATED",
    State.PENDING: "PENDING",
    State.SUCCEEDED: "SUCCESS",
    State.FAILED: "FAILED",
    State.EXPIRED: "EXPIRED",
}


def _problem(status: int, message: str, description: str = "") -> Refused:
    data = {"code": status, "message": message, "description": description or message}
    return Refused(json_answer(status, data, escapes_slashes=True))


def token(operator: Operator, call: Call) -> Answer:
    """`/oauth/v3/token`: lives about ninety days."""
    pair = basic(call.request.header("Authorization"))
    accepts = operator.options.accepts
    if pair is None or not (accepts("orange_web.client_id", pair[0]) and accepts("orange_web.client_secret", pair[1])):
        return json_answer(401, {"error": "invalid_client", "error_description": "Client credentials are invalid"})
    if call.request.form().get("grant_type") != "client_credentials":
        return json_answer(400, {"error": "invalid_request", "error_description": "grant_type must be client_credentials"})
    lifetime_s = operator.options.token_s or TOKEN_S
    text = operator.tokens.mint(RAIL, pair[0], lifetime_s)
    return json_answer(200, {"token_type": "Bearer", "access_token": text, "expires_in": int(lifetime_s)})


def _enter(operator: Operator, call: Call) -> str:
    """Check what both calls need; returns the currency."""
    if operator.tokens.find(call.request.header("Authorization"), RAIL) is None:
        raise _problem(401, "Expired credentials", "The requested service needs credentials, and the ones provided were out-of-date.")
    return CURRENCIES[call.groups["country"]]


def submit(operator: Operator, call: Call) -> Answer:
    """`webpayment`: 201 is a page, not a payment."""
    currency = _enter(operator, call)
    body = call.request.json_object()
    _check_submit(operator, body, currency)
    pay_token = secrets.token_hex(32)
    movement = Movement(
        RAIL, body["order_id"], body["amount"], currency, order_id=body["order_id"], token=pay_token, notif_token=secrets.token_hex(16),
        callback_url=body["notif_url"], details=body, submits=1, accepted=1,
    )  # fmt: skip
    if not operator.truth.open(movement):
        raise _problem(403, "order_id already used")
    if call.effects.callbacks is not None:
        operator.callbacks.set_policy(movement, call.effects.callbacks)
    if call.effects.outcome is not None:
        operator.accept(call, movement, list(call.effects.outcome), by_payer_from=State.INITIATED)
    data = {
        "status": 201,
        "message": "OK",
        "pay_token": pay_token,
        "payment_url": f"{operator.address}/payment/pay_token/{pay_token}",
        "notif_token": movement.notif_token,
    }
    return json_answer(201, data, escapes_slashes=True)


def _check_submit(operator: Operator, body: dict[str, Any], currency: str) -> None:
    def text(name: str, longest: int) -> bool:
        return isinstance(body.get(name), str) and 0 < len(body[name]) <= longest

    amount = body.get("amount")
    wrong = [name for name in _URLS if not (text(name, URL_MAX) and body[name].startswith(("http://", "https://")))]
    wrong += [name for name, longest in (("order_id", ORDER_ID_MAX), ("reference", REFERENCE_MAX)) if not text(name, longest)]
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
        wrong.append("amount")
    if body.get("currency") != currency:
        wrong.append("currency")
    if body.get("lang") not in ("fr", "en"):
        wrong.append("lang")
    if not operator.options.accepts("orange_web.merchant_key", body.get("merchant_key")):
        wrong.append("merchant_key")
    if wrong:
        raise _problem(400, "Invalid parameters", f"Invalid: {', '.join(wrong)}")


def query(operator: Operator, call: Call) -> Answer:
    """`transactionstatus`: order, amount and token must belong together. 201 here too, and no amount in the answer."""
    _enter(operator, call)
    body = call.request.json_object()
    movement = operator.truth.find(RAIL, str(body.get("pay_token", "")))
    asked = (body.get("order_id"), body.get("amount"), body.get("pay_token"))
    if movement is None or asked != (movement.order_id, movement.amount, movement.token):
        raise _problem(404, "Transaction not found")
    seen = operator.truth.ask(RAIL, movement.token) or movement
    data = {"status": _WORDS[seen.status], "order_id": seen.order_id, "txnid": seen.transaction_id or None}
    return json_answer(201, shown(data, call.effects.report, reference="order_id"), escapes_slashes=True)


def notification(_operator: Operator, movement: Movement) -> dict[str, Any]:
    """No order, no amount, no signature: the `notif_token` alone says whose it is."""
    return {"status": _WORDS[movement.status], "notif_token": movement.notif_token, "txnid": movement.transaction_id or None}
