"""One worker a payment: who takes it has it until a moment after which another may, so that no killed worker keeps any.

A lease is an optimisation. What makes a second worker harmless is written before each call: see `submit`.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.billing.choices import PaymentState
from apps.billing.models import Payment
from apps.billing.services.payments import breaker
from apps.billing.services.payments.schedule import scaled
from apps.billing.services.payments.transitions import write

# Longer than the calls of one step together: token, preparation, submit, each once more after a 401, 20 s each at most. Adapters
# wait at least a second, whatever the scale.
LEASE, LEASE_MIN = dt.timedelta(seconds=180), dt.timedelta(seconds=8)


def take(*, at: dt.datetime, payment_id: uuid.UUID | None = None) -> Payment | None:
    """The payment, or the one that is due longest, when it is due and nobody has it. None: nothing to do.

    `next_query_at` becomes the end of the lease, so that a killed worker's payment is due by itself.

    :raises RuntimeError: inside a transaction, which would be held open over the network.
    """
    is_free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    # While an operator is cut only what ends unsent needs no call.
    unsent = Q(state=PaymentState.CREATED, submitted_at__isnull=True, expires_at__lte=at)
    due = Payment.objects.filter(is_free, next_query_at__lte=at)
    due = due.filter(pk=payment_id) if payment_id else due.filter(~breaker.shut(at=at) | unsent)
    with transaction.atomic(durable=True):
        payment = _first(due)
        if payment is None and payment_id is None:
            # Whether an operator is back is found out though nothing is due: new payments wait for it.
            payment = _first(Payment.objects.filter(breaker.on_trial(at=at), is_free, next_query_at__isnull=False))
        if payment is not None:
            until = at + max(scaled(LEASE), LEASE_MIN)
            write(payment, leased_until=until, next_query_at=until)
    return payment


def _first(rows: QuerySet[Payment]) -> Payment | None:
    return rows.order_by("next_query_at").select_for_update(skip_locked=True, of=("self",)).first()


def next_after(payment: Payment, due: dt.datetime | None, *, at: dt.datetime) -> dt.datetime | None:
    """`due`, or earlier when somebody asked for haste while the worker had the payment."""
    hint = payment.next_query_at
    if hint is None or payment.leased_until is None or hint >= payment.leased_until:
        return due
    return max(at, hint) if due is None else min(due, max(at, hint))
