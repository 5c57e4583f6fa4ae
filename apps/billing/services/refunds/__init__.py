"""Refunds: asked for by one person, approved by another, then sent and watched like a payment, or paid out by hand."""

from apps.billing.services.refunds.decisions import approve_refund, refuse_refund, request_credit_refund, request_refund
from apps.billing.services.refunds.outcomes import close_refund, record_manual
from apps.billing.services.refunds.sending import advance, open_stuck_cases, reconcile

__all__ = [
    "advance",
    "approve_refund",
    "close_refund",
    "open_stuck_cases",
    "reconcile",
    "record_manual",
    "refuse_refund",
    "request_credit_refund",
    "request_refund",
]
