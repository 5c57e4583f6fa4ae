"""What is sold, in words: the lines of pro formas, in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.billing.choices import Period, Product
from apps.billing.periods import local_day
from apps.catalog.models import Resource

_NAME_MAX = 80


def one_period(period: str) -> str:
    """A period with its number, in the active language."""
    return {
        Period.DAY: ngettext("%(n)s jour", "%(n)s jours", 1),
        Period.WEEK: ngettext("%(n)s semaine", "%(n)s semaines", 1),
        Period.MONTH: ngettext("%(n)s mois", "%(n)s mois", 1),
        Period.YEAR: ngettext("%(n)s an", "%(n)s ans", 1),
    }[Period(period)] % {"n": 1}


def sold(*, product: str, period: str, resource: Resource | None, start: dt.datetime, end: dt.datetime) -> tuple[str, str]:
    """The line of a paid period, in French and English."""

    def words() -> str:
        name = _named(product, resource)
        return _("%(name)s : %(period)s, du %(start)s au %(end)s") % {
            "name": name, "period": one_period(period), "start": _day(start), "end": _day(end),
        }  # fmt: skip

    return in_both(words)


def unused(*, product: str, resource: Resource | None, start: dt.datetime, end: dt.datetime) -> tuple[str, str]:
    """The line that gives back what is left of a period, in French and English."""

    def words() -> str:
        name = _named(product, resource)
        return _("Reste non consommé de %(name)s, du %(start)s au %(end)s") % {"name": name, "start": _day(start), "end": _day(end)}

    return in_both(words)


def carried_over() -> tuple[str, str]:
    """The line of what earlier changes left to be paid."""
    return in_both(lambda: _("Montant reporté d’un changement de forfait"))


def postponed() -> tuple[str, str]:
    """The line of what is too little to be paid now."""
    return in_both(lambda: _("Reporté sur la prochaine facture"))


def in_both(words: Callable[[], str]) -> tuple[str, str]:
    """Words in French and in English, whatever language is active."""
    found = []
    for language in ("fr", "en"):
        with translation.override(language):
            found.append(words()[:255])
    return found[0], found[1]


def _named(product: str, resource: Resource | None) -> str:
    label = str(Product(product).label)
    if resource is None:
        return label
    name = resource.name_in(translation.get_language() or "fr")
    return f"{label} – {name if len(name) <= _NAME_MAX else f'{name[:_NAME_MAX]}…'}"


def _day(at: dt.datetime) -> str:
    return date_format(local_day(at), "j F Y")
