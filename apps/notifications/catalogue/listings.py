"""What owners are told of their listings, and partners of their imports."""

from __future__ import annotations

from functools import partial

from apps.notifications.catalogue.kinds import LINK, OWNERS_CHAIN, Message
from apps.notifications.choices import Category

_Moderation = partial(Message, category=Category.MODERATION, event="catalog.resource_standing_changed")
_LISTING = {"listing": "Chez Awa", "url": LINK}
_REFUSAL = _LISTING | {"reason": "Informations insuffisantes", "note": "Ajoutez le quartier et un numéro de téléphone."}

LISTINGS = (
    _Moderation("listing_published", chain=OWNERS_CHAIN, sample=_LISTING),
    _Moderation("listing_rejected", chain=OWNERS_CHAIN, sample=_REFUSAL),
    _Moderation("listing_suspended", sample=_REFUSAL),
    _Moderation("listing_restored", sample=_LISTING),
    _Moderation("listing_archived", sample=_REFUSAL),
    Message("listing_merged", Category.LISTING, event="catalog.resource_merged", sample=_LISTING | {"survivor": "Chez Awa, Akwa"}),
    Message("listing_unmerged", Category.LISTING, event="catalog.resource_unmerged", sample=_LISTING),
    Message("listing_verified", Category.LISTING, event="catalog.resource_verified", sample=_LISTING),
    Message(
        "batch_rejected", Category.INGESTION, event="ingestion.batch_mostly_rejected",
        sample={"source": "Annuaire", "received": 1200, "rejected": 340, "url": LINK},
    ),
)  # fmt: skip
