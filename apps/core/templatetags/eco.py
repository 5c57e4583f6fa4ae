"""Filters and tags that every page may use: icons, and how numbers, money, dates and phones are written.

French and English differ in separators and units; nothing here is a translated sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zlib import crc32

import phonenumbers
from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.core.icons import ALERT_ICONS, FALLBACK_ICON, NoSuchIcon, shapes
from apps.core.money import format_xaf
from apps.core.numbers import decimal_mark, group_thousands, is_english, per_cent

register = template.Library()

NO_BREAK = "\u00a0"
CAMEROON_CODE = 237
PALETTES = "abcdefg"
MOTIFS = 5


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """A drawing of the sprite, always decorative: the word stands beside it or in a `.vh`."""
    return format_html(
        '<svg class="i{}{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        " " if css_class else "",
        css_class,
        static("build/icons.svg"),
        name,
    )


@register.simple_tag
def drawing(name: str | None, css_class: str = "") -> SafeString:
    """Like `icon`, for a name that is data (a category's): drawn in place, any of Lucide's; an unknown one is a tag."""
    try:
        inside = shapes(name or FALLBACK_ICON)
    except NoSuchIcon:
        inside = shapes(FALLBACK_ICON)
    return format_html(
        '<svg class="i{}{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        " " if css_class else "",
        css_class,
        mark_safe(inside),  # noqa: S308  from the pinned wheel
    )


@register.filter
def percent(value: int) -> str:
    """A whole share: `1 200 %`, `1,200%` in English."""
    return per_cent(group_thousands(value))


@register.filter
def number(value: float | None) -> str:
    """`12 480` in French, `12,480` in English; a fraction keeps one digit. Nothing for None."""
    if value is None:
        return ""
    if float(value).is_integer():
        return group_thousands(int(value))
    whole, fraction = f"{value:.1f}".split(".")
    return group_thousands(int(whole)) + decimal_mark(f".{fraction}")


@register.filter
def decimal(value: float | None, places: int = 1) -> str:
    """`4,7` in French, `4.7` in English, always with that many digits. Nothing for None."""
    return "" if value is None else decimal_mark(f"{float(value):.{places}f}")


@register.filter
def money_xaf(amount: int | None) -> str:
    """`5 000 F CFA`. Nothing for None."""
    return "" if amount is None else format_xaf(amount)


@register.filter
def phone_national(e164: str | None) -> str:
    """`6 70 00 00 00` for a number of Cameroon, `+33 1 42 68 53 00` for another; what cannot be read comes back as is."""
    if not e164:
        return ""
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    digits = str(parsed.national_number)
    if parsed.country_code == CAMEROON_CODE and len(digits) == 9:
        groups = [digits[0], *(digits[i : i + 2] for i in range(1, 9, 2))]
        return NO_BREAK.join(groups)
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return written.replace(" ", NO_BREAK)


@register.filter
def phone_digits(e164: str | None) -> str:
    """The digits alone, as addresses of WhatsApp want them."""
    return (e164 or "").lstrip("+")


@register.filter
def distance(metres: float | None) -> str:
    """`430 m`, `1,1 km`, `12 km`. Nothing for None."""
    if metres is None:
        return ""
    if metres < 1000:
        return f"{round(metres / 10) * 10 if metres >= 100 else round(metres)}{NO_BREAK}m"
    kilometres = metres / 1000
    shown = number(round(kilometres)) if kilometres >= 10 else number(round(kilometres, 1))
    return f"{shown}{NO_BREAK}km"


@register.filter
def hour(value: str | time | datetime | None) -> str:
    """`11 h`, `11 h 30` in French, `11:00`, `11:30` in English, and midnight by its name.

    :param value: "HH:MM", a time, or an aware datetime or its ISO 8601 text, which is read in the current time zone.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        value = parse_datetime(value) or value
    if isinstance(value, datetime):
        value = timezone.localtime(value).time()
    if isinstance(value, time):
        value = f"{value:%H:%M}"
    hours, minutes = int(value[:2]) % 24, int(value[3:5])
    if hours == minutes == 0:
        return _("minuit")
    if is_english():
        return f"{hours:02}:{minutes:02}"
    return f"{hours}{NO_BREAK}h" + (f"{NO_BREAK}{minutes:02}" if minutes else "")


@register.filter
def date_short(value: str | date | None) -> str:
    """`22 nov. 2026` in French, `22 Nov 2026` in English.

    :param value: a date, a datetime, or their ISO 8601 text as the API writes it.
    """
    if isinstance(value, str):
        value = parse_datetime(value) or parse_date(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
    return date_format(value, "j M Y" if is_english() else "j N Y").replace(" ", NO_BREAK)


def day_label(value: date) -> str:
    """A day below a chart: `7 nov.` in French, `7 Nov` in English."""
    return date_format(value, "j M" if is_english() else "j N")


def month_label(value: date) -> str:
    """A month below a chart: `nov.` in French, `Nov` in English."""
    return date_format(value, "M" if is_english() else "N")


@register.filter
def bytes_size(size: int | None) -> str:
    """`390 Ko`, `2,4 Mo` in French, `390 kB`, `2.4 MB` in English; thousands, not 1,024. Nothing for None."""
    if size is None:
        return ""
    units = ("B", "kB", "MB", "GB", "TB") if is_english() else ("o", "Ko", "Mo", "Go", "To")
    amount, unit = float(size), 0
    while round(amount) >= 1000 and unit < len(units) - 1:
        amount, unit = amount / 1000, unit + 1
    shown = decimal(amount) if unit > 1 and amount < 10 else number(round(amount))
    return f"{shown}{NO_BREAK}{units[unit]}"


@register.filter
def cover_classes(slug: str) -> str:
    """The palette and the motif of a listing's cover; the same slug always gives the same face."""
    mark = crc32(slug.encode())
    return f"cv-{PALETTES[mark % len(PALETTES)]} mo-{mark // len(PALETTES) % MOTIFS + 1}"


@register.filter
def alert_icon(tone: str) -> str:
    """The drawing of a message's tone; an unknown tone is information."""
    return ALERT_ICONS.get(tone, ALERT_ICONS["info"])


@register.filter
def zipped(columns: Sequence[object], row: Sequence[object]) -> list[tuple[object, object]]:
    """Each cell of a row with its column."""
    return list(zip(columns, row, strict=True))


@register.filter
def site_name(url: str) -> str:
    """`www.example.cm` for the address of a site: what people read of it."""
    return url.split("://", 1)[-1].split("/", 1)[0].removeprefix("www.")
