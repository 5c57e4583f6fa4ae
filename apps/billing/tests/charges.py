"""Charges and refunds as the engine gives them to adapters."""

from __future__ import annotations

import uuid
from typing import Any

from apps.billing.choices import Operator
from apps.billing.providers.port import Charge, RefundOrder

REFERENCE = uuid.UUID("5b0c3c1e-7f5e-4c2a-9a35-0d6b1f8f2c11")
REFUND_REFERENCE = uuid.UUID("0d6b1f8f-2c11-4c2a-9a35-5b0c3c1e7f5e")
ORDER_ID = "PK7Q2M9X4T1B8RZ0VD"


def charge(**changes: Any) -> Charge:
    """5,000 XAF from an MTN number."""
    values: dict[str, Any] = {
        "reference": REFERENCE, "order_id": ORDER_ID, "amount": 5000, "currency": "XAF", "msisdn": "+237670000111",
        "operator": Operator.MTN, "message": "L’abonnement à la une « Chez Zoé »", "note": "INV 2026-000123",
        "callback_url": "https://pay.example.cm/hooks/3fT9wQ/", "return_url": "https://pay.example.cm/retour/3fT9wQ",
        "cancel_url": "https://pay.example.cm/annule/3fT9wQ",
    }  # fmt: skip
    return Charge(**(values | changes))


def refund(**changes: Any) -> RefundOrder:
    """2,000 of them given back."""
    values: dict[str, Any] = {
        "reference": REFUND_REFERENCE, "payment_reference": REFERENCE, "payment_transaction_id": "9812345670", "amount": 2000,
        "currency": "XAF", "msisdn": "+237670000111", "message": "Remboursement d’un trop-perçu", "note": "RF 2026 000004",
    }  # fmt: skip
    return RefundOrder(**(values | changes))
