"""What the OpenAPI document says of plans, quotes and subscriptions. Shapes only: the services decide and explain."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from apps.accounts.choices import PricingTier
from apps.billing.api.invoice_schema import BillSerializer
from apps.billing.api.plan_bodies import EmptySerializer, SubscribeSerializer, WishSerializer
from apps.billing.choices import ChangeState, Period, Product, Purpose, SubscriptionState
from apps.core.api.openapi import ANYBODY, IDEMPOTENCY_KEY, LANG, header, problem, problems, query

_ID: Final = "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d90"
_LISTING: Final = "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d77"
_TARGETS: Final = [("listing", "listing"), ("account", "account")]
_METHODS: Final = [("mobile_money", "mobile_money"), ("bank_transfer", "bank_transfer")]
_PLAN: Final[dict[str, Any]] = {
    "product": "listing_featured", "target": "listing", "plan": "featured", "name": "À la une",
    "prices": [{"period": "month", "amount": 7500, "currency": "XAF"}, {"period": "year", "amount": 75000, "currency": "XAF"}],
    "rights": [{"key": "photos", "value": 40, "label": "Photos"}],
}  # fmt: skip
_QUOTE: Final[dict[str, Any]] = {
    "id": _ID, "purpose": "change", "product": "listing_featured", "period": "month", "resource_id": _LISTING,
    "subscription_id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d11", "takes_effect": "now", "amount": 7500, "unused_value": 834,
    "carried_over": 0, "rounding": 1, "credit_used": 0, "amount_due": 6665, "postponed": 0, "credit_given": 0, "currency": "XAF",
    "payment_methods": ["mobile_money", "bank_transfer"], "period_start": "2026-12-16T09:00:00Z", "period_end": "2027-01-16T09:00:00Z",
    "livemode": True, "created_at": "2026-12-16T09:00:00Z", "expires_at": "2026-12-16T09:15:00Z",
}  # fmt: skip
_SUBSCRIPTION: Final[dict[str, Any]] = {
    "id": _ID, "product": "listing_premium", "target": "listing", "plan": "premium", "period": "month", "state": "active", "amount": 2500,
    "currency": "XAF", "resource": {"id": _LISTING, "slug": "exemple-saveurs-du-wouri", "name": "Exemple – Saveurs du Wouri"},
    "livemode": True, "started_at": "2026-11-26T09:00:00Z", "period_start": "2026-11-26T09:00:00Z", "period_end": "2026-12-26T09:00:00Z",
    "rights_end": "2027-01-02T09:00:00Z", "cancel_at_period_end": False,
    "next_payment": {"due_at": "2026-12-26T09:00:00Z", "amount": 2500, "currency": "XAF"}, "open_invoice_id": None, "change": None,
    "ended_at": None, "end_reason": None, "created_at": "2026-11-26T08:58:00Z",
}  # fmt: skip
_INVOICE: Final[dict[str, Any]] = {
    "id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d22", "number": None, "pro_forma_number": "PF-2026-000012", "state": "open",
    "purpose": "subscribe", "total": 2500, "net": 2096, "vat": 404, "credit_used": 0, "amount_due": 2500, "currency": "XAF",
    "payment_methods": ["mobile_money", "bank_transfer"], "created_at": "2026-11-26T08:58:00Z", "lapses_at": "2026-12-26T08:58:00Z",
}  # fmt: skip


class PlanPriceSerializer(serializers.Serializer[Any]):
    """What a period costs, tax included."""

    period = serializers.ChoiceField(choices=Period.choices)
    amount = serializers.IntegerField(help_text="Whole francs, with tax.")
    currency = serializers.CharField()


class PlanRightSerializer(serializers.Serializer[Any]):
    """A right that a plan gives. Programs go by `key`; 1 says yes where nothing is counted."""

    key = serializers.CharField()
    value = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name of the wire


class PlanSerializer(serializers.Serializer[Any]):
    """A plan. The free one is no product and has no prices."""

    product = serializers.ChoiceField(choices=Product.choices, allow_null=True)
    target = serializers.ChoiceField(choices=_TARGETS)
    plan = serializers.CharField()
    name = serializers.CharField()
    prices = PlanPriceSerializer(many=True)
    rights = PlanRightSerializer(many=True)


class PlanListSerializer(serializers.Serializer[Any]):
    """Every plan on offer, with the prices of one tier."""

    data = PlanSerializer(many=True)  # type: ignore[assignment]  # the name of the wire
    tier = serializers.ChoiceField(choices=PricingTier.choices)
    currency = serializers.CharField()
    tax_included = serializers.BooleanField()
    has_more = serializers.BooleanField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class QuoteSerializer(serializers.Serializer[Any]):
    """What a wish costs now, in francs.

    `amount` + `carried_over` − `unused_value` + `credit_given` − `rounding` − `postponed` is `credit_used` + `amount_due`.
    """

    id = serializers.UUIDField()
    purpose = serializers.ChoiceField(choices=Purpose.choices)
    product = serializers.ChoiceField(choices=Product.choices)
    period = serializers.ChoiceField(choices=Period.choices)
    resource_id = serializers.UUIDField(allow_null=True)
    subscription_id = serializers.UUIDField(allow_null=True)
    takes_effect = serializers.ChoiceField(choices=[("now", "now"), ("at_period_end", "at_period_end")])
    amount = serializers.IntegerField(help_text="The new period's price, tax included.")
    unused_value = serializers.IntegerField(help_text="What is left of the period that it replaces, rounded up.")
    carried_over = serializers.IntegerField(help_text="What earlier changes left to be paid.")
    rounding = serializers.IntegerField(help_text="Given away, so that what is due is a multiple of 5.")
    credit_used = serializers.IntegerField()
    amount_due = serializers.IntegerField()
    postponed = serializers.IntegerField(help_text="Too little for any operator: charged with the next invoice.")
    credit_given = serializers.IntegerField(help_text="What is left beyond the new price: your credit.")
    currency = serializers.CharField()
    payment_methods = serializers.ListField(child=serializers.ChoiceField(choices=_METHODS))
    period_start = serializers.DateTimeField()
    period_end = serializers.DateTimeField()
    livemode = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class SubscribedListingSerializer(serializers.Serializer[Any]):
    """The listing that is paid for."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class NextPaymentSerializer(serializers.Serializer[Any]):
    """The payment that comes next."""

    due_at = serializers.DateTimeField()
    amount = serializers.IntegerField()
    currency = serializers.CharField()


