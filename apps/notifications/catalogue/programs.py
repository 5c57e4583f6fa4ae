"""Messages about keys, quotas, applications and webhooks."""

from __future__ import annotations

from functools import partial

from apps.notifications.catalogue.kinds import LINK, Message
from apps.notifications.choices import Category

_Api = partial(Message, category=Category.API)

PROGRAMS = (
    _Api(
        "quota_reached", event="accounts.quota_reached",
        sample={"percent": 80, "used": 800, "quota": 1000, "forecast": "2026-11-28", "url": LINK},
    ),
    _Api(
        "application_reviewed", event="accounts.application_reviewed",
        sample={"application": "Agenda", "state": "refused", "note": "Le site ne répond pas.", "url": LINK},
    ),
    _Api(
        "key_expiring", event="(chaque heure)",
        sample={
            "key_name": "Application mobile", "key_shown": "romapi_live_4fQ2…9xKa", "days": 7, "end": "2026-12-01T09:00:00+00:00",
            "url": LINK,
        },
    ),
    _Api(
        "webhook_failing", event="notifications.endpoint_failing",
        sample={"address": "https://exemple.cm/webhooks", "failures": 5, "since": "2026-11-26T09:00:00+00:00", "limit": 20, "url": LINK},
    ),
    _Api(
        "webhook_disabled", event="notifications.endpoint_disabled", is_urgent=True,
        sample={
            "address": "https://exemple.cm/webhooks", "failures": 20, "since": "2026-11-25T09:00:00+00:00", "is_gone": False, "url": LINK,
        },
    ),
)  # fmt: skip
