"""pawaPay v2: deposits and refunds of both operators of Cameroon, in XAF."""

from __future__ import annotations

import re
import time
from typing import Any

from apps.billing.fake_operator.mtn import is_uuid4
from apps.billing.fake_operator.operator import Call, Operator
from apps.billing.fake_operator.outcomes import ends, full_number
from apps.billing.fake_operator.reports import shown
from apps.billing.fake_operator.truth import Movement, State
from apps.billing.fake_operator.wire import Answer, Refused, json_answer

RAIL = "pawapay"
PROVIDERS = {"MTN_MOMO_CMR": re.compile(r"2376(5[0-4]|7\d|8[0-3])\d{6}"), "ORANGE_CMR": re.compile(r"2376(5[5-9]|9\d|4[0-2]|8[6-9])\d{6}")}
_WORDS = {
    State.INITIATED: "ACCEPTED",
    State.PENDING: "PROCESSING",
    State.SUCCEEDED: "COMPLETED",
    State.FAILED: "FAILED",
    State.EXPIRED: "FAILED",
}
_CODES = {"EXPIRED": "PAYMENT_NOT_APPROVED", "NOT_ENOUGH_FUNDS": "INSUFFICIENT_BALANCE", "APPROVAL_REJECTED": "PAYMENT_NOT_APPROVED"}


