"""Ready-made rules, by name. Each may be narrowed with `endpoint`, `phone`, `reference` and `times`, and changed field by field."""

from __future__ import annotations

from typing import Any

from apps.billing.fake_operator.wire import REQUEST_REJECTED

_SUBMITS = "*.submit"
_QUERIES = "*.query"

_UNAUTHORIZED = {"statusCode": 401, "message": "Unauthorized"}
_NOT_FOUND = {"code": "RESOURCE_NOT_FOUND", "message": "Requested resource was not found."}

SCENARIOS: dict[str, dict[str, Any]] = {
    # Outcomes.
    "succeeded": {"outcome": "succeeded"},
    "declined": {"outcome": "failed:PAYMENT_NOT_APPROVED"},
    "insufficient": {"outcome": "failed:INSUFFICIENT_BALANCE"},
    "expired": {"outcome": "expired:EXPIRED"},
    "never": {"outcome": []},
    "slow": {"outcome": [{"status": "succeeded", "after_queries": 3}]},
    "late_success": {"outcome": [{"status": "expired", "reason": "EXPIRED", "after_s": 300}, {"status": "succeeded", "after_s": 1200}]},
    "false_failure": {
        "outcome": [{"status": "failed", "reason": "UNSPECIFIED_FAILURE", "after_s": 3}, {"status": "succeeded", "after_s": 240}]
    },
    "contradiction": {
        "outcome": [{"status": "succeeded"}, {"status": "failed", "reason": "UNSPECIFIED_FAILURE", "after_queries": 1}]
    },
    "init_failed_then_push": {"endpoint": "orange_mp.submit", "init_status": "600"},
    # Answers to a submit.
    "500_then_paid": {
        "endpoint": _SUBMITS, "times": 1, "status": 500, "processed": True,
        "body": {"code": "INTERNAL_PROCESSING_ERROR", "message": "An internal error occurred"},
    },
    "500_not_received": {"endpoint": _SUBMITS, "times": 1, "status": 500, "processed": False, "body": ""},
    "html_then_paid": {
        "endpoint": _SUBMITS, "times": 1, "status": 200, "processed": True, "body": REQUEST_REJECTED, "content_type": "text/html"
    },
    "gateway_timeout_then_paid": {
        "endpoint": _SUBMITS, "times": 1, "status": 504, "processed": True, "content_type": "text/html",
        "body": "<html><body><h1>504 Gateway Time-out</h1></body></html>",
    },
    "stall_then_paid": {"endpoint": _SUBMITS, "times": 1, "stall_s": 30},
    "reset_then_paid": {"endpoint": _SUBMITS, "times": 1, "reset": True},
    "reset_not_received": {"endpoint": _SUBMITS, "times": 1, "reset": True, "processed": False},
    "cut_then_paid": {"endpoint": _SUBMITS, "times": 1, "cut": True},
    "conflict": {
        "endpoint": _SUBMITS, "times": 1, "status": 409, "processed": True,
        "body": {"code": "RESOURCE_ALREADY_EXIST", "message": "Duplicated reference id. Creation of resource failed."},
    },
    "forbidden_ip": {"status": 403, "body": {"statusCode": 403, "message": "FORBIDDEN IP"}, "processed": False},
    "rate_limited": {
        "status": 429, "processed": False, "headers": {"Retry-After": "1"},
        "body": {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 1 seconds."},
    },
    "unauthorized": {"status": 401, "processed": False, "body": _UNAUTHORIZED},
    "unauthorized_once": {"endpoint": _SUBMITS, "times": 1, "status": 401, "processed": False, "body": _UNAUTHORIZED},
    "token_expires_now": {"endpoint": _QUERIES, "times": 1, "expire_tokens": True},
    # The whole operator.
    "down": {"reset": True, "processed": False},
    "unavailable": {
        "status": 503, "processed": False, "content_type": "text/html",
        "body": "<html><body><h1>503 Service Unavailable</h1></body></html>",
    },
    "huge": {"huge": 10_000_000},
    "drip": {"drip_s": 1.0},
    # What queries say, whatever is true.
    "query_html": {"endpoint": _QUERIES, "status": 200, "body": REQUEST_REJECTED, "content_type": "text/html"},
    "query_not_found": {"endpoint": _QUERIES, "status": 404, "body": _NOT_FOUND},
    "unknown_word": {"report": {"set": {"status": "ONGOING"}}},
    "wrong_amount": {"report": {"set": {"amount": "100"}}},
    "wrong_currency": {"report": {"set": {"currency": "XOF"}}},
    "wrong_reference": {"report": {"set": {"reference": "00000000-0000-4000-8000-000000000000"}}},
    "missing_amount": {"report": {"drop": ["amount"]}},
    "bare": {"report": {"drop": ["amount", "currency", "reference"]}},
    "numbers": {"report": {"amount_as_number": True}},
    "reason_object": {"report": {"reason_as_object": True}},
    # Callbacks.
    "lost_callbacks": {"callbacks": {"times": 0}},
    "late_callback": {"callbacks": {"delay_s": 60}},
    "duplicated_callbacks": {"callbacks": {"times": 5, "every_s": 0.1}},
    "early_callback": {"callbacks": {"early": True}},
    "forged_callback": {"outcome": [], "callbacks": {"forged": {"status": "SUCCESSFUL"}}},
}  # fmt: skip
