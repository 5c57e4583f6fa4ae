"""What is searched for, in pictures and tables, for staff."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.charts import Point, StackedBars, stacked_bars
from apps.core.clock import now
from apps.core.numbers import group_thousands
from apps.core.templatetags.eco import date_short, day_label, decimal
from apps.search.constants import SHARED_FROM
from apps.search.models import SharedQuery
from apps.search.selectors.demand import DemandReport, demand_report

if TYPE_CHECKING:
    Base = admin.ModelAdmin[SharedQuery]
else:
    Base = admin.ModelAdmin

PERIODS = {7: gettext_lazy("7 jours"), 28: gettext_lazy("28 jours"), 91: gettext_lazy("3 mois"), 364: gettext_lazy("12 mois")}
PERIOD = 28
LANGUAGES = {"": gettext_lazy("Toutes les langues"), "fr": gettext_lazy("Français"), "en": gettext_lazy("Anglais")}
# More bars than this are drawn by the week.
BARS_MAX = 60


@dataclass(frozen=True)
class Table:
    """A table of the report, on the page and as a file: words, whole numbers, means, days; None is an empty cell."""

    name: str
    title: str
    hint: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    @property
    def shown(self) -> list[list[str]]:
        """The cells as people write them."""
        return [[_shown(cell) for cell in row] for row in self.rows]

    @property
    def plain(self) -> list[list[str]]:
        """The cells as programs read them."""
        return [[f"{cell:.1f}" if isinstance(cell, float) else "" if cell is None else str(cell) for cell in row] for row in self.rows]


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return decimal(cell)
    if isinstance(cell, int):
        return group_thousands(cell)
    return date_short(cell) if isinstance(cell, dt.date) else str(cell or "")


@admin.register(SharedQuery)
class SharedQueryAdmin(Base):
    """The list is a report; nobody writes here."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The report, or one of its tables as a file (`csv=`). :raises PermissionDenied: staff without the right to see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        period, language = _asked(request)
        last = timezone.localdate(now())
        first = last - dt.timedelta(days=period - 1)
        report = demand_report(first=first, last=last, language=language)
        tables = _tables(report)
        asked = next((table for table in tables if table.name == request.GET.get("csv")), None)
        if asked is not None:
            return _file(asked, first, last)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Ce que l’on cherche"),
            "opts": self.opts,
            "first": first,
            "last": last,
            "report": report,
            "chart": _days_chart(report),
            "places": _places_chart(report),
            "tables": tables,
            "shared_from": SHARED_FROM,
            "periods": [(days, label, days == period) for days, label in PERIODS.items()],
            "languages": [(code, label, code == language) for code, label in LANGUAGES.items()],
            "query": f"period={period}&language={language}",
        }
        return TemplateResponse(request, "admin/search/demand.html", context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only counting makes rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: SharedQuery | None = None) -> bool:
        """Likewise."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SharedQuery | None = None) -> bool:
        """Likewise."""
        return False


def _asked(request: HttpRequest) -> tuple[int, str]:
    """Period in days and language of the address, or the usual ones."""
    period, language = request.GET.get("period", ""), request.GET.get("language", "")
    return int(period) if period in map(str, PERIODS) else PERIOD, language if language in LANGUAGES else ""


def _days_chart(report: DemandReport) -> tuple[StackedBars, str]:
    """Searches with and without result by day, by week for a long period; and the sentence that says it."""
    days = list(report.days)
    step = 1 if len(days) <= BARS_MAX else 7
    points = []
    for start in range(len(days) % step, len(days), step):
        some = days[start : start + step]
        found = sum(one.searches - one.empty for _day, one in some)
        points.append(Point(day_label(some[0][0]), date_short(some[0][0]), (found, sum(one.empty for _day, one in some))))
    said = {
        "searches": group_thousands(report.total.searches),
        "empty": group_thousands(report.total.empty),
        "clicks": group_thousands(report.total.clicks),
        "previous": group_thousands(report.previous.searches),
    }
    sentence = _("%(searches)s recherches (%(previous)s la période d’avant), dont %(empty)s sans résultat ; %(clicks)s ouvertures.")
    return stacked_bars(points), sentence % said


def _places_chart(report: DemandReport) -> tuple[StackedBars, str]:
    """Openings by the place of the result."""
    points = [Point(_place_name(low, high), _place_name(low, high), (clicks,)) for low, high, clicks in report.places]
    total = sum(clicks for _low, _high, clicks in report.places)
    top = sum(clicks for _low, high, clicks in report.places if high is not None and high <= 3)
    percent = round(100 * top / total) if total else 0
    return stacked_bars(points, labels_max=len(points)), _("Sur 100 ouvertures, %(percent)s vont à l’un des trois premiers résultats.") % {
        "percent": percent
    }


def _place_name(low: int, high: int | None) -> str:
    if high is None:
        return f"{low}+"
    return str(low) if low == high else f"{low}–{high}"


def _tables(report: DemandReport) -> list[Table]:
    words, language = _("Mots"), _("Langue")
    searches, empty, clicks = _("Recherches"), _("Sans résultat"), _("Ouvertures")

    return [
        Table(
            "top", _("Le plus cherché"), _("Combien de personnes, et à quel rang elles ouvrent en moyenne."),
            [words, language, searches, empty, clicks, _("Rang moyen")],
            [[one.text, one.language, one.searches, one.empty, one.clicks, one.place] for one in report.top],
        ),
        Table(
            "rising", _("En hausse"), _("Les sept derniers jours, comparés à une semaine moyenne des quatre précédentes."),
            [words, language, _("Cette semaine"), _("Semaine moyenne d’avant")],
            [[one.text, one.language, one.searches, one.before] for one in report.rising],
        ),
        Table(
            "unanswered", _("Sans résultat"), _("Ce que l’on cherche et que l’annuaire n’a pas : des fiches ou des synonymes manquent."),
            [words, language, empty, searches],
            [[one.text, one.language, one.empty, one.searches] for one in report.unanswered],
        ),
        Table(
            "places", _("Rang des résultats ouverts"), _("Tous les mots ensemble."), [_("Rang"), clicks],
            [[_place_name(low, high), number] for low, high, number in report.places],
        ),
        Table(
            "days", _("Jour par jour"), _("Pages et API, tous les mots ensemble."), [_("Jour"), searches, empty, clicks],
            [[day, one.searches, one.empty, one.clicks] for day, one in report.days],
        ),
    ]  # fmt: skip


def _file(table: Table, first: dt.date, last: dt.date) -> HttpResponse:
    """For a spreadsheet, with the mark that makes it read UTF-8. Folded words begin with a letter or digit: none is a formula."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="search-{table.name}-{first}-{last}.csv"'
    response["Cache-Control"] = "private, no-store"
    writer = csv.writer(response)
    writer.writerow(table.columns)
    writer.writerows(table.plain)
    return response
