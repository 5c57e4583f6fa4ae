"""Step `attributes`: what a place offers, from our own words, from OpenStreetMap tags among the extras, and from its category word."""

from __future__ import annotations

import re
from collections.abc import Mapping

from apps.catalog.choices import Attribute
from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.text import as_text

_KNOWN = frozenset(Attribute.values)
# Tag and value of OpenStreetMap → ours.
_TAGS = {
    ("wheelchair", "yes"): Attribute.ACCESSIBLE, ("internet_access", "wlan"): Attribute.WIFI, ("internet_access", "yes"): Attribute.WIFI,
    ("wifi", "yes"): Attribute.WIFI, ("delivery", "yes"): Attribute.DELIVERY, ("takeaway", "yes"): Attribute.TAKEAWAY,
    ("outdoor_seating", "yes"): Attribute.TERRACE, ("air_conditioning", "yes"): Attribute.AIR_CONDITIONING,
    ("reservation", "yes"): Attribute.RESERVATION, ("payment:cash", "yes"): Attribute.CASH,
    ("payment:credit_cards", "yes"): Attribute.CARDS, ("payment:cards", "yes"): Attribute.CARDS,
    ("payment:orange_money", "yes"): Attribute.ORANGE_MONEY, ("payment:mtn_momo", "yes"): Attribute.MTN_MOMO,
    ("payment:mobile_money", "yes"): Attribute.MOBILE_MONEY,
}  # fmt: skip
_DUTY = re.compile(r"\bde garde\b|\bon[- ]duty\b", re.IGNORECASE)


def read(value: object, extra: Mapping[str, object], raw_category: str, notes: Notes) -> tuple[str, ...]:
    """Our words, each once, in a stable order; unknown ones leave a warning."""
    found: list[str] = []
    said = value if isinstance(value, list | tuple) else (as_text(value) or "").replace(",", ";").split(";") if value is not None else ()
    for one in said:
        word = one.strip() if isinstance(one, str) else ""
        if word in _KNOWN:
            found.append(word)
        elif word or not isinstance(one, str):
            notes.dropped("attributes", "unknown_value", as_text(one) or type(one).__name__)
    for tag, given in extra.items():
        attribute = _TAGS.get((tag, given)) if isinstance(given, str) else None
        if attribute is not None and attribute.value not in found:
            found.append(attribute.value)
            notes.changed("attributes", "attributes", f"{tag}={given}", attribute.value)
    if " " in raw_category and Attribute.ON_DUTY.value not in found and _DUTY.search(raw_category):
        found.append(Attribute.ON_DUTY.value)
        notes.changed("attributes", "attributes", raw_category, Attribute.ON_DUTY.value)
    return tuple(sorted(set(found)))
