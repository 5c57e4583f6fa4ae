"""Where the ways out of a listing's page lead: to what is stored with it, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _

# The last part of `aller/<slug>/<way>/`.
WHATSAPP, SITE, DIRECTIONS = "whatsapp", "site", "itineraire"


def target_of(way: str, listing: Mapping[str, Any], *, page_address: str) -> str:
    """The address behind a way of a listing (the JSON of its detail), "" when it has none."""
    if way == WHATSAPP:
        return whatsapp_url(listing, page_address)
    if way == SITE:
        return str(listing["website"] or "")
    return directions_url(listing) if way == DIRECTIONS else ""


def ways_of(listing: Mapping[str, Any]) -> dict[str, str]:
    """Addresses of ours that lead to the ways that it has, counting who takes them; "" for the others."""
    targets = {way: target_of(way, listing, page_address="") for way in (WHATSAPP, SITE, DIRECTIONS)}
    return {way: reverse("web:leave", args=[listing["slug"], way]) if target else "" for way, target in targets.items()}


def whatsapp_url(listing: Mapping[str, Any], page_address: str) -> str:
    """`wa.me` takes digits only, and a text that tells the owner where the visitor comes from."""
    if not listing["whatsapp"] or listing["is_fictional"]:
        return ""
    text = _("Bonjour %(name)s, je vous écris depuis votre fiche Ecosyste : %(url)s") % {"name": listing["name"], "url": page_address}
    return f"https://wa.me/{listing['whatsapp'].lstrip('+')}?text={quote(text, safe='')}"


def directions_url(listing: Mapping[str, Any]) -> str:
    """OpenStreetMap's directions: no account, no tracker, opens in a browser; the phone's own app takes `geo:` links badly on desktops."""
    if listing["latitude"] is None:
        return ""
    position = f"{listing['latitude']}%2C{listing['longitude']}"
    return f"https://www.openstreetmap.org/directions?to={position}#map=16/{listing['latitude']}/{listing['longitude']}"
