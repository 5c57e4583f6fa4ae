"""Icons that code chooses, beside those that templates and categories.json name.

The sprite holds only named icons (scripts/build_assets.py reads ICONS, without Django), so an icon that is picked at run
time must be listed here.
"""

from __future__ import annotations

# Resource types, as in the API.
TYPE_ICONS = {
    "business": "store",
    "service": "landmark",
    "data": "database",
    "api": "braces",
}

# Attributes of a listing, as in the API.
ATTRIBUTE_ICONS = {
    "mobile_money": "smartphone",
    "orange_money": "smartphone",
    "mtn_momo": "smartphone",
    "cards": "credit-card",
    "cash": "banknote",
    "delivery": "bike",
    "takeaway": "shopping-bag",
    "wifi": "wifi",
    "parking": "car",
    "accessible": "accessibility",
    "generator": "zap",
    "air_conditioning": "snowflake",
    "terrace": "trees",
    "english_spoken": "languages",
    "french_spoken": "languages",
    "whatsapp_orders": "message-circle",
    "reservation": "calendar-check",
    "guarded": "shield-check",
    "borehole": "droplets",
    "moto_access": "bike",
}

# A category without an icon of its own.
FALLBACK_ICON = "tag"

ALERT_ICONS = {"info": "info", "ok": "circle-check", "warn": "triangle-alert", "err": "circle-alert"}

ICONS = frozenset({*TYPE_ICONS.values(), *ATTRIBUTE_ICONS.values(), *ALERT_ICONS.values(), FALLBACK_ICON})
