"""Reports, summaries and digests."""

from __future__ import annotations

from apps.notifications.catalogue.kinds import LINK, Message
from apps.notifications.choices import Category

_ITEMS = [{"title": "La fiche « Chez Awa » est en ligne", "url": LINK}, {"title": "80 % de vos appels du mois sont utilisés", "url": LINK}]

REPORTS = (
    Message(
        "digest", Category.REPORTS, event="(chaque matin à huit heures)", is_listed=False,
        sample={"count": 2, "items": _ITEMS, "categories": ["listing", "api"]},
    ),
)  # fmt: skip
