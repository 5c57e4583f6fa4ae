"""What the OpenAPI document says of payments."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from apps.billing.api.bodies import MobileMoneySerializer
from apps.billing.choices import Operator, PaymentState, Reason
from apps.core.api.openapi import header, problem, problems

_PAYMENT: Final[dict[str, Any]] = {
    "id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d90", "invoice_id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d11", "livemode": True,
    "state": "pending", "sentence": "L’opérateur attend votre confirmation.", "reason": None, "amount": 2500, "currency": "XAF",
    "operator": "mtn", "phone": "+237670000111",
    "instructions": "Validez sur votre téléphone avec votre code secret. Rien ne s’affiche ? Composez *126#.", "ussd_code": "*126#",
    "page_url": None, "poll_after": 3, "may_retry": False, "late_success": False, "refunded_amount": 0,
    "created_at": "2026-11-26T17:00:00Z", "expires_at": "2026-11-26T17:15:00Z", "finished_at": None,
}  # fmt: skip
REQUIRED_KEY = header(
    "Idempotency-Key",
    "Any text of the caller's, new for each payment: the same request sent again gets the stored answer, for 30 days.",
    required=True,
)


class PaymentSerializer(serializers.Serializer[Any]):
    """A payment. Programs go by `state` and `reason`; `sentence` and `instructions` are for the payer, in his language."""

    id = serializers.UUIDField()
    invoice_id = serializers.UUIDField()
    livemode = serializers.BooleanField()
    state = serializers.ChoiceField(
        choices=PaymentState.choices,
        help_text="`unknown`: money may have moved and nobody can tell yet. `succeeded` is final but for refunds.",
    )
    sentence = serializers.CharField()
    reason = serializers.ChoiceField(choices=Reason.choices, allow_null=True, help_text="Why it did not succeed.")
    amount = serializers.IntegerField(help_text="Whole francs.")
    currency = serializers.CharField()
    operator = serializers.ChoiceField(choices=Operator.choices)
    phone = serializers.CharField()
    instructions = serializers.CharField(allow_blank=True, help_text="What the payer can do now; empty when there is nothing.")
    ussd_code = serializers.CharField(allow_null=True, help_text="To dial when no prompt comes.")
    page_url = serializers.URLField(allow_null=True, help_text="The operator's page, when the payer has to go there.")
    poll_after = serializers.IntegerField(allow_null=True, help_text="Seconds to wait before asking again; null when it is over.")
    may_retry = serializers.BooleanField(help_text="Whether another payment of the invoice may be started.")
    late_success = serializers.BooleanField()
    refunded_amount = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


MOBILE_MONEY: Final[dict[str, Any]] = {
    "operation_id": "pay_by_mobile_money",
    "tags": ["payments"],
    "summary": "Pay an invoice by Mobile Money",
    "description": "Commits a payment of the invoice's amount and answers at once; the payer's phone rings seconds later, or `page_url` "
    "appears. Ask `Location` how it stands. While an attempt of the same phone runs, it is answered again; another phone is refused with "
    "409. A test key pays test invoices, with no money.",
    "parameters": [REQUIRED_KEY],
    "request": MobileMoneySerializer,
    "responses": {
        202: OpenApiResponse(
            PaymentSerializer,
            description="The payment; `Location` says where to ask.",
            examples=[
                OpenApiExample(
                    "begun",
                    {**_PAYMENT, "state": "created", "sentence": "La demande part chez l’opérateur."},
                    response_only=True,
                    status_codes=["202"],
                )
            ],
        ),
        **problems(400, 401, 403, 404, 409, 411, 413, 415, 422),
        **problem(503, "The operator takes no payment now; try again in some minutes, or the other operator.", "operator_unavailable"),
    },
    "examples": [
        OpenApiExample(
            "payment",
            {"invoice_id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d11", "phone": "6 70 00 01 11", "operator": "mtn"},
            request_only=True,
        )
    ],
}
PAYMENT: Final[dict[str, Any]] = {
    "operation_id": "get_payment",
    "tags": ["payments"],
    "summary": "Read a payment",
    "description": "How a payment stands. Costs nothing of the quota; ask again after `poll_after` seconds, which `Retry-After` repeats.",
    "parameters": [OpenApiParameter("payment_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="From the answer to the call.")],
    "responses": {
        200: OpenApiResponse(PaymentSerializer, description="The payment.", examples=[OpenApiExample("payment", _PAYMENT)]),
        **problems(400, 401, 403, 404),
    },
}
