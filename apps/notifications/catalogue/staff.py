"""What the staff is told."""

from __future__ import annotations

from functools import partial

from apps.notifications.catalogue.kinds import LINK, Message
from apps.notifications.choices import Category

_Staff = partial(Message, category=Category.STAFF)

STAFF = (
    _Staff(
        "source_paused", event="ingestion.source_paused",
        sample={"source": "Annuaire", "reason": "Trop de refus : 12 % acceptés.", "url": LINK},
    ),
    _Staff(
        "ledger_differs", event="billing.ledger_differs", is_urgent=True,
        sample={"proofs": "la balance générale est nulle", "url": LINK},
    ),
    _Staff(
        "operator_alarm", event="billing.operator_alarm", is_urgent=True,
        sample={"operator": "MTN MoMo", "what": "silent", "detail": "", "url": LINK},
    ),
    _Staff(
        "deliveries_failing", event="(chaque cinq minutes)", is_urgent=True,
        sample={"channel": "E-mail", "failed": 34, "tried": 120, "percent": 28, "runbook": LINK, "url": LINK},
    ),
    _Staff(
        "beat_silent", event="(sonde /health/ready et chaque cinq minutes)", is_urgent=True,
        sample={"task": "sweep-deliveries", "minutes": 12, "runbook": LINK, "url": LINK},
    ),
    _Staff("billing_case", event="billing.case_opened", sample={"kind": "Montant différent", "url": LINK}),
)  # fmt: skip
