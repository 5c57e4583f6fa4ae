"""Words of a listing: its type, place, attributes, opening. Input is the API's JSON as a plain dict; nothing queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from apps.catalog.choices import Attribute, ResourceType
from apps.core.icons import ATTRIBUTE_ICONS, FALLBACK_ICON, TYPE_ICONS
from apps.core.templatetags.eco import hour

register = template.Library()

Listing = Mapping[str, Any]
CLOSING_SOON = timedelta(minutes=60)

TYPE_PLURALS: dict[str, Promise] = {
    "business": gettext_lazy("Entreprises"),
    "service": gettext_lazy("Services"),
    "data": gettext_lazy("Données"),
    "api": gettext_lazy("API"),
}
TYPE_TONES = {"business": "brand", "service": "indigo", "data": "sun", "api": "plum"}

# Monday first, as people read a week; the API counts from Sunday = 0.
WEEK = (1, 2, 3, 4, 5, 6, 0)
DAY_LABELS: tuple[Promise, ...] = (
    gettext_lazy("dimanche"),
    gettext_lazy("lundi"),
    gettext_lazy("mardi"),
    gettext_lazy("mercredi"),
    gettext_lazy("jeudi"),
    gettext_lazy("vendredi"),
    gettext_lazy("samedi"),
)


@dataclass(frozen=True)
class OpenWords:
    """How the opening of a listing is said.

    :ivar tone: the class that colours it: open, soon, closed or unknown.
    :ivar state: "Ouvert"; always a word, colour never speaks alone.
    :ivar detail: "ferme à 22 h", or "".
    :ivar short: both in one phrase, for narrow cards.
    """

    tone: str
    state: str
    detail: str
    short: str


@dataclass(frozen=True)
class DayRow:
    """One day of the table of hours."""

    label: str
    is_today: bool
    spans: tuple[tuple[str, str], ...]
    is_all_day: bool


@register.filter
def type_label(resource_type: str) -> str:
    """The word of a resource type."""
    return str(dict(ResourceType.choices).get(resource_type, resource_type))


@register.filter
def type_plural(resource_type: str) -> str:
    """The word of all resources of a type."""
    return str(TYPE_PLURALS.get(resource_type, resource_type))


@register.filter
def type_tone(resource_type: str) -> str:
    """The colour of a resource type, the same everywhere."""
    return TYPE_TONES.get(resource_type, "")


@register.filter
def type_icon(resource_type: str) -> str:
    """The drawing of a resource type."""
    return TYPE_ICONS.get(resource_type, FALLBACK_ICON)


@register.filter
def trait_label(key: str) -> str:
    """The word of an attribute; an attribute that is newer than this table is shown by its key."""
    return str(dict(Attribute.choices).get(key, key.replace("_", " ")))


@register.filter
def trait_icon(key: str) -> str:
    """The drawing of an attribute."""
    return ATTRIBUTE_ICONS.get(key, "check")


@register.filter
def place_words(listing: Listing) -> str:
    """`Bonanjo, Douala`, or as much of it as is known; the region when there is no city."""
    names = [place["name"] for place in (listing.get("quarter"), listing.get("city")) if place]
    region = listing.get("region")
    if not names and region:
        names = [region["name"] if isinstance(region, Mapping) else str(region)]
    return ", ".join(names)


@register.filter
def marked(listing: Listing, member: str) -> SafeString:
    """A text of a listing, with the words of the search marked."""
    text, place = str(listing[member]), 0
    parts: list[tuple[str, str]] = []
    for start, end in listing.get("marks", {}).get(member, ()):
        parts.append((text[place:start], text[start:end]))
        place = end
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", parts), text[place:])


@register.filter
def has_opening(listing: Listing) -> bool:
    """Whether hours mean something here: always for a business, for others only when they are known."""
    state = (listing.get("open_status") or {}).get("state")
    return listing.get("resource_type") == "business" or state in {"open", "closed"}


@register.simple_tag
def open_words(listing: Listing) -> OpenWords:
    """How the opening of a listing is said, from `open_status` and `operating_status`."""
    gone = {
        "temporarily_closed": _("Fermé temporairement"),
        "permanently_closed": _("Fermé définitivement"),
    }.get(listing.get("operating_status") or "")
    if gone:
        return OpenWords("closed", gone, "", gone)
    status = listing.get("open_status") or {}
    state, change = status.get("state"), _aware(status.get("next_change"))
    now = _aware(status.get("as_of")) or timezone.now()
    if state == "open":
        return _open(change, now)
    if state == "closed":
        detail = _opening(change, now)
        return OpenWords("closed", _("Fermé"), detail, capfirst(detail) or _("Fermé"))
    return OpenWords("unknown", _("Horaires non confirmés"), "", _("Horaires non confirmés"))


@register.simple_tag
def week_rows(hours: Mapping[str, Sequence[Sequence[str]]], today: int | None = None) -> list[DayRow]:
    """The seven days, Monday first; a day that is missing or empty has no span: it is closed.

    :param hours: {"1": [["08:00", "12:30"], …]}, 0 = Sunday; ["00:00", "00:00"] is the whole day.
    :param today: 0 to 6, or None to mark no day.
    """
    rows = []
    for day in WEEK:
        spans = tuple((start, end) for start, end in hours.get(str(day)) or ())
        rows.append(DayRow(capfirst(str(DAY_LABELS[day])), day == today, spans, spans == (("00:00", "00:00"),)))
    return rows


def _open(change: datetime | None, now: datetime) -> OpenWords:
    """The words of an open listing; no change ahead means that it never closes."""
    if change is None:
        return OpenWords("open", _("Ouvert"), _("24 heures sur 24"), _("Ouvert 24 h sur 24"))
    left = change - now
    if timedelta(0) < left <= CLOSING_SOON:
        minutes = max(1, round(left.total_seconds() / 60))
        text = ngettext("Ferme dans %(minutes)d min", "Ferme dans %(minutes)d min", minutes) % {"minutes": minutes}
        return OpenWords("soon", text, "", text)
    detail = _("ferme à %(hour)s") % {"hour": hour(change)}
    if timezone.localtime(change).date() > timezone.localtime(now).date() + timedelta(days=1):
        detail = _("ferme %(day)s à %(hour)s") % {"day": _day(change), "hour": hour(change)}
    return OpenWords("open", _("Ouvert"), detail, capfirst(detail))


def _opening(change: datetime | None, now: datetime) -> str:
    """When a closed listing opens again: today, tomorrow, a day of this week, or nothing when nobody knows."""
    if change is None:
        return ""
    days = (timezone.localtime(change).date() - timezone.localtime(now).date()).days
    if days <= 0:
        return _("ouvre à %(hour)s") % {"hour": hour(change)}
    if days == 1:
        return _("ouvre demain à %(hour)s") % {"hour": hour(change)}
    if days < len(WEEK):
        return _("ouvre %(day)s à %(hour)s") % {"day": _day(change), "hour": hour(change)}
    return pgettext("horaires", "ouvre plus tard")


def _day(moment: datetime) -> str:
    """The name of a day, as it stands inside a sentence."""
    return str(DAY_LABELS[timezone.localtime(moment).isoweekday() % 7])


def _aware(value: datetime | str | None) -> datetime | None:
    """An aware datetime from one, or from the API's text."""
    return parse_datetime(value) if isinstance(value, str) else value
