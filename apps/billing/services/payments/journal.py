"""What was said with operators, written before each call and completed after it, whatever becomes of the worker."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from apps.billing.choices import CallKind, ProviderCode
from apps.billing.models import Payment, ProviderCall, Refund
from apps.billing.services.payments import breaker
from apps.billing.services.payments.moments import Moment

BODY_MAX, ERROR_MAX, PATH_MAX = 4000, 120, 255
# A gateway that answers for an operator it does not reach.
_UNREACHED = {502, 503, 504}


@dataclass(frozen=True)
class CallJournal:
    """The port's journal: one row a call, each half committed at once; the circuit breaker learns how the call ended.

    Made for a payment, for a refund, or for neither (balances).
    """

    provider: ProviderCode
    moment: Moment
    payment: Payment | None = None
    refund: Refund | None = None

    def begin(self, kind: CallKind, method: str, path: str) -> int:
        """A call is about to leave.

        :raises RuntimeError: inside a transaction, which would be held open over the network.
        """
        with transaction.atomic(durable=True):
            row = ProviderCall.objects.create(
                payment=self.payment,
                refund=self.refund,
                provider=self.provider,
                kind=kind,
                order_id=self.payment.order_id if self.payment else "",
                method=method,
                path=path[:PATH_MAX],
                started_at=self.moment.now(),
            )
        return row.pk

    def end(self, call: int, *, status: int | None, body: str, error: str) -> None:
        """It came back, or did not."""
        at = self.moment.now()
        ProviderCall.objects.filter(pk=call).update(http_status=status, body=body[:BODY_MAX], error=error[:ERROR_MAX], ended_at=at)
        if status is None or status in _UNREACHED:
            breaker.note_silence(self.provider, at=at)
        else:
            breaker.note_answer(self.provider, at=at)
