"""The staff's board: the whole site, composed from every application."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.analytics.constants import EVERY_LISTING
from apps.analytics.figures import Period
from apps.analytics.selectors.dashboard import dashboard
from apps.billing.selectors.revenue import DaySales, daily_sales
from apps.catalog import selectors as catalog
from apps.catalog.selectors.quality import quality, supply
from apps.core.money import format_xaf
from apps.core.numbers import group_thousands
from apps.core.templatetags.eco import date_short, day_label, month_label
from apps.ingestion.selectors.pair_pages import waiting_pairs
from apps.search.selectors.demand import Demand, demand_between
from apps.search.selectors.listing_queries import place_counts, unanswered
from apps.web.statistics import measures as figures
from apps.web.statistics.owner import set_aside_words, until_words
from apps.web.statistics.periods import Choice, period_of, period_words

PLACES_SHOWN, UNANSWERED_SHOWN, CITIES_SHOWN = 25, 25, 10


@dataclass(frozen=True)
class Fact:
    """A number in words, and what it is beside."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Board:
    """Everything that templates/web/staff/board.html shows. `sales` is None for who may not see money."""

    words: str
    tiles: Sequence[figures.Tile]
    chart: figures.Chart
    funnel: Sequence[figures.Bar]
    sources: Sequence[figures.Bar]
    cities: Sequence[figures.Bar]
    set_aside: str
    until: str
    searches: Demand
    places: Sequence[Sequence[str]]
    lacking: Sequence[Sequence[str]]
    quality: Sequence[Fact]
    sales: figures.Chart | None
    money: Sequence[Fact]
    has_sales: bool


def board(
    *, choice: Choice, measure: figures.Measure, language: str, at: dt.datetime, address: Callable[[str], str], sees_money: bool
) -> Board:
    """The figures of all listings together. A constant number of statements."""
    today = timezone.localdate(at)
    period = period_of(choice, today)
    found = dashboard([EVERY_LISTING], period=period, at=at)
    towns = catalog.city_names((number for number, _count in found.cities), language)
    sales = daily_sales(first=period.before.first, last=period.last) if sees_money else []
    return Board(
        words=period_words(period),
        tiles=figures.tiles(found, BOARD_MEASURES, measure, address, today=today),
        chart=figures.measure_chart(found, measure, today=today),
        funnel=figures.funnel(found, figures.VIEWS_OF_SEVERAL),
        sources=figures.bars([(source.label, count) for source, count in found.sources if count]),
        cities=figures.bars([(towns[number], count) for number, count in found.cities if number in towns][:CITIES_SHOWN]),
        set_aside=set_aside_words(found),
        until=until_words(found.counted_until, at),
        searches=demand_between(first=period.first, last=period.last),
        places=_places(period, language),
        lacking=_lacking(period, language),
        quality=_quality(),
        sales=_sales_chart(sales, period, today=today) if sees_money else None,
        money=_money(sales, period) if sees_money else [],
        has_sales=any(day.sales for day in sales),
    )


BOARD_MEASURES = (figures.VIEWS_OF_SEVERAL, figures.CONTACTS, *figures.PLACE_MEASURES[3:], figures.IMPRESSIONS)


def _places(period: Period, language: str) -> list[list[str]]:
    """Demand beside supply: town, category, searches, of those without a result, published entries."""
    rows = place_counts(first=period.first, last=period.last)[:PLACES_SHOWN]
    stock = supply([(row.city, row.category) for row in rows]) if rows else []
    return [
        [
            catalog.place_name(city=row.city, language=language) or row.city or _("Toutes"),
            catalog.category_name(row.category, language) or row.category or _("Toutes"),
            group_thousands(row.searches), group_thousands(row.empty), group_thousands(held.entries),
        ]
        for row, held in zip(rows, stock, strict=True)
    ]  # fmt: skip


def _lacking(period: Period, language: str) -> list[list[str]]:
    rows = unanswered(first=period.first, last=period.last, limit=UNANSWERED_SHOWN)
    return [
        [row.text, catalog.place_name(city=row.city, quarter=row.quarter, language=language) or row.city, group_thousands(row.searches)]
        for row in rows
    ]


def _quality() -> list[Fact]:
    now, waiting = quality(), waiting_pairs().count()

    def share(part: int) -> str:
        return figures.percent_words(part, now.published) if now.published else ""

    return [
        Fact(_("Fiches publiées"), group_thousands(now.published)),
        Fact(_("Gérées par leur propriétaire"), group_thousands(now.owned), share(now.owned)),
        Fact(_("En attente de modération"), group_thousands(now.pending)),
        Fact(_("Doublons possibles à trancher"), group_thousands(waiting)),
        Fact(_("Non confirmées par leur source"), group_thousands(now.unconfirmed), share(now.unconfirmed)),
        Fact(_("Sans position"), group_thousands(now.without_position), share(now.without_position)),
        Fact(_("Sans horaires"), group_thousands(now.without_hours), share(now.without_hours)),
        Fact(_("Sans téléphone"), group_thousands(now.without_phone), share(now.without_phone)),
    ]


def _money(sales: Sequence[DaySales], period: Period) -> list[Fact]:
    now = [day for day in sales if day.day >= period.first]
    return [
        Fact(_("Ventes hors taxe"), format_xaf(sum(day.sales for day in now))),
        Fact(_("TVA collectée"), format_xaf(sum(day.vat for day in now))),
        Fact(_("Frais des opérateurs"), format_xaf(sum(day.fees for day in now))),
    ]


def _sales_chart(sales: Sequence[DaySales], period: Period, *, today: dt.date) -> figures.Chart:
    """Sales by day, or by month, with those of the period before."""
    by_month = period.days > figures.MOST_DAYS
    now = _grouped([day for day in sales if day.day >= period.first], by_month=by_month)
    before = _grouped([day for day in sales if day.day < period.first], by_month=by_month)
    names = [date_format(day, "F Y") if by_month else date_short(day) for day, _amount in now]
    labels = [month_label(day) if by_month else day_label(day) for day, _amount in now]
    # A day on which more was credited than sold stands at nought in the picture, and as it is in the table.
    return figures.series_chart(
        _("Ventes hors taxe (F CFA)"), labels, names, [amount for _day, amount in now], [amount for _day, amount in before],
        by_month=by_month, is_open=period.last == today,
    )  # fmt: skip


def _grouped(days: Sequence[DaySales], *, by_month: bool) -> list[tuple[dt.date, int]]:
    sums: dict[dt.date, int] = {}
    for day in days:
        key = day.day.replace(day=1) if by_month else day.day
        sums[key] = sums.get(key, 0) + day.sales
    return list(sums.items())
