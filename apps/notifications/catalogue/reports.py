"""Reports, summaries, digests and news."""

from __future__ import annotations

from apps.notifications.catalogue.kinds import LINK, Message
from apps.notifications.choices import Category, Channel

_ITEMS = [{"title": "La fiche « Chez Awa » est en ligne", "url": LINK}, {"title": "80 % de vos appels du mois sont utilisés", "url": LINK}]

REPORTS = (
    Message(
        "report_ready", Category.REPORTS, event="analytics.report_ready", private=frozenset({"download_url"}),
        sample={"report": "Vues par ville", "download_url": LINK, "url": LINK},
    ),
    Message(
        "report_failed", Category.REPORTS, event="analytics.report_failed",
        sample={"report": "Vues par ville", "scheduled": True, "url": LINK},
    ),
    Message(
        "weekly_summary", Category.REPORTS, event="(chaque lundi)",
        sample={
            "first": "2026-11-16", "last": "2026-11-22", "listings": 2, "views": 412, "views_before": 380, "contacts": 37,
            "contacts_before": 41, "best": "Chez Awa", "url": LINK,
        },
    ),
    Message(
        "digest", Category.REPORTS, event="(chaque matin à huit heures)", is_listed=False,
        sample={"count": 2, "items": _ITEMS, "categories": ["listing", "api"]},
    ),
)  # fmt: skip
NEWS = (
    Message(
        "announcement", Category.NEWS, event="(envoi de l’équipe)",
        sample={"subject": "Vos fiches ont des statistiques", "paragraphs": ["Elles montrent leurs vues.", "C’est gratuit."], "url": LINK},
    ),
    Message(
        "announcement_text", Category.NEWS, event="(envoi de l’équipe)", channel=Channel.SMS,
        sample={"subject": "Vos fiches ont des statistiques", "paragraphs": ["Elles montrent leurs vues.", "C’est gratuit."], "url": LINK},
    ),
)  # fmt: skip
