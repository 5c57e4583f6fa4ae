"""Having a phone ring again under the same token, where an operator offers it: the same prompt, never a second payment."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from apps.billing import events
from apps.billing.choices import PaymentState, ProviderCode
from apps.billing.models import Payment
from apps.billing.providers.registry import provider as provider_with
from apps.billing.services.payments import breaker
from apps.billing.services.payments.advance import hasten
from apps.billing.services.payments.charges import charge_of
from apps.billing.services.payments.journal import CallJournal
from apps.billing.services.payments.moments import Moment
from apps.billing.services.payments.schedule import scaled
from apps.billing.services.payments.transitions import note, with_fresh
from apps.core.events import publish

# A phone that rings without end is no help, nor is a person who clicks without end.
AGAIN_AFTER, NUDGES_MAX = dt.timedelta(seconds=60), 3
ASKED, DONE = "nudge_asked", "nudge"


def can_be_nudged(payment: Payment, *, at: dt.datetime) -> bool:
    """Whether its operator can ring again, while the payer still may answer. No statement."""
    is_waiting = payment.state == PaymentState.PENDING and not payment.mismatch and at < payment.expires_at
    return is_waiting and payment.provider == ProviderCode.ORANGE_MP and bool(payment.provider_token)


def ask_to_nudge(*, payment_id: uuid.UUID, at: dt.datetime) -> bool:
    """Have a worker ring again; once a minute, three times at most. False: not now, or not there."""

    def decide(payment: Payment) -> bool:
        # Held, so that two clicks are one.
        Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
        asked = list(payment.events.filter(cause=ASKED).order_by("-at").values_list("at", flat=True)[:NUDGES_MAX])
        is_soon = bool(asked) and at < asked[0] + scaled(AGAIN_AFTER)
        if not can_be_nudged(payment, at=at) or is_soon or len(asked) >= NUDGES_MAX:
            return False
        note(payment, cause=ASKED, at=at)
        publish(events.nudge_asked, key=payment.pk, payment_id=str(payment.pk))
        return True

    return with_fresh(payment_id, decide)


def nudge(*, payment_id: uuid.UUID, at: dt.datetime) -> bool:
    """Ring again, and look at the payment soon after. What the operator says of it moves nothing; a query does.

    :raises RuntimeError: inside a transaction, which would be held open over the network.
    """
    payment = Payment.objects.select_related("invoice").get(pk=payment_id)
    code, moment = ProviderCode(payment.provider), Moment(at)
    if not can_be_nudged(payment, at=at) or breaker.wait_for_call(code, at=at) is not None:
        return False
    submission = provider_with(code).nudge(charge_of(payment, payment.invoice), CallJournal(code, moment, payment))
    with transaction.atomic():
        note(payment, cause=f"{DONE}:{submission.outcome.value}", detail=submission.raw_reason, at=moment.now())
    hasten(payment_id=payment_id, at=moment.now())
    return True
