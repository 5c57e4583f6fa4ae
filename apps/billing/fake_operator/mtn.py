"""MTN MoMo Open API: Collection, and refunds of Disbursement. Both environments answer: `sandbox` (EUR) and `mtncameroon` (XAF)."""

from __future__ import annotations

import re
import uuid
from typing import Any

from apps.billing.fake_operator.operator import Call, Operator
from apps.billing.fake_operator.outcomes import MTN_REFUNDS, ends, full_number
from apps.billing.fake_operator.reports import shown
from apps.billing.fake_operator.tokens import Token, basic
from apps.billing.fake_operator.truth import Movement, State, Step
from apps.billing.fake_operator.wire import REQUEST_REJECTED, Answer, Refused, html_answer, json_answer

RAIL = "mtn"
CURRENCIES = {"sandbox": "EUR", "mtncameroon": "XAF"}
TOKEN_S = 3600.0
TEXT_MAX = 160
_AMOUNTS = {"XAF": re.compile(r"[1-9]\d{0,11}"), "EUR": re.compile(r"(?!0+(\.0+)?\Z)\d{1,12}(\.\d{1,2})?")}
# Documented: the apostrophe; the gateway dislikes markup and quotes likewise.
_REFUSED_CHARACTERS = re.compile("['’\"<>&;`]")
_SANDBOX_HOLDERS = {
    "50": (404, "RESOURCE_NOT_FOUND"),
    "51": (200, "false"),
    "52": (500, "NOT_ALLOWED"),
    "53": (500, "NOT_ALLOWED_TARGET_ENVIRONMENT"),
    "54": (500, "INTERNAL_PROCESSING_ERROR"),
    "55": (503, "SERVICE_UNAVAILABLE"),
}
_WORDS = {
    "INSUFFICIENT_BALANCE": "NOT_ENOUGH_FUNDS",
    "PAYMENT_NOT_APPROVED": "APPROVAL_REJECTED",
    "UNSPECIFIED_FAILURE": "INTERNAL_PROCESSING_ERROR",
}
_MESSAGES = {
    "RESOURCE_NOT_FOUND": "Requested resource was not found.",
    "RESOURCE_ALREADY_EXIST": "Duplicated reference id. Creation of resource failed.",
}


def problem(status: int, code: str) -> Refused:
    """An error with a code, as the API writes them."""
    return Refused(json_answer(status, {"code": code, "message": _MESSAGES.get(code, code.replace("_", " ").capitalize())}))


def check_length(call: Call) -> None:
    """:raises Refused: 411, for a request that does not say how long it is; 400 for a path with empty parts."""
    if not call.request.has_length:
        raise Refused(html_answer(411, "<html><body><h2>Length Required</h2><p>HTTP Error 411</p></body></html>"))


def check_key(operator: Operator, call: Call, product: str) -> None:
    """:raises Refused: 401, the key of another product or none."""
    key = call.request.header("Ocp-Apim-Subscription-Key")
    if not operator.options.accepts(f"mtn.{product}.subscription_key", key):
        what = "invalid subscription key. Make sure to provide a valid key for an active subscription." if key else (
            "missing subscription key. Make sure to include subscription key when making requests to an API."
        )  # fmt: skip
        raise Refused(json_answer(401, {"statusCode": 401, "message": f"Access denied due to {what}"}))


def token(operator: Operator, call: Call) -> Answer:
    """C1 and R3. A body is tolerated when it is JSON; a form meets the gateway's page, with status 200."""
    product = call.groups["product"]
    check_length(call)
    check_key(operator, call, product)
    if call.request.body and "json" not in (call.request.header("Content-Type") or ""):
        return html_answer(200, REQUEST_REJECTED)
    if call.request.body and not call.request.json_object():
        return Answer(400)
    pair = basic(call.request.header("Authorization"))
    if pair is None:
        return json_answer(401, {"error": "unauthorized"})
    user, key = pair
    known = operator.api_users.get(user.lower())
    good_key = key == known["key"] if known else operator.options.accepts(f"mtn.{product}.api_key", key)
    if not (good_key and (known or operator.options.accepts(f"mtn.{product}.api_user", user))):
        return json_answer(500, {"error": "login_failed"})
    lifetime_s = operator.options.token_s or TOKEN_S
    text = operator.tokens.mint(f"mtn.{product}", user.lower(), lifetime_s)
    return json_answer(200, {"access_token": text, "token_type": "access_token", "expires_in": int(lifetime_s)})


