"""API users of MTN's sandbox (P1 to P3). In production the partner portal makes them, and these paths do not exist."""

from __future__ import annotations

import secrets

from apps.billing.fake_operator.mtn import check_key, check_length, is_uuid4, problem
from apps.billing.fake_operator.operator import Call, Operator
from apps.billing.fake_operator.wire import Answer, Refused, json_answer


def create_user(operator: Operator, call: Call) -> Answer:
    """P1: `{"providerCallbackHost": "pay.example.cm"}`, a host alone."""
    check_length(call)
    check_key(operator, call, "collection")
    user = (call.request.header("X-Reference-Id") or "").lower()
    host = call.request.json_object().get("providerCallbackHost")
    if not is_uuid4(user) or not isinstance(host, str) or not host or "/" in host:
        raise Refused(Answer(400))
    if user in operator.api_users:
        raise problem(409, "RESOURCE_ALREADY_EXIST")
    operator.api_users[user] = {"host": host, "key": ""}
    return Answer(201)


def create_key(operator: Operator, call: Call) -> Answer:
    """P2: a new key; the old one dies."""
    check_length(call)
    check_key(operator, call, "collection")
    user = operator.api_users.get(call.groups["id"].lower())
    if user is None:
        raise problem(404, "RESOURCE_NOT_FOUND")
    user["key"] = secrets.token_hex(16)
    return json_answer(201, {"apiKey": user["key"]})


def show_user(operator: Operator, call: Call) -> Answer:
    """P3."""
    check_key(operator, call, "collection")
    user = operator.api_users.get(call.groups["id"].lower())
    if user is None:
        raise problem(404, "RESOURCE_NOT_FOUND")
    return json_answer(200, {"providerCallbackHost": user["host"], "targetEnvironment": "sandbox"})
