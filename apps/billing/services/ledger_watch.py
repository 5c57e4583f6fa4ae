"""Looks at the books every night, and raises an alarm when they differ."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction

from apps.billing.events import ledger_differs
from apps.billing.selectors.ledger_proofs import Proof, prove_ledger
from apps.billing.services.alarms import ALARMS
from apps.core import events

logger = structlog.get_logger(__name__)


def watch_ledger(*, at: dt.datetime) -> int:
    """Prove everything; returns the number of differences, which are logged, counted as an alarm, and published as one event."""
    broken: list[Proof] = []
    for proof in prove_ledger():
        if proof.differences:
            logger.error("ledger_differs", proof=proof.name.value, differences=proof.differences)
            broken.append(proof)
    if broken:
        ALARMS.labels("ledger", "differs").inc()
        with transaction.atomic():
            events.publish(ledger_differs, key="ledger", proofs=[proof.name.value for proof in broken], at=at.isoformat())
    else:
        logger.info("ledger_proved")
    return sum(len(proof.differences) for proof in broken)