def enter(operator: Operator, call: Call, product: str) -> tuple[Token, str]:
    """Check the headers that every call of a product needs; returns the token and the target environment."""
    check_key(operator, call, product)
    found = operator.tokens.find(call.request.header("Authorization"), f"mtn.{product}")
    if found is None:
        raise Refused(json_answer(401, {"error": "invalid_token", "error_description": "The access token is invalid or has expired"}))
    environment = call.request.header("X-Target-Environment") or ""
    if environment not in CURRENCIES:
        raise problem(500, "NOT_ALLOWED_TARGET_ENVIRONMENT")
    return found, environment


def submit(operator: Operator, call: Call) -> Answer:
    """C2: request to pay."""
    check_length(call)
    found, environment = enter(operator, call, "collection")
    reference, body, callback_url = _read_submit(operator, call, found, environment)
    payer = body.get("payer")
    if not isinstance(payer, dict) or payer.get("partyIdType") != "MSISDN" or not re.fullmatch(r"\d{8,15}", str(payer.get("partyId"))):
        raise Refused(Answer(400))
    movement = Movement(
        RAIL, reference, int(float(body["amount"])), body["currency"], msisdn=payer["partyId"], environment=environment,
        external_id=str(body.get("externalId", "")), callback_url=callback_url, details=body,
    )  # fmt: skip
    if not operator.truth.open(movement):
        raise problem(409, "RESOURCE_ALREADY_EXIST")
    plan = operator.plan(call, movement.msisdn, movement.amount)
    operator.accept(call, movement, plan)
    return Answer(202)


def _read_submit(operator: Operator, call: Call, found: Token, environment: str) -> tuple[str, dict[str, Any], str]:
    reference = call.request.header("X-Reference-Id") or ""
    if not is_uuid4(reference):
        raise Refused(Answer(400))
    callback_url = call.request.header("X-Callback-Url")
    if callback_url is not None:
        _check_callback(operator, found, callback_url)
    if "json" not in (call.request.header("Content-Type") or ""):
        raise Refused(Answer(400))
    body = call.request.json_object()
    texts = [body.get("payerMessage", ""), body.get("payeeNote", "")]
    if any(not isinstance(text, str) or len(text) > TEXT_MAX or _REFUSED_CHARACTERS.search(text) for text in texts):
        raise Refused(html_answer(400, REQUEST_REJECTED))
    if not isinstance(body.get("amount"), str) or not isinstance(body.get("currency"), str):
        raise Refused(Answer(400))
    if body["currency"] != CURRENCIES[environment]:
        raise problem(500, "INVALID_CURRENCY")
    if not _AMOUNTS[body["currency"]].fullmatch(body["amount"]):
        raise Refused(Answer(400))
    return reference.lower(), body, callback_url or ""


def _check_callback(operator: Operator, found: Token, url: str) -> None:
    match = re.fullmatch(r"https?://([^/:?#]+)(:\d+)?(/.*)?", url)
    if match is None:
        raise Refused(Answer(400))
    user = operator.api_users.get(found.holder)
    registered = user["host"] if user else operator.options.callback_host
    if registered and match.group(1).lower() != registered.lower():
        raise problem(500, "INVALID_CALLBACK_URL_HOST")


def query(operator: Operator, call: Call) -> Answer:
    """C3 and R2: 200 also when the payment failed."""
    is_refund = call.endpoint == "mtn.refund_query"
    enter(operator, call, "disbursement" if is_refund else "collection")
    if not is_uuid4(call.groups["id"]):
        raise Refused(Answer(400))
    if operator.is_over_the_cap():
        message = "Rate limit is exceeded. Try again in 1 seconds."
        raise Refused(Answer(429, json_answer(429, {"statusCode": 429, "message": message}).body, headers={"Retry-After": "1"}))
    movement = operator.truth.ask(RAIL, call.groups["id"], refund=is_refund)
    if movement is None:
        raise problem(404, "RESOURCE_NOT_FOUND")
    return json_answer(200, shown(answer_of(operator, movement), call.effects.report, reference="externalId"))


