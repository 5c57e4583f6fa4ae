"""Which function answers which path, and whom a call is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.billing.fake_operator import mtn, mtn_provisioning, orange_mp, orange_web, pages, pawapay
from apps.billing.fake_operator.operator import Call, Operator, path_pattern
from apps.billing.fake_operator.rules import Effects
from apps.billing.fake_operator.wire import REQUEST_REJECTED, Answer, Refused, Request, html_answer, json_answer


@dataclass(frozen=True)
class Route:
    """A path of a protocol. `endpoint` is the name that rules and counts use."""

    endpoint: str
    method: str
    pattern: re.Pattern[str]
    handle: Callable[[Operator, Call], Answer]


_MP = "/omcoreapis/1.0.2/mp"
_WEB = "/orange-money-webpay/{country}/v1"
_TABLE: list[tuple[str, str, str, Callable[[Operator, Call], Answer]]] = [
    ("mtn.provision", "POST", "/v1_0/apiuser", mtn_provisioning.create_user),
    ("mtn.provision", "POST", "/v1_0/apiuser/{id}/apikey", mtn_provisioning.create_key),
    ("mtn.provision", "GET", "/v1_0/apiuser/{id}", mtn_provisioning.show_user),
    ("mtn.token", "POST", "/{product}/token/", mtn.token),
    ("mtn.submit", "POST", "/collection/v1_0/requesttopay", mtn.submit),
    ("mtn.query", "GET", "/collection/v1_0/requesttopay/{id}", mtn.query),
    ("mtn.notify", "POST", "/collection/v1_0/requesttopay/{id}/deliverynotification", mtn.notify),
    ("mtn.balance", "GET", "/{product}/v1_0/account/balance", mtn.balance),
    ("mtn.balance", "GET", "/{product}/v1_0/account/balance/{currency}", mtn.balance),
    ("mtn.active", "GET", "/{product}/v1_0/accountholder/{kind}/{id}/active", mtn.active),
    ("mtn.userinfo", "GET", "/{product}/v1_0/accountholder/{kind}/{id}/basicuserinfo", mtn.user_info),
    ("mtn.refund", "POST", "/disbursement/{version}/refund", mtn.refund),
    ("mtn.refund_query", "GET", "/disbursement/v1_0/refund/{id}", mtn.query),
    ("orange_web.token", "POST", "/oauth/{version}/token", orange_web.token),
    ("orange_web.submit", "POST", f"{_WEB}/webpayment", orange_web.submit),
    ("orange_web.query", "POST", f"{_WEB}/transactionstatus", orange_web.query),
    ("orange_web.page", "GET", "/payment/pay_token/{id}", pages.show),
    ("orange_web.confirm", "POST", "/payment/pay_token/{id}", pages.act),
    ("orange_mp.token", "POST", "/token", orange_mp.token),
    ("orange_mp.init", "POST", f"{_MP}/init", orange_mp.init),
    ("orange_mp.submit", "POST", f"{_MP}/pay", orange_mp.submit),
    ("orange_mp.push", "GET", f"{_MP}/push/{{id}}", orange_mp.push),
    ("orange_mp.query", "GET", f"{_MP}/paymentstatus/{{id}}", orange_mp.query),
    ("pawapay.submit", "POST", "/v2/deposits", pawapay.submit),
    ("pawapay.query", "GET", "/v2/deposits/{id}", pawapay.query),
    ("pawapay.resend", "POST", "/v2/deposits/resend-callback/{id}", pawapay.resend),
    ("pawapay.refund", "POST", "/v2/refunds", pawapay.refund),
    ("pawapay.refund_query", "GET", "/v2/refunds/{id}", pawapay.query),
    ("pawapay.conf", "GET", "/v2/active-conf", pawapay.active_conf),
    ("pawapay.availability", "GET", "/v2/availability", pawapay.availability),
    ("pawapay.predict", "POST", "/v2/predict-provider", pawapay.predict),
]
ROUTES = [Route(endpoint, method, path_pattern(path), handle) for endpoint, method, path, handle in _TABLE]
_VALUES = {"product": {"collection", "disbursement"}, "country": set(orange_web.CURRENCIES), "version": {"v1_0", "v2_0", "v2", "v3"}}
CALLBACK_BODIES = {
    mtn.RAIL: mtn.answer_of,
    orange_web.RAIL: orange_web.notification,
    orange_mp.RAIL: orange_mp.notification,
    pawapay.RAIL: pawapay.answer_of,
}
_ID_FIELDS = (
    "depositId",
    "refundId",
    "order_id",
    "orderId",
    "pay_token",
    "payToken",
    "externalId",
    "referenceIdToRefund",
    "clientReferenceId",
)


def make_operator(*args: Any, **kwargs: Any) -> Operator:
    """An operator that knows how each rail writes its callbacks."""
    operator = Operator(*args, **kwargs)
    operator.callback_bodies |= CALLBACK_BODIES
    return operator


def find_route(request: Request) -> tuple[Route, dict[str, str]] | None:
    """The route of a path, and what the path says."""
    for route in ROUTES:
        match = route.pattern.match(request.path) if route.method == request.method else None
        if match and all(value in _VALUES.get(name, {value}) for name, value in match.groupdict().items()):
            return route, match.groupdict()
    return None


def about(operator: Operator, request: Request, groups: dict[str, str]) -> tuple[str, set[str]]:
    """The payer's number and every id of the payment that a call is about; empty where it says nothing."""
    body = request.json_object()
    ids = {str(body[name]).lower() for name in _ID_FIELDS if body.get(name)}
    ids |= {value.lower() for value in (request.header("X-Reference-Id"), groups.get("id")) if value}
    payer = body.get("payer")
    account = payer.get("accountDetails") if isinstance(payer, dict) else None
    said = (
        payer.get("partyId") if isinstance(payer, dict) else None,
        account.get("phoneNumber") if isinstance(account, dict) else None,
        body.get("subscriberMsisdn"),
        request.form().get("msisdn"),
    )
    phone = next((str(value) for value in said if value), "")
    known = operator.truth.about(ids)
    if known is None:
        return phone, ids
    return phone or known.msisdn, ids | known.ids()


def answer(operator: Operator, request: Request) -> tuple[str, Answer, Effects]:
    """What a client gets, the endpoint it asked, and what the network shall do to the answer."""
    found = find_route(request)
    if found is None:
        page = (
            html_answer(400, REQUEST_REJECTED)
            if "//" in request.path
            else json_answer(404, {"statusCode": 404, "message": "Resource not found"})
        )
        return "unknown", page, Effects()
    route, groups = found
    phone, ids = about(operator, request, groups)
    effects = operator.rules.take(route.endpoint, phone, ids)
    if effects.expire_tokens:
        operator.tokens.expire(route.endpoint.partition(".")[0])
    processed = effects.status is None if effects.processed is None else effects.processed
    ours = Answer(503)
    if processed:
        try:
            ours = route.handle(operator, Call(route.endpoint, request, groups, effects))
        except Refused as refused:
            ours = refused.answer
    return route.endpoint, ours if effects.status is None else _instead(effects), effects


def _instead(effects: Effects) -> Answer:
    body = effects.body
    if body is None or isinstance(body, str):
        content_type = effects.content_type or ("text/html" if body else "application/json")
        return Answer(effects.status or 500, (body or "").encode(), content_type, effects.headers or {})
    given = json_answer(effects.status or 500, body)
    return Answer(given.status, given.body, effects.content_type or given.content_type, effects.headers or {})
