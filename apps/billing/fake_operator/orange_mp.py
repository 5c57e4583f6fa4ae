"""Merchant payments of Orange Cameroon (`omcoreapis/1.0.2/mp`): the payer's phone rings during `pay`. In XAF alone."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from apps.billing.fake_operator.operator import Call, Operator
from apps.billing.fake_operator.reports import shown
from apps.billing.fake_operator.tokens import basic, pair
from apps.billing.fake_operator.truth import Movement, State, new_transaction_id
from apps.billing.fake_operator.wire import Answer, Refused, json_answer

RAIL = "orange_mp"
TOKEN_S = 3600.0
ORDER_ID_MAX, DESCRIPTION_MAX = 20, 125
# Two L, as the API writes it.
_WORDS = {
    State.INITIATED: "INITIATED",
    State.PENDING: "PENDING",
    State.SUCCEEDED: "SUCCESSFULL",
    State.FAILED: "FAILED",
    State.EXPIRED: "EXPIRED",
}
# Refusals that `pay` knows at once: HTTP 417.
_AT_ONCE = {
    "INSUFFICIENT_BALANCE": "60019 :: Le solde du compte du payeur est insuffisant",
    "PAYER_NOT_FOUND": "60021 :: Beneficiaire introuvable",
    "PAYER_LIMIT_REACHED": "60024::Vous avez saisi un montant superieur au montant maximum autorise",
    "SENDER_ACCOUNT_NOT_ACTIVE": "60011 :: Utilisateur bloque",
}


# How the reason of a payment that did not start begins; its `inittxnstatus` follows.
_NOT_STARTED = "init:"


def _problem(status: int, message: str) -> Refused:
    return Refused(json_answer(status, {"message": message, "data": None}))


def token(operator: Operator, call: Call) -> Answer:
    """`/token`."""
    given = basic(call.request.header("Authorization"))
    accepts = operator.options.accepts
    if given is None or not (accepts("orange_mp.customer_key", given[0]) and accepts("orange_mp.customer_secret", given[1])):
        return json_answer(401, {"error": "invalid_client", "error_description": "A valid OAuth client could not be found"})
    if call.request.form().get("grant_type") != "client_credentials":
        return json_answer(400, {"error": "unsupported_grant_type"})
    lifetime_s = operator.options.token_s or TOKEN_S
    text = operator.tokens.mint(RAIL, given[0], lifetime_s)
    return json_answer(
        200, {"access_token": text, "scope": "am_application_scope default", "token_type": "Bearer", "expires_in": int(lifetime_s)}
    )


def _enter(operator: Operator, call: Call) -> None:
    if operator.tokens.find(call.request.header("Authorization"), RAIL) is None:
        raise _problem(401, "Invalid Credentials. Make sure you have given the correct access token")
    found = pair(call.request.header("X-AUTH-TOKEN"))
    accepts = operator.options.accepts
    if found is None or not (accepts("orange_mp.api_user", found[0]) and accepts("orange_mp.api_password", found[1])):
        raise _problem(401, "X-AUTH-TOKEN is not valid")


def init(operator: Operator, call: Call) -> Answer:
    """A pay token; costs nothing."""
    _enter(operator, call)
    pay_token = f"MP{time.strftime('%y%m%d')}{secrets.token_hex(10).upper()}"
    operator.truth.open(Movement(RAIL, pay_token, 0, "XAF", token=pay_token))
    return json_answer(200, {"message": "Payment request successfully initiated", "data": {"payToken": pay_token}})


def submit(operator: Operator, call: Call) -> Answer:
    """`pay`. No idempotency is documented: a second call with the same pay token debits a second time."""
    _enter(operator, call)
    body = call.request.json_object()
    _check_submit(operator, body)
    movement = operator.truth.find(RAIL, body["payToken"])
    if movement is None:
        raise _problem(404, "PayToken not found")
    changes = {
        "order_id": body["orderId"], "amount": int(body["amount"]), "msisdn": body["subscriberMsisdn"],
        "callback_url": body.get("notifUrl") or "", "transaction_id": movement.transaction_id or new_transaction_id(RAIL),
        "details": {name: value for name, value in body.items() if name != "pin"},
    }  # fmt: skip
    if call.effects.init_status is not None:
        failed = operator.truth.refuse(movement, f"{_NOT_STARTED}{call.effects.init_status}", **changes)
        return json_answer(200, {"message": "Merchant payment failed", "data": _data(failed)})
    plan = operator.plan(call, body["subscriberMsisdn"], int(body["amount"]))
    if plan and plan[0].status is State.FAILED and plan[0].reason in _AT_ONCE and len(plan) == 1:
        failed = operator.truth.refuse(movement, plan[0].reason, **changes)
        return json_answer(417, {"message": _AT_ONCE[failed.reason], "data": _data(failed)})
    accepted = operator.accept(call, movement, plan, **changes)
    return json_answer(200, {"message": "Merchant payment successfully initiated", "data": _data(accepted) | {"status": "PENDING"}})


def _check_submit(operator: Operator, body: dict[str, Any]) -> None:
    def text(name: str) -> str:
        value = body.get(name)
        return value if isinstance(value, str) else ""

    wrong = []
    if not 0 < len(text("orderId")) <= ORDER_ID_MAX:
        wrong.append(f"The OrderId field must be at most {ORDER_ID_MAX} characters long")
    wrong += [
        f"The {name} field must hold 9 digits"
        for name in ("subscriberMsisdn", "channelUserMsisdn")
        if not re.fullmatch(r"6\d{8}", text(name))
    ]
    if not re.fullmatch(r"[1-9]\d{0,9}", text("amount")):
        wrong.append("The Amount field must be a string of digits")
    if not re.fullmatch(r"\d{4}", text("pin")) or not operator.options.accepts("orange_mp.pin", text("pin")):
        wrong.append("The Pin field is not valid")
    if len(text("description")) > DESCRIPTION_MAX:
        wrong.append(f"The Description field must be at most {DESCRIPTION_MAX} characters long")
    if not text("payToken"):
        wrong.append("The PayToken field is required")
    if wrong:
        raise _problem(422, "; ".join(wrong))


def push(operator: Operator, call: Call) -> Answer:
    """The phone rings again. A payment whose `pay` failed to start may start now."""
    _enter(operator, call)
    movement = operator.truth.find(RAIL, call.groups["id"])
    if movement is None or movement.status is State.INITIATED:
        raise _problem(404, "PayToken not found")
    operator.truth.nudge(movement)
    if movement.reason.startswith(_NOT_STARTED):
        plan = operator.plan(call, movement.msisdn, movement.amount)
        movement = operator.accept(call, movement, plan, by_payer_from=State.FAILED)
    return json_answer(200, {"message": "Push sent to customer", "data": _data(movement)})


def query(operator: Operator, call: Call) -> Answer:
    """`paymentstatus`. Before `pay` and after the end of time, every other field is null."""
    _enter(operator, call)
    movement = operator.truth.ask(RAIL, call.groups["id"])
    if movement is None:
        raise _problem(404, "PayToken not found")
    data = shown(_data(movement), call.effects.report, reference="txnmode")
    return json_answer(200, {"message": "Transaction retrieved successfully", "data": data})


def _data(movement: Movement) -> dict[str, Any]:
    """The transaction. Before `pay` it is empty but for its token, and once expired even that is gone."""
    started = not movement.reason.startswith(_NOT_STARTED)
    reason = movement.reason if started else ""
    message = _AT_ONCE.get(reason, reason)
    code = message.partition("::")[0].strip() if reason in _AT_ONCE else "200"
    data: dict[str, Any] = {
        "id": int(movement.created_at * 1000) % 100_000_000,
        "createtime": str(int(movement.created_at)),
        "subscriberMsisdn": movement.msisdn,
        "amount": movement.amount,
        "payToken": movement.token,
        "txnid": movement.transaction_id,
        "txnmode": movement.order_id,
        "inittxnmessage": "Paiement initie avec succes. Veuillez confirmer le paiement." if started else "Echec de l initialisation",
        "inittxnstatus": code if started else movement.reason.removeprefix(_NOT_STARTED),
        "confirmtxnstatus": "200" if movement.status is State.SUCCEEDED else None,
        "confirmtxnmessage": message or None if movement.status is State.FAILED else None,
        "status": "CANCELLED" if reason == "PAYMENT_NOT_APPROVED" else _WORDS[movement.status],
        "notifUrl": movement.callback_url,
        "description": movement.details.get("description", ""),
        "channelUserMsisdn": movement.details.get("channelUserMsisdn"),
    }
    if movement.status is State.INITIATED:
        return dict.fromkeys(data) | {"status": data["status"], "payToken": movement.token}
    if movement.status is State.EXPIRED:
        return dict.fromkeys(data) | {"status": data["status"]}
    return data


def notification(_operator: Operator, movement: Movement) -> dict[str, Any]:
    """What `notifUrl` is told."""
    return {"payToken": movement.token, "status": _WORDS[movement.status], "message": movement.reason or "Payment processed"}