def answer_of(_operator: Operator, movement: Movement) -> dict[str, Any]:
    """The status answer, which is also the callback: it does not hold the reference."""
    words = {State.SUCCEEDED: "SUCCESSFUL", State.FAILED: "FAILED", State.EXPIRED: "FAILED"}
    sent = movement.details
    data: dict[str, Any] = {
        "amount": sent.get("amount"),
        "currency": movement.currency,
        "externalId": movement.external_id,
        "payerMessage": sent.get("payerMessage", ""),
        "payeeNote": sent.get("payeeNote", ""),
        "status": words.get(movement.status, "PENDING"),
    }
    data["payee" if movement.is_refund else "payer"] = {"partyIdType": "MSISDN", "partyId": movement.msisdn}
    if movement.status is State.SUCCEEDED:
        data["financialTransactionId"] = movement.transaction_id
    elif data["status"] == "FAILED":
        reason = movement.reason or ("EXPIRED" if movement.status is State.EXPIRED else "INTERNAL_PROCESSING_ERROR")
        data["reason"] = _WORDS.get(reason, reason)
    return data


def refund(operator: Operator, call: Call) -> Answer:
    """R1: gives back a payment of Collection, wholly or in part. 202 also when it is doomed."""
    check_length(call)
    found, environment = enter(operator, call, "disbursement")
    reference, body, callback_url = _read_submit(operator, call, found, environment)
    given_back = body.get("referenceIdToRefund")
    if not isinstance(given_back, str) or not given_back:
        raise Refused(Answer(400))
    payment = operator.truth.find(RAIL, given_back)
    movement = Movement(
        RAIL, reference, int(float(body["amount"])), body["currency"], msisdn=payment.msisdn if payment else "", environment=environment,
        external_id=str(body.get("externalId", "")), callback_url=callback_url, details=body, refunds=given_back,
    )  # fmt: skip
    if not operator.truth.open(movement):
        raise problem(409, "RESOURCE_ALREADY_EXIST")
    plan = list(call.effects.outcome) if call.effects.outcome is not None else _refund_plan(operator, movement, payment)
    operator.accept(call, movement, plan)
    return Answer(202)


def _refund_plan(operator: Operator, movement: Movement, payment: Movement | None) -> list[Step]:
    if movement.environment == "sandbox" and movement.refunds in MTN_REFUNDS:
        reason = MTN_REFUNDS[movement.refunds]
        if reason is None:
            return []
        return ends(State.FAILED, reason) if reason else ends(State.SUCCEEDED, after_s=30)
    if payment is None:
        return ends(State.FAILED, "PAYEE_NOT_FOUND")
    if payment.status is not State.SUCCEEDED or sum(one.amount for one in operator.truth.refunds_of(payment)) > payment.amount:
        return ends(State.FAILED, "NOT_ALLOWED")
    return ends(State.SUCCEEDED, after_s=operator.options.delay_s)


def balance(operator: Operator, call: Call) -> Answer:
    """C4: what was received less what was given back."""
    _found, environment = enter(operator, call, call.groups["product"])
    currency = CURRENCIES[environment]
    return json_answer(200, {"availableBalance": str(operator.truth.balance(RAIL, currency)), "currency": currency})


def active(operator: Operator, call: Call) -> Answer:
    """C5. In the sandbox the same number means something else here than in a payment."""
    _found, environment = enter(operator, call, call.groups["product"])
    number = full_number(call.groups["id"])
    if environment == "sandbox" and number.startswith("467331234") and number[-2:] in _SANDBOX_HOLDERS:
        status, code = _SANDBOX_HOLDERS[number[-2:]]
        if status == 200:
            return json_answer(200, {"result": False})
        raise problem(status, code)
    if number in {"237653456029", "237693456029"}:
        raise problem(404, "RESOURCE_NOT_FOUND")
    return json_answer(200, {"result": True})


def user_info(operator: Operator, call: Call) -> Answer:
    """C6."""
    enter(operator, call, call.groups["product"])
    return json_answer(200, {"given_name": "Essai", "family_name": "Local", "sub": "0", "status": "ACTIVE"})


def notify(operator: Operator, call: Call) -> Answer:
    """C7: a message to the payer, after a success."""
    check_length(call)
    enter(operator, call, "collection")
    movement = operator.truth.find(RAIL, call.groups["id"])
    if movement is None:
        raise problem(404, "RESOURCE_NOT_FOUND")
    message = call.request.json_object().get("notificationMessage")
    if movement.status is not State.SUCCEEDED or not isinstance(message, str) or not 0 < len(message) <= TEXT_MAX:
        raise Refused(Answer(400))
    return Answer(200)


def is_uuid4(text: str) -> bool:
    """The form with hyphens, in either case."""
    try:
        return str(uuid.UUID(text)) == text.lower() and uuid.UUID(text).version == 4
    except ValueError:
        return False
