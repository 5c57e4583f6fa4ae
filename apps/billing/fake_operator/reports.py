"""How a query shows a payment when the control endpoint asked for something else than the truth."""

from __future__ import annotations

from typing import Any

from apps.billing.fake_operator.rules import Report


def shown(data: dict[str, Any], report: Report | None, *, reference: str) -> dict[str, Any]:
    """The answer as the report wants it.

    :param reference: the field that holds our id on this rail.
    """
    if report is None:
        return data
    data = data | {reference if name == "reference" else name: value for name, value in report.set.items()}
    for name in report.drop:
        data.pop(reference if name == "reference" else name, None)
    if report.amount_as_number:
        for name in ("amount", "financialTransactionId"):
            if name in data:
                number = float(data[name])
                data[name] = int(number) if number.is_integer() else number
    if report.reason_as_object and isinstance(data.get("reason"), str):
        data["reason"] = {"code": data["reason"], "message": data["reason"].replace("_", " ").capitalize()}
    return data
