"""Fixed numbers and words of the catalogue."""

from __future__ import annotations

import re

from apps.catalog.choices import ListingPlan, ListingRight

# First path segments of the site (contracts, section 12) and of the API: no city, category or entry may take them.
RESERVED_SLUGS = (
    "admin", "aller", "api", "c", "compte", "credits", "developpeurs", "en", "fiche", "fr", "gestion", "health", "ingest", "legal", "media",
    "metrics", "problems", "recherche", "recu", "regions", "static",
    "tarifs",
)  # fmt: skip

# Box of Cameroon (south, west, north, east), degrees; an import accepts 0.2 degree around it.
COUNTRY_BOXES = {"CM": (1.65, 8.38, 13.09, 16.20)}
BOX_TOLERANCE_DEGREES = 0.2

# Control characters, with what turns the direction of writing around: a name could show another one than it is.
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")

LANGUAGES = ("fr", "en")

# What an entry has without paying (contracts, section 3).
FREE_LISTING_RIGHTS: dict[ListingRight, int] = {
    ListingRight.PHOTOS: 5,
    ListingRight.OFFERS: 0,
    ListingRight.NO_COMPETITORS: 0,
    ListingRight.RANK_WEIGHT: 0,
    ListingRight.FEATURED_LABEL: 0,
}
# The plan that an entry shows, by its rank weight; a heavier one shows the last.
PLANS_BY_WEIGHT = (ListingPlan.FREE, ListingPlan.PREMIUM, ListingPlan.FEATURED)
