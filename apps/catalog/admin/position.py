"""A small map for staff: the country, and where an entry says it is."""

from __future__ import annotations

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.catalog.constants import COUNTRY_BOXES
from apps.catalog.models import Resource
from apps.core.mercator import project

# Corners of static/geo/cameroon.svg, in degrees.
_SHEET_NORTH_WEST, _SHEET_SOUTH_EAST = (13.3, 8.2), (1.4, 16.5)


def position_preview(resource: Resource) -> str | SafeString:
    """The outline with a dot and a link to a street map, or a word when there is no position."""
    if resource.latitude is None or resource.longitude is None:
        return _("Sans position")
    latitude, longitude = float(resource.latitude), float(resource.longitude)
    left, top = project(*_SHEET_NORTH_WEST)
    right, bottom = project(*_SHEET_SOUTH_EAST)
    x, y = project(latitude, longitude)
    south, west, north, east = COUNTRY_BOXES["CM"]
    if not (south <= latitude <= north and west <= longitude <= east):
        return _("Hors du Cameroun")
    return format_html(
        '<div style="position:relative;width:200px"><img src="{}" alt="" width="200">'
        '<span style="position:absolute;left:{}%;top:{}%;width:10px;height:10px;margin:-5px;background:#c00"></span></div>'
        '<a href="https://www.openstreetmap.org/?mlat={}&amp;mlon={}#map=16/{}/{}" rel="noreferrer">{}</a>',
        static("geo/cameroon.svg"),
        f"{100 * (x - left) / (right - left):.2f}",
        f"{100 * (y - top) / (bottom - top):.2f}",
        latitude,
        longitude,
        latitude,
        longitude,
        _("Ouvrir sur OpenStreetMap"),
    )
