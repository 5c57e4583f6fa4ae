"""What is sold, what it costs now, and subscribing. Each path is one class."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.accounts.callers import Caller, caller_of
from apps.accounts.choices import PricingTier, Scope, UserType
from apps.accounts.models import User
from apps.accounts.selectors.entitlements import free_rights
from apps.billing.api import plan_schema as schema
from apps.billing.api.plan_bodies import EmptySerializer, SubscribeSerializer, WishSerializer
from apps.billing.api.plan_data import change_data, offers_data, pro_forma_data, quote_data, subscription_data
from apps.billing.choices import SubscriptionState
from apps.billing.constants import ANSWERS_KEPT, CURRENCY
from apps.billing.models import Subscription
from apps.billing.selectors.prices import payment_bounds, price_book
from apps.billing.selectors.subscriptions import find_quote, held_subscriptions, listing_mode, subscription_page
from apps.billing.services import subscriptions
from apps.billing.services.quotes import make_quote
from apps.billing.services.subscriptions import Subscribed
from apps.core.api.pagination import address_of
from apps.core.api.params import Params
from apps.core.api.views import ApiView
from apps.core.clock import now
from apps.core.idempotency import answer_once, require_key


class PlansView(ApiView):
    """What is offered."""

    @extend_schema(**schema.PLANS)
    def get(self, request: Request) -> HttpResponse:
        """Plans with the prices of the caller's tier."""
        user = caller_of(request).user
        tier = user.pricing_tier if user else PricingTier.STANDARD
        offers = price_book(tier=tier, at=now())
        rows = offers_data(offers, free_account=free_rights(user.user_type if user else UserType.INDIVIDUAL))
        page = {"has_more": False, "next": None, "previous": None}
        return JsonResponse({"data": rows, "tier": str(tier), "currency": CURRENCY, "tax_included": True, **page})


class QuotesView(ApiView):
    """POST of a wish."""

    @extend_schema(**schema.QUOTE)
    def post(self, request: Request) -> HttpResponse:
        """Say what it costs now."""
        caller = caller_of(request)
        user = caller.require(Scope.PAYMENTS_WRITE)
        raw: bytes = _django(request).body
        body = WishSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wish, at = body.validated_data, now()

        def answer() -> HttpResponse:
            quote = make_quote(user=user, livemode=_mode(caller, wish.get("resource_id")), at=at, **wish)
            return JsonResponse(quote_data(quote, bounds=payment_bounds()), status=201)

        return answer_once(_django(request), caller=caller.identity, body=raw, at=at, answer=answer)


class SubscribeView(ApiView):
    """POST of a subscription."""

    @extend_schema(**schema.SUBSCRIBE)
    def post(self, request: Request) -> HttpResponse:
        """Subscribe, renew or change; what is due is the pro forma's."""
        caller = caller_of(request)
        user = caller.require(Scope.PAYMENTS_WRITE)
        require_key(_django(request))
        raw: bytes = _django(request).body
        body = SubscribeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        at = now()

        def answer() -> HttpResponse:
            given = _completed(user, body.validated_data)
            found = subscriptions.subscribe(user=user, livemode=_mode(caller, given.get("resource_id")), at=at, **given)
            return JsonResponse(_subscribed(found, language=self.language), status=201)

        return answer_once(_django(request), caller=caller.identity, body=raw, at=at, answer=answer, kept_for=ANSWERS_KEPT)


class SubscriptionListView(ApiView):
    """The caller's subscriptions."""

    read_scope = Scope.PAYMENTS_READ.value
    reads_query = True

    @extend_schema(**schema.LIST)
    def get(self, request: Request) -> HttpResponse:
        """A page, newest first."""
        caller = caller_of(request)
        user = caller.require(Scope.PAYMENTS_READ)
        params = Params(_django(request).GET)
        limit, state = params.limit(), params.choice("state", SubscriptionState.values)
        after = params.uuid("cursor")
        params.finish()
        rows, following = subscription_page(
            user, livemode=None if caller.is_in_person else caller.livemode, state=state, after=after, limit=limit
        )
        data = [subscription_data(held, language=self.language) for held in rows]
        address = f"{address_of(_django(request), limit=limit)}&cursor={following}" if following else None
        return JsonResponse({"data": data, "has_more": address is not None, "next": address, "previous": None})


class _DecisionView(ApiView):
    """POST of a decision about one subscription; harmless when repeated."""

    def _decide(self, request: Request, subscription_id: uuid.UUID, decide: Callable[..., Subscription]) -> HttpResponse:
        caller = caller_of(request)
        user = caller.require(Scope.PAYMENTS_WRITE)
        raw: bytes = _django(request).body
        EmptySerializer(data=request.data or {}).is_valid(raise_exception=True)
        at = now()

        def answer() -> HttpResponse:
            livemode = None if caller.is_in_person else caller.livemode
            one = decide(user=user, subscription_id=subscription_id, livemode=livemode, at=at)
            return JsonResponse(subscription_data(held_subscriptions([one])[0], language=self.language))

        return answer_once(_django(request), caller=caller.identity, body=raw, at=at, answer=answer)


class CancelView(_DecisionView):
    """Ending it."""

    @extend_schema(**schema.CANCEL)
    def post(self, request: Request, subscription_id: uuid.UUID) -> HttpResponse:
        """Let it end with its paid period."""
        return self._decide(request, subscription_id, subscriptions.cancel)


class ResumeView(_DecisionView):
    """Keeping it."""

    @extend_schema(**schema.RESUME)
    def post(self, request: Request, subscription_id: uuid.UUID) -> HttpResponse:
        """Take a cancellation back."""
        return self._decide(request, subscription_id, subscriptions.resume)


def _django(request: Request) -> HttpRequest:
    django_request: HttpRequest = request._request  # noqa: SLF001  DRF's way to Django's request
    return django_request


def _mode(caller: Caller, resource_id: uuid.UUID | None) -> bool:
    """Live or test: a key's own mode; in person that of the listing, or live."""
    if caller.user is None or resource_id is None or not caller.is_in_person:
        return caller.livemode
    return listing_mode(caller.user, resource_id)


def _completed(user: User, body: dict[str, Any]) -> dict[str, Any]:
    """A quote alone says what it is for."""
    if "product" in body:
        return body
    quote = find_quote(user, body["quote_id"])
    return {**body, "product": quote.price.product, "period": quote.price.period, "resource_id": quote.resource_id}


def _subscribed(found: Subscribed, *, language: str) -> dict[str, Any]:
    bounds = payment_bounds()
    held = held_subscriptions([found.subscription])[0]
    return {
        "subscription": subscription_data(held, language=language),
        "invoice": None if found.invoice is None else pro_forma_data(found.invoice, bounds=bounds),
        "change": change_data(found.change),
    }
