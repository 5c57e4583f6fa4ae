"""Paying by Mobile Money, and asking how a payment stands."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.accounts.callers import caller_of
from apps.accounts.choices import Scope
from apps.billing.api import schema
from apps.billing.api.bodies import MobileMoneySerializer
from apps.billing.choices import Operator
from apps.billing.constants import ANSWERS_KEPT
from apps.billing.models import Payment
from apps.billing.selectors.payments import look_at, payment_of
from apps.billing.services import payments
from apps.core.api.views import ApiView
from apps.core.clock import now
from apps.core.idempotency import answer_once, require_key


class MobileMoneyView(ApiView):
    """POST of a payment."""

    @extend_schema(**schema.MOBILE_MONEY)
    def post(self, request: Request) -> HttpResponse:
        """Commit a payment; a worker asks the operator. No call waits for one."""
        caller = caller_of(request)
        user = caller.require(Scope.PAYMENTS_WRITE)
        django_request = request._request  # noqa: SLF001  DRF's way to Django's request
        require_key(django_request)
        raw = django_request.body
        body = MobileMoneySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given, at = body.validated_data, now()

        def answer() -> HttpResponse:
            operator = given.get("operator")
            payment = payments.start(
                invoice_id=given["invoice_id"],
                user=user,
                operator=Operator(operator) if operator else None,
                phone=given["phone"],
                livemode=caller.livemode,
                at=at,
            )
            response = JsonResponse(payment_data(payment, at=at), status=202)
            response["Location"] = _address(django_request, payment)
            return response

        return answer_once(django_request, caller=caller.identity, body=raw, at=at, answer=answer, kept_for=ANSWERS_KEPT)


class PaymentView(ApiView):
    """One payment."""

    @extend_schema(**schema.PAYMENT)
    def get(self, request: Request, payment_id: uuid.UUID) -> HttpResponse:
        """How it stands, as our row says; nobody is asked."""
        caller = caller_of(request)
        user = caller.require(Scope.PAYMENTS_READ)
        payment = payment_of(user=user, payment_id=payment_id, livemode=caller.livemode)
        at = now()
        response = JsonResponse(payment_data(payment, at=at))
        wait = look_at(payment, at=at).poll_after_s
        if wait is not None:
            response["Retry-After"] = str(wait)
        return response


def payment_data(payment: Payment, *, at: dt.datetime) -> dict[str, Any]:
    """A payment as its payer gets it. The number is his own; nothing of the operator's secrets is in it."""
    seen = look_at(payment, at=at)
    return {
        "id": str(payment.pk), "invoice_id": str(payment.invoice_id), "livemode": payment.livemode, "state": str(payment.state),
        "sentence": seen.sentence, "reason": (None if payment.mismatch else str(payment.reason)) or None,
        "amount": payment.amount, "currency": payment.currency,
        "operator": str(payment.operator), "phone": payment.msisdn, "instructions": seen.instructions, "ussd_code": seen.ussd_code or None,
        "page_url": seen.page_url or None, "poll_after": seen.poll_after_s, "may_retry": seen.may_retry,
        "late_success": payment.late_success, "refunded_amount": payment.refunded_amount, "created_at": payment.created_at,
        "expires_at": payment.expires_at, "finished_at": payment.finished_at,
    }  # fmt: skip


def _address(request: HttpRequest, payment: Payment) -> str:
    return request.build_absolute_uri(reverse("v1:payment", kwargs={"payment_id": payment.pk}))
