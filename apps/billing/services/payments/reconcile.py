"""Whatever is due, one payment at a time: also what a killed worker left. Any number of workers may do it at once."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass

import structlog

from apps.billing.choices import ProviderCode
from apps.billing.providers.registry import provider as provider_with
from apps.billing.services.payments.advance import open_stuck_cases, perform
from apps.billing.services.payments.leases import take
from apps.billing.services.payments.moments import Moment

logger = structlog.get_logger(__name__)

BATCH, BUDGET_S = 200, 20.0


@dataclass(frozen=True)
class Reconciled:
    """How many payments were advanced, broke our own code, and were put before people."""

    done: int = 0
    broken: int = 0
    stuck: int = 0


def reconcile(*, at: dt.datetime, limit: int = BATCH, budget_s: float = BUDGET_S) -> Reconciled:
    """Advance what is due.

    :param budget_s: seconds after which no other payment is taken.
    :raises RuntimeError: inside a transaction.
    """
    moment = Moment(at)
    deadline = time.monotonic() + budget_s
    done, broken = 0, 0
    while done + broken < limit and time.monotonic() < deadline:
        payment = take(at=moment.now())
        if payment is None:
            break
        try:
            perform(payment, provider=provider_with(ProviderCode(payment.provider)), moment=moment)
        except Exception:  # one payment that we cannot handle must not keep the others from theirs; its lease brings it back
            logger.exception("payment_step_failed", payment=str(payment.pk))
            broken += 1
        else:
            done += 1
    return Reconciled(done, broken, open_stuck_cases(at=moment.now()))
