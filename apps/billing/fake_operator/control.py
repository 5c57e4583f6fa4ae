"""The control endpoint: whoever drives a test says here what shall happen, and reads here what did (docs/fake-operator.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from email.message import Message
from typing import Any

from apps.billing.fake_operator import orange_web, pages
from apps.billing.fake_operator.operator import Call, Operator
from apps.billing.fake_operator.outcomes import full_number
from apps.billing.fake_operator.rules import InvalidRule, Rule
from apps.billing.fake_operator.scenarios import SCENARIOS
from apps.billing.fake_operator.truth import State, as_json
from apps.billing.fake_operator.wire import Answer, Refused, Request, json_answer

PREFIX = "/_control/"


class _Wrong(Exception):
    """400, with this text."""


def answer(operator: Operator, request: Request) -> Answer:
    """JSON in, JSON out; what cannot be is 400 with `error`."""
    name, _, an_id = request.path.removeprefix(PREFIX).partition("/")
    act = _ACTIONS.get((request.method, name))
    if act is None:
        known = ", ".join(f"{method} {PREFIX}{path}" for method, path in _ACTIONS)
        return json_answer(404, {"error": f"No such action; known: {known}"})
    data = request.json_object()
    if request.body and not data and request.body.strip() != b"{}":
        return json_answer(400, {"error": "The body must be a JSON object."})
    try:
        return json_answer(200, act(operator, data | ({"id": an_id} if an_id else {})))
    except (_Wrong, InvalidRule, TypeError, ValueError, KeyError) as error:
        return json_answer(400, {"error": f"{error}" if not isinstance(error, KeyError) else f"Missing: {error}"})
    except Refused as refused:
        return refused.answer


def _state(operator: Operator, _data: dict[str, Any]) -> Any:
    return {
        "address": operator.address,
        "now": operator.clock.now(),
        "time_scale": operator.clock.scale,
        "options": asdict(operator.options),
        "scenarios": SCENARIOS,
        "pending": sum(movement.status is State.PENDING for movement in operator.truth.all()),
    }


def _add_rule(operator: Operator, data: dict[str, Any]) -> Any:
    return _rule(operator.rules.add(data))


def _rules(operator: Operator, _data: dict[str, Any]) -> Any:
    return {"rules": [_rule(rule) for rule in operator.rules.all()]}


def _rule(rule: Rule) -> dict[str, Any]:
    match = {"endpoint": rule.endpoint, "phone": rule.phone, "reference": rule.reference, "times": rule.times}
    given = {name: value for name, value in asdict(rule.effects).items() if value is not None}
    return {"number": rule.number, "used": rule.used, **match, **given}


def _remove_rules(operator: Operator, data: dict[str, Any]) -> Any:
    if "id" not in data:
        operator.rules.clear()
        return {"removed": True}
    return {"removed": operator.rules.remove(int(data["id"]))}


def _truth(operator: Operator, data: dict[str, Any]) -> Any:
    movements = operator.truth.all()
    if "id" in data:
        wanted = data["id"].lower()
        found = next((movement for movement in movements if wanted in movement.ids()), None)
        if found is None:
            raise Refused(json_answer(404, {"error": "Unknown to the operator."}))
        return as_json(found)
    return {
        "now": operator.clock.now(),
        "payments": [as_json(movement) for movement in movements if not movement.is_refund],
        "refunds": [as_json(movement) for movement in movements if movement.is_refund],
    }


def _decide(operator: Operator, data: dict[str, Any]) -> Any:
    movement = operator.truth.decide(data["id"], State(data["status"]), data.get("reason", ""))
    if movement is None:
        raise Refused(json_answer(404, {"error": "Unknown to the operator."}))
    return as_json(movement)


def _confirm(operator: Operator, data: dict[str, Any]) -> Any:
    """As the payer does on the page of Orange."""
    movement = operator.truth.find(orange_web.RAIL, data["id"])
    if movement is None:
        raise Refused(json_answer(404, {"error": "Unknown to the operator."}))
    number = full_number(data.get("msisdn", "693456789"))
    effects = operator.rules.take("orange_web.confirm", number, movement.ids())
    call = Call("orange_web.confirm", Request("POST", "", {}, Message(), b""), {}, effects)
    return as_json(pages.confirm(operator, call, movement, number))


def _send_callback(operator: Operator, data: dict[str, Any]) -> Any:
    """Now, with some fields changed, wherever `url` says."""
    movement = operator.truth.about({data["id"].lower()})
    if movement is None:
        raise Refused(json_answer(404, {"error": "Unknown to the operator."}))
    for _ in range(int(data.get("times", 1))):
        operator.send_callback(movement, data.get("set"), url=data.get("url", ""))
    return {"sent": int(data.get("times", 1))}


def _callbacks(operator: Operator, _data: dict[str, Any]) -> Any:
    return {"callbacks": operator.callbacks.sent()}


def _calls(operator: Operator, _data: dict[str, Any]) -> Any:
    return {"counts": dict(operator.counts), "recent": list(operator.recent)}


def _advance(operator: Operator, data: dict[str, Any]) -> Any:
    operator.clock.advance(float(data["seconds"]))
    operator.scheduler.wake()
    # What is due by now has happened when this answers.
    operator.truth.all()
    return {"now": operator.clock.now()}


def _set_options(operator: Operator, data: dict[str, Any]) -> Any:
    operator.options = operator.options.changed(data)
    return asdict(operator.options)


def _expire_tokens(operator: Operator, data: dict[str, Any]) -> Any:
    return {"expired": operator.tokens.expire(data.get("rail", ""))}


def _reset(operator: Operator, _data: dict[str, Any]) -> Any:
    operator.reset()
    return {"reset": True}


_ACTIONS: dict[tuple[str, str], Callable[[Operator, dict[str, Any]], Any]] = {
    ("GET", "state"): _state,
    ("GET", "rules"): _rules,
    ("POST", "rules"): _add_rule,
    ("DELETE", "rules"): _remove_rules,
    ("GET", "truth"): _truth,
    ("POST", "decide"): _decide,
    ("POST", "confirm"): _confirm,
    ("GET", "callbacks"): _callbacks,
    ("POST", "callbacks"): _send_callback,
    ("GET", "calls"): _calls,
    ("POST", "advance"): _advance,
    ("POST", "options"): _set_options,
    ("POST", "tokens"): _expire_tokens,
    ("POST", "reset"): _reset,
}


def actions() -> list[tuple[str, str]]:
    """Method and name of everything that may be asked."""
    return list(_ACTIONS)