def _stamp(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _failure(code: str) -> dict[str, str]:
    return {"failureCode": code, "failureMessage": code.replace("_", " ").capitalize()}


def _enter(operator: Operator, call: Call) -> None:
    scheme, _, text = (call.request.header("Authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise Refused(json_answer(401, {"failureReason": _failure("NO_AUTHENTICATION")}))
    if not operator.options.accepts("pawapay.token", text.strip()):
        raise Refused(json_answer(403, {"failureReason": _failure("AUTHENTICATION_ERROR")}))


def _rejected(kind: str, an_id: object, code: str, status: int = 200) -> Refused:
    return Refused(json_answer(status, {kind: an_id, "status": "REJECTED", "failureReason": _failure(code)}))


def _amount(kind: str, an_id: object, amount: object) -> int:
    if not isinstance(amount, str) or not re.fullmatch(r"[1-9]\d{0,11}", amount):
        raise _rejected(kind, an_id, "INVALID_AMOUNT", 400)
    return int(amount)


def submit(operator: Operator, call: Call) -> Answer:
    """`POST /v2/deposits`: 200, and `status` says what came of it."""
    _enter(operator, call)
    body = call.request.json_object()
    deposit = body.get("depositId")
    if not isinstance(deposit, str) or not is_uuid4(deposit):
        raise _rejected("depositId", deposit, "INVALID_PARAMETER", 400)
    amount = _amount("depositId", deposit, body.get("amount"))
    message = body.get("customerMessage")
    if message is not None and not (isinstance(message, str) and re.fullmatch(r"[A-Za-z0-9 ]{4,22}", message)):
        raise _rejected("depositId", deposit, "INVALID_PARAMETER", 400)
    phone, provider = _payer(deposit, body)
    if body.get("currency") != "XAF":
        raise _rejected("depositId", deposit, "INVALID_CURRENCY")
    if not PROVIDERS[provider].fullmatch(phone):
        raise _rejected("depositId", deposit, "INVALID_PHONE_NUMBER")
    if not operator.options.min_amount <= amount <= operator.options.max_amount:
        raise _rejected("depositId", deposit, "AMOUNT_OUT_OF_BOUNDS")
    movement = Movement(
        RAIL, deposit.lower(), amount, "XAF", msisdn=phone, external_id=str(body.get("clientReferenceId", "")),
        callback_url=operator.options.pawapay_callback_url, details=body,
    )  # fmt: skip
    return _receive(operator, call, movement, "depositId")


def _payer(deposit: str, body: dict[str, Any]) -> tuple[str, str]:
    payer = body.get("payer")
    account = payer.get("accountDetails") if isinstance(payer, dict) and payer.get("type") == "MMO" else None
    if not isinstance(account, dict):
        raise _rejected("depositId", deposit, "MISSING_PARAMETER", 400)
    phone, provider = account.get("phoneNumber"), account.get("provider")
    if not isinstance(provider, str) or provider not in PROVIDERS:
        raise _rejected("depositId", deposit, "INVALID_PROVIDER")
    if not isinstance(phone, str) or not re.fullmatch(r"237\d{9}", phone):
        raise _rejected("depositId", deposit, "INVALID_PHONE_NUMBER")
    return phone, provider


def _receive(operator: Operator, call: Call, movement: Movement, kind: str) -> Answer:
    if not operator.truth.open(movement):
        known = operator.truth.find(RAIL, movement.reference, refund=movement.is_refund) or movement
        return json_answer(200, {kind: movement.reference, "status": "DUPLICATE_IGNORED", "created": _stamp(known.created_at)})
    if movement.is_refund and call.effects.outcome is None:
        plan = ends(State.SUCCEEDED, after_s=operator.options.delay_s)
    else:
        plan = operator.plan(call, movement.msisdn, movement.amount)
    accepted = operator.accept(call, movement, plan)
    return json_answer(200, {kind: movement.reference, "status": "ACCEPTED", "created": _stamp(accepted.created_at)})


def query(operator: Operator, call: Call) -> Answer:
    """Wrapped: the outer `status` says whether the id is known, the inner one how it stands."""
    _enter(operator, call)
    movement = operator.truth.ask(RAIL, call.groups["id"], refund=call.endpoint == "pawapay.refund_query")
    if movement is None:
        return json_answer(200, {"status": "NOT_FOUND"})
    kind = "refundId" if movement.is_refund else "depositId"
    return json_answer(200, {"status": "FOUND", "data": shown(answer_of(operator, movement), call.effects.report, reference=kind)})


def answer_of(_operator: Operator, movement: Movement) -> dict[str, Any]:
    """A deposit or refund, as in `data` and, bare, in callbacks."""
    provider = movement.details.get("payer", {}).get("accountDetails", {}).get("provider", movement.details.get("provider"))
    party = {"type": "MMO", "accountDetails": {"phoneNumber": movement.msisdn, "provider": provider}}
    data: dict[str, Any] = {
        "refundId" if movement.is_refund else "depositId": movement.reference,
        "status": _WORDS[movement.status],
        "amount": f"{movement.amount}.00",
        "currency": movement.currency,
        "country": "CMR",
        "recipient" if movement.is_refund else "payer": party,
        "created": _stamp(movement.created_at),
    }
    if movement.external_id:
        data["clientReferenceId"] = movement.external_id
    if movement.transaction_id:
        data["providerTransactionId"] = movement.transaction_id
    if data["status"] == "FAILED":
        reason = movement.reason or ("EXPIRED" if movement.status is State.EXPIRED else "UNSPECIFIED_FAILURE")
        data["failureReason"] = _failure(_CODES.get(reason, reason))
    if isinstance(metadata := movement.details.get("metadata"), list):
        data["metadata"] = {name: value for item in metadata if isinstance(item, dict) for name, value in item.items()}
    return data


def resend(operator: Operator, call: Call) -> Answer:
    """Send the callback of a deposit that ended once more."""
    _enter(operator, call)
    movement = operator.truth.find(RAIL, call.groups["id"])
    if movement is None or not movement.finished_at:
        code = "NOT_FOUND" if movement is None else "INVALID_STATE"
        raise _rejected("depositId", call.groups["id"], code)
    operator.send_callback(movement)
    return json_answer(200, {"depositId": movement.reference, "status": "ACCEPTED"})


def refund(operator: Operator, call: Call) -> Answer:
    """`POST /v2/refunds`: gives back a deposit, wholly or in part."""
    _enter(operator, call)
    body = call.request.json_object()
    an_id, deposit_id = body.get("refundId"), body.get("depositId")
    if not isinstance(an_id, str) or not is_uuid4(an_id) or not isinstance(deposit_id, str) or not is_uuid4(deposit_id):
        raise _rejected("refundId", an_id, "INVALID_PARAMETER", 400)
    deposit = operator.truth.find(RAIL, deposit_id)
    amount = deposit.amount if deposit and body.get("amount") is None else _amount("refundId", an_id, body.get("amount"))
    if operator.truth.find(RAIL, an_id, refund=True) is None:
        _check_refund(operator, an_id, deposit, amount, body.get("currency", "XAF"))
    movement = Movement(
        RAIL, an_id.lower(), amount, "XAF", msisdn=deposit.msisdn if deposit else "", refunds=deposit_id.lower(),
        callback_url=operator.options.pawapay_callback_url, details=body | {"provider": deposit and provider_of(deposit)},
    )  # fmt: skip
    return _receive(operator, call, movement, "refundId")


def _check_refund(operator: Operator, an_id: str, deposit: Movement | None, amount: int, currency: object) -> None:
    if deposit is None or deposit.status is not State.SUCCEEDED:
        raise _rejected("refundId", an_id, "REFUNDS_NOT_ALLOWED" if deposit else "NOT_FOUND")
    if currency != "XAF":
        raise _rejected("refundId", an_id, "INVALID_CURRENCY")
    refunds = operator.truth.refunds_of(deposit)
    given_back = sum(refund.amount for refund in refunds)
    if given_back >= deposit.amount:
        raise _rejected("refundId", an_id, "DEPOSIT_ALREADY_REFUNDED")
    if given_back + amount > deposit.amount:
        raise _rejected("refundId", an_id, "AMOUNT_TOO_LARGE")
    if any(refund.status is not State.SUCCEEDED for refund in refunds):
        raise _rejected("refundId", an_id, "REFUND_IN_PROGRESS")


def provider_of(deposit: Movement) -> object:
    """`MTN_MOMO_CMR` or `ORANGE_CMR`."""
    return deposit.details["payer"]["accountDetails"]["provider"]


def active_conf(operator: Operator, call: Call) -> Answer:
    """Limits and decimals of each provider."""
    _enter(operator, call)
    limits = {"minAmount": str(operator.options.min_amount), "maxAmount": str(operator.options.max_amount), "decimalsInAmount": "NONE"}
    types = {kind: {"status": "OPERATIONAL", **limits} for kind in ("DEPOSIT", "REFUND")}
    providers = [{"provider": name, "currencies": [{"currency": "XAF", "operationTypes": types}]} for name in PROVIDERS]
    return json_answer(200, {"companyName": "Essai local", "countries": [{"country": "CMR", "prefix": "237", "providers": providers}]})


def availability(operator: Operator, call: Call) -> Answer:
    """Whether each provider works."""
    _enter(operator, call)
    states = [{"provider": name, "operationTypes": {"DEPOSIT": "OPERATIONAL", "REFUND": "OPERATIONAL"}} for name in PROVIDERS]
    return json_answer(200, [{"country": "CMR", "providers": states}])


def predict(operator: Operator, call: Call) -> Answer:
    """Whose number it seems to be."""
    _enter(operator, call)
    number = full_number(str(call.request.json_object().get("phoneNumber", "")))
    found = next((name for name, pattern in PROVIDERS.items() if pattern.fullmatch(number)), None)
    if found is None:
        raise Refused(json_answer(400, {"failureReason": _failure("INVALID_PHONE_NUMBER")}))
    return json_answer(200, {"country": "CMR", "provider": found, "phoneNumber": number})
