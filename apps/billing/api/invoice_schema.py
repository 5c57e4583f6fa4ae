"""What the OpenAPI document says of invoices."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from apps.billing.choices import InvoiceState, Purpose
from apps.core.api.openapi import problems, query

_INVOICE: Final[dict[str, Any]] = {
    "id": "0190a5c4-7f1e-7cc3-98c4-dc0c0c073991", "number": "FA-2026-000123", "pro_forma_number": "PF-2026-000150", "state": "paid",
    "purpose": "subscribe", "livemode": True, "currency": "XAF", "total": 2500, "net": 2096, "vat": 404, "vat_rate": "19.25",
    "credit_used": 0, "amount_due": 2500, "subscription_id": "0190a5c4-7f1e-7cc3-98c4-dc0c0c073980",
    "created_at": "2026-11-26T09:00:00Z", "lapses_at": "2026-12-26T09:00:00Z", "issued_at": "2026-11-26T09:02:11Z", "closed_at": None,
    "seller": {
        "name": "Ecosyste SARL", "address": "Yaoundé", "niu": "M000000000000X", "rccm": "RC/YAE/2026/B/0000",
        "email": "contact@ecosyste.example", "phone": "",
    },
    "buyer": {"name": "Awa Ngo", "address": "", "niu": "", "rccm": "", "email": "awa@exemple.cm"},
    "lines": [
        {
            "description": "Fiche premium, un mois", "total": 2500, "net": 2096, "vat": 404, "period_start": "2026-11-26T09:02:11Z",
            "period_end": "2026-12-26T09:02:11Z",
        }
    ],
    "paid_with": {
        "method": "mtn", "operator": "mtn", "reference": "5f2c1a7e-8f0d-4c3b-9b8a-1e2d3c4b5a69", "transaction_id": "9876543210",
        "payer": "+237 6•• ••• 111", "at": "2026-11-26T09:02:11+00:00",
    },
    "check": {"code": "7K3M-9QXF-2TBC", "url": "https://ecosyste.example/recu/7K3M-9QXF-2TBC"},
    "credit_notes": [],
}  # fmt: skip
_FRANCS: Final = "Whole francs."


class InvoiceSellerSerializer(serializers.Serializer[Any]):
    """Who sells, as printed."""

    name = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    niu = serializers.CharField(allow_blank=True)
    rccm = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)


class InvoiceBuyerSerializer(serializers.Serializer[Any]):
    """Who buys, as printed: frozen when the invoice is issued."""

    name = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    niu = serializers.CharField(allow_blank=True)
    rccm = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)


class InvoiceLineSerializer(serializers.Serializer[Any]):
    """A line; `net` + `vat` = `total`. A negative one gives back what was not consumed."""

    description = serializers.CharField()
    total = serializers.IntegerField(help_text=_FRANCS)
    net = serializers.IntegerField()
    vat = serializers.IntegerField()
    period_start = serializers.DateTimeField(allow_null=True)
    period_end = serializers.DateTimeField(allow_null=True)


class InvoicePaymentSerializer(serializers.Serializer[Any]):
    """How it was paid. `method` is `credit` when the account's credit covered all of it; then there is only `at` besides."""

    method = serializers.CharField()
    at = serializers.DateTimeField()
    operator = serializers.CharField(required=False, allow_blank=True)
    reference = serializers.CharField(required=False)
    transaction_id = serializers.CharField(required=False, allow_blank=True)
    payer = serializers.CharField(required=False, allow_blank=True, help_text="Masked.")


class InvoiceCheckSerializer(serializers.Serializer[Any]):
    """How anybody can ask whether the receipt is real."""

    code = serializers.CharField()
    url = serializers.URLField()


