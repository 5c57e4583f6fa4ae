"""Icons: which of Lucide's drawings code chooses, and how one of them is read. Needs no Django.

The sprite holds only the icons that templates name and those of ICONS (scripts/build_assets.py), because every page loads it.
Icons of categories are data: a page shows few of more than a hundred, so each is drawn in place.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile

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
    "on_duty": "moon",
}

# A category without an icon of its own.
FALLBACK_ICON = "tag"

ALERT_ICONS = {"info": "info", "ok": "circle-check", "warn": "triangle-alert", "err": "circle-alert"}

ICONS = frozenset({*TYPE_ICONS.values(), *ATTRIBUTE_ICONS.values(), *ALERT_ICONS.values(), FALLBACK_ICON})


class NoSuchIcon(LookupError):
    """Lucide has no drawing of that name."""


@cache
def archive() -> ZipFile:
    """The drawings, as the wheel `lucide` ships them."""
    return ZipFile(BytesIO((files("lucide") / "lucide.zip").read_bytes()))


@cache
def shapes(name: str) -> str:
    """The inside of one 24 × 24 drawing, its paths joined; strokes take their style from outside.

    :raises NoSuchIcon: no drawing has this name.
    """
    try:
        svg = archive().read(f"{name}.svg").decode()
    except KeyError as error:
        raise NoSuchIcon(name) from error
    inside = re.sub(r"\s+", " ", svg[svg.index(">") + 1 : svg.rindex("</svg>")]).strip()
    inside = inside.replace("> <", "><").replace(" />", "/>")
    paths = re.findall(r'<path d="([^"]*)"/>', inside)
    others = re.sub(r'<path d="[^"]*"/>', "", inside)
    return (f'<path d="{"".join(map(_absolute_start, paths))}"/>' if paths else "") + others


def _absolute_start(path: str) -> str:
    """The same path, safe to append to another: a leading relative move is made absolute.

    The pairs that follow a move without a letter are lines; they stay relative.
    """
    match = re.match(r"m\s*(-?[\d.]+)[ ,]*(-?[\d.]+)\s*(.*)", path, re.DOTALL)
    if match is None:
        return path
    x, y, rest = match.groups()
    return f"M{x} {y}{'l' if re.match(r'[-.0-9]', rest) else ''}{rest}"
