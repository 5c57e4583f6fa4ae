"""What pages of ingestion look like in the administration, and how they write dates, counts and fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.forms import Media
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from apps.ingestion.choices import Outcome

# Of a description so much is shown; the record has the whole.
TEXT_SHOWN = 160
LOOKS = Media(css={"all": ("css/collecte.css",)})
COUNT_WORDS = {
    Outcome.CREATED: _("créés"), Outcome.UPDATED: _("mis à jour"), Outcome.UNCHANGED: _("inchangés"), Outcome.MERGED: _("rattachés"),
    Outcome.DUPLICATE_SUSPECTED: _("doublons possibles"), Outcome.REJECTED: _("refusés"),
}  # fmt: skip
FIELD_WORDS: dict[str, str | Promise] = {
    "name": _("nom"), "name_en": _("nom en anglais"), "description": _("description"), "description_en": _("description en anglais"),
    "category": _("catégorie"), "address_line1": _("adresse"), "po_box": _("boîte postale"), "landmark": _("repère"),
    "city": _("ville et quartier"), "position": _("position"), "phone": _("téléphones"), "email": _("e-mail"), "website": _("site web"),
    "hours": _("horaires"), "attributes": _("équipements"), "operating_status": _("activité"),
}  # fmt: skip


class Looks:
    """A `ModelAdmin` with the style sheet of ingestion."""

    @property
    def media(self) -> Media:
        """Django's own, and ours."""
        inherited: Media = super().media  # type: ignore[misc]  # of ModelAdmin, beside which this stands
        return inherited + LOOKS


def short(moment: Any) -> str:
    """A moment in as few characters as a list has room for."""
    return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "–"


def counted(counts: Mapping[Outcome, int]) -> SafeString | str:
    """How many met which end, without those that nobody met."""
    met = [
        (
            "collecte-bad" if outcome == Outcome.REJECTED else "",
            number_format(count, use_l10n=True, force_grouping=True),
            COUNT_WORDS[outcome],
        )
        for outcome, count in counts.items()
        if count
    ]
    return format_html('<ul class="collecte-counts">{}</ul>', format_html_join("", '<li class="{}"><b>{}</b> {}</li>', met)) if met else "–"


def field_word(name: str) -> str:
    """A field as staff calls it."""
    return str(FIELD_WORDS.get(name, name))


def value_words(field: str, value: Any) -> SafeString | str:
    """A value of `selectors.proposals` as a person reads it."""
    if value in (None, "", [], {}):
        return "–"
    if field == "hours":
        return _lines(_days(value))
    if field == "city":
        return " · ".join(part for part in (value["city"], value["quarter"]) if part)
    if field == "position":
        return f"{value['latitude']:.5f}, {value['longitude']:.5f}"
    return _lines(value) if isinstance(value, list) else Truncator(str(value)).chars(TEXT_SHOWN)


def _days(rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    spans: dict[int, list[str]] = {}
    for row in rows:
        day = spans.setdefault(row["day_of_week"], [])
        day.append(str(_("fermé")) if row["is_closed"] else f"{row['open_time']}–{row['close_time']}")
    # Ours begin on Sunday, Django's on Monday.
    return [f"{WEEKDAYS[(day - 1) % 7]} {', '.join(spans[day])}" for day in sorted(spans, key=lambda day: (day - 1) % 7)]


def _lines(texts: Iterable[str]) -> SafeString:
    return format_html('<ul class="collecte-lines">{}</ul>', format_html_join("", "<li>{}</li>", ((text,) for text in texts)))