class CreditNoteSerializer(serializers.Serializer[Any]):
    """What was taken back of the invoice."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    total = serializers.IntegerField(help_text=_FRANCS)
    net = serializers.IntegerField()
    vat = serializers.IntegerField()
    reason = serializers.CharField()
    issued_at = serializers.DateTimeField()


class BillSerializer(serializers.Serializer[Any]):
    """What is to be paid, or was: the part that pro formas and invoices have in common wherever they are shown."""

    id = serializers.UUIDField()
    number = serializers.CharField(allow_null=True, help_text="Null while it is a pro forma.")
    pro_forma_number = serializers.CharField()
    state = serializers.ChoiceField(choices=InvoiceState.choices)
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    currency = serializers.CharField()
    total = serializers.IntegerField(help_text="Whole francs with tax: `net` + `vat`, and `credit_used` + `amount_due`.")
    net = serializers.IntegerField()
    vat = serializers.IntegerField()
    credit_used = serializers.IntegerField()
    amount_due = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    lapses_at = serializers.DateTimeField()


class InvoiceSerializer(BillSerializer):
    """A pro forma until it is paid, an invoice from then on."""

    livemode = serializers.BooleanField()
    vat_rate = serializers.CharField(help_text="Percent.")
    subscription_id = serializers.UUIDField()
    issued_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    seller = InvoiceSellerSerializer()
    buyer = InvoiceBuyerSerializer()
    lines = InvoiceLineSerializer(many=True)
    paid_with = InvoicePaymentSerializer(allow_null=True)
    check = InvoiceCheckSerializer(allow_null=True)
    credit_notes = CreditNoteSerializer(many=True)


class InvoiceListSerializer(serializers.Serializer[Any]):
    """A page of invoices, newest first."""

    data = InvoiceSerializer(many=True)  # type: ignore[assignment]  # the name of the wire
    has_more = serializers.BooleanField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


def _file(what: str) -> dict[Any, Any]:
    return {
        (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description=f"{what}, to save."),
        304: OpenApiResponse(description="The caller has it: `If-None-Match`."),
        **problems(400, 401, 403, 404),
    }


def _id(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.UUID, OpenApiParameter.PATH, description="From the list.")


_OWNER: Final = "Only the owner reads it. Keys and applications need `payments:read` and see their own mode."
LIST: Final[dict[str, Any]] = {
    "operation_id": "list_invoices",
    "tags": ["payments"],
    "summary": "List one's invoices",
    "description": f"Pro formas and invoices, newest first. {_OWNER}",
    "parameters": [
        query("state", "Only those in this state.", enum=InvoiceState.values),
        query("from", "Made at or after this moment or day.", OpenApiTypes.STR),
        query("to", "Made before this moment or day.", OpenApiTypes.STR),
        query("limit", "Invoices of a page, 1 to 100.", OpenApiTypes.INT),
        query("cursor", "From `next` or `previous`, as it is."),
    ],
    "responses": {
        200: OpenApiResponse(
            InvoiceListSerializer,
            description="A page.",
            examples=[OpenApiExample("page", {"data": [_INVOICE], "has_more": False, "next": None, "previous": None})],
        ),
        **problems(400, 401, 403),
    },
}
GET: Final[dict[str, Any]] = {
    "operation_id": "get_invoice",
    "tags": ["payments"],
    "summary": "Read an invoice",
    "description": _OWNER,
    "parameters": [_id("invoice_id")],
    "responses": {
        200: OpenApiResponse(InvoiceSerializer, description="The invoice.", examples=[OpenApiExample("paid", _INVOICE)]),
        **problems(400, 401, 403, 404),
    },
}
PDF: Final[dict[str, Any]] = {
    "operation_id": "get_invoice_pdf",
    "tags": ["payments"],
    "summary": "Download an invoice",
    "description": f"As it was issued, in the language of `lang`; a pro forma says that it is none. {_OWNER}",
    "parameters": [_id("invoice_id")],
    "responses": _file("The invoice"),
}
CREDIT_NOTE_PDF: Final[dict[str, Any]] = {
    "operation_id": "get_credit_note_pdf",
    "tags": ["payments"],
    "summary": "Download a credit note",
    "description": f"As it was issued, in the language of `lang`. Its id stands in the invoice. {_OWNER}",
    "parameters": [_id("credit_note_id")],
    "responses": _file("The credit note"),
}