class PlanChangeSerializer(serializers.Serializer[Any]):
    """A change that waits."""

    takes_effect = serializers.ChoiceField(choices=[("when_paid", "when_paid"), ("at_period_end", "at_period_end")])
    product = serializers.ChoiceField(choices=Product.choices)
    period = serializers.ChoiceField(choices=Period.choices)
    amount = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ChangeState.choices)
    created_at = serializers.DateTimeField()


class SubscriptionSerializer(serializers.Serializer[Any]):
    """A plan that is, was or will be paid for. `rights_end` is the end of the paid period and its grace."""

    id = serializers.UUIDField()
    product = serializers.ChoiceField(choices=Product.choices)
    target = serializers.ChoiceField(choices=_TARGETS)
    plan = serializers.CharField()
    period = serializers.ChoiceField(choices=Period.choices)
    state = serializers.ChoiceField(choices=SubscriptionState.choices)
    amount = serializers.IntegerField(help_text="What a period costs this subscriber, tax included.")
    currency = serializers.CharField()
    resource = SubscribedListingSerializer(allow_null=True)
    livemode = serializers.BooleanField()
    started_at = serializers.DateTimeField(allow_null=True)
    period_start = serializers.DateTimeField(allow_null=True)
    period_end = serializers.DateTimeField(allow_null=True)
    rights_end = serializers.DateTimeField(allow_null=True)
    cancel_at_period_end = serializers.BooleanField()
    next_payment = NextPaymentSerializer(allow_null=True)
    open_invoice_id = serializers.UUIDField(allow_null=True)
    change = PlanChangeSerializer(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class SubscriptionListSerializer(serializers.Serializer[Any]):
    """A page of subscriptions, newest first."""

    data = SubscriptionSerializer(many=True)  # type: ignore[assignment]  # the name of the wire
    has_more = serializers.BooleanField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class ProFormaSerializer(BillSerializer):
    """What has to be paid, and how. A paid one was covered by credit."""

    payment_methods = serializers.ListField(child=serializers.ChoiceField(choices=_METHODS))


class SubscribedSerializer(serializers.Serializer[Any]):
    """What a wish came to. Without an invoice nothing is due now: the change comes with the next period."""

    subscription = SubscriptionSerializer()
    invoice = ProFormaSerializer(allow_null=True)
    change = PlanChangeSerializer(allow_null=True)


_REFUSED = {
    **problems(400, 401, 403, 404, 410, 411, 413, 415, 422),
    **problem(
        409, "The listing cannot use a plan, somebody else pays for it, or the quote is over or outdated; `code` says which.",
        "listing_not_payable",
    ),
}  # fmt: skip
_KEY = header(
    "Idempotency-Key",
    "Any text of the caller's, new for each subscription: the same request sent again gets the stored answer, for 30 days.",
    required=True,
)
_WHICH = OpenApiParameter("subscription_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="From the list of subscriptions.")

PLANS: Final[dict[str, Any]] = {
    "operation_id": "list_plans",
    "tags": ["payments"],
    "summary": "List plans and prices",
    "description": "Plans of listings and of accounts, what each gives, and what it costs the caller's tier, tax included. Who already "
    "subscribes keeps the price that he subscribed at.",
    "auth": ANYBODY,
    "parameters": [LANG],
    "responses": {
        200: OpenApiResponse(
            PlanListSerializer,
            description="Every plan.",
            examples=[
                OpenApiExample(
                    "plans",
                    {
                        "data": [_PLAN], "tier": "standard", "currency": "XAF", "tax_included": True, "has_more": False, "next": None,
                        "previous": None,
                    },
                )
            ],
        ),
        **problems(400, 401, 403),
    },
}  # fmt: skip
QUOTE: Final[dict[str, Any]] = {
    "operation_id": "make_quote",
    "tags": ["payments"],
    "summary": "Ask what a plan costs now",
    "description": "A first subscription, a renewal or a change, whichever it is, to the franc. Good for 15 minutes: send its id to "
    "`/payments/subscribe` and exactly that is charged. Costs nothing and changes nothing.",
    "parameters": [IDEMPOTENCY_KEY],
    "request": WishSerializer,
    "responses": {
        201: OpenApiResponse(
            QuoteSerializer,
            description="The quote.",
            examples=[OpenApiExample("quote", _QUOTE, response_only=True, status_codes=["201"])],
        ),
        **_REFUSED,
    },
    "examples": [
        OpenApiExample("wish", {"product": "listing_featured", "period": "month", "resource_id": _LISTING}, request_only=True)
    ],
}  # fmt: skip
SUBSCRIBE: Final[dict[str, Any]] = {
    "operation_id": "subscribe",
    "tags": ["payments"],
    "summary": "Subscribe, renew or change",
    "description": "Makes a subscription, or a change of the one there is, and its pro forma invoice; pay that with "
    "`/payments/mobile-money`. A dearer plan begins when it is paid, a cheaper one with the next period (`invoice` is null then). Asking "
    "for the same again gives the same open invoice. Only the owner of a listing may pay for it; test keys subscribe test listings.",
    "parameters": [_KEY],
    "request": SubscribeSerializer,
    "responses": {
        201: OpenApiResponse(
            SubscribedSerializer,
            description="The subscription, and what to pay.",
            examples=[
                OpenApiExample(
                    "subscribed",
                    {
                        "subscription": {
                            **_SUBSCRIPTION, "state": "pending", "started_at": None, "period_start": None, "period_end": None,
                            "rights_end": None, "open_invoice_id": _INVOICE["id"],
                        },
                        "invoice": _INVOICE, "change": None,
                    },
                    response_only=True, status_codes=["201"],
                )
            ],
        ),
        **_REFUSED,
        **problem(503, "No seller is named yet who could write invoices.", "seller_missing"),
    },
    "examples": [
        OpenApiExample("plan", {"product": "listing_premium", "period": "month", "resource_id": _LISTING}, request_only=True),
        OpenApiExample("quote", {"quote_id": _ID}, request_only=True),
    ],
}  # fmt: skip
LIST: Final[dict[str, Any]] = {
    "operation_id": "list_subscriptions",
    "tags": ["payments"],
    "summary": "List subscriptions",
    "description": "The caller's subscriptions, newest first, ended ones included. A key sees those of its mode.",
    "parameters": [
        query("limit", "Rows of a page, 1 to 100.", OpenApiTypes.INT),
        query("cursor", "From `next`."),
        query("state", "Only those in this state.", enum=SubscriptionState.values),
    ],
    "responses": {
        200: OpenApiResponse(
            SubscriptionListSerializer,
            description="A page.",
            examples=[OpenApiExample("page", {"data": [_SUBSCRIPTION], "has_more": False, "next": None, "previous": None})],
        ),
        **problems(400, 401, 403),
    },
}


def _decision(operation: str, summary: str, description: str, *, is_cancelled: bool) -> dict[str, Any]:
    shown = {**_SUBSCRIPTION, "cancel_at_period_end": is_cancelled}
    if is_cancelled:
        shown |= {"rights_end": _SUBSCRIPTION["period_end"], "next_payment": None, "end_reason": "cancelled"}
    return {
        "operation_id": operation,
        "tags": ["payments"],
        "summary": summary,
        "description": description,
        "parameters": [_WHICH, IDEMPOTENCY_KEY],
        "request": EmptySerializer,
        "responses": {
            200: OpenApiResponse(
                SubscriptionSerializer,
                description="As it is now.",
                examples=[OpenApiExample("subscription", shown, response_only=True, status_codes=["200"])],
            ),
            **problems(400, 401, 403, 404, 409, 411, 413, 415, 422),
        },
        "examples": [OpenApiExample("nothing", {}, request_only=True)],
    }


CANCEL: Final[dict[str, Any]] = _decision(
    "cancel_subscription",
    "Cancel a subscription",
    "It ends with its paid period, whose rights stay until then; one that was never paid ends at once. Harmless when repeated. 409 while "
    "a payment for it is running.",
    is_cancelled=True,
)
RESUME: Final[dict[str, Any]] = _decision(
    "resume_subscription",
    "Resume a subscription",
    "Takes a cancellation back, while the paid period lasts. Harmless when there is none. 409 once it is over.",
    is_cancelled=False,
)
