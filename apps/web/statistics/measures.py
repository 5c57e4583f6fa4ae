"""What is measured of listings, and how numbers are laid out: tiles, chart, bars, heat map."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.analytics.choices import Channel, EventType
from apps.analytics.figures import Dashboard, DayFigures, Totals
from apps.core.charts import HeatCell, LineChart, heat_cells, line_chart, shares, sparkline
from apps.core.numbers import decimal_mark, group_thousands, per_cent
from apps.core.templatetags.eco import date_short, day_label, hour, month_label

# Beyond so many points a chart has one for each month.
MOST_DAYS = 92


@dataclass(frozen=True)
class Measure:
    """A number that a tile shows."""

    key: str
    label: str | Promise
    of: Callable[[Totals], int]


def _type(kind: EventType) -> Callable[[Totals], int]:
    return lambda totals: totals.by_type.get(kind, 0)


def _channel(channel: Channel) -> Callable[[Totals], int]:
    return lambda totals: totals.contacts.get(channel, 0)


VIEWS = Measure("vues", gettext_lazy("Vues de la fiche"), _type(EventType.VIEW))
VIEWS_OF_SEVERAL = replace(VIEWS, label=gettext_lazy("Vues des fiches"))
IMPRESSIONS = Measure("affichages", gettext_lazy("Affichages dans les listes"), _type(EventType.IMPRESSION))
CONTACTS = Measure("contacts", gettext_lazy("Contacts"), _type(EventType.CONTACT))
SITE = Measure("site", gettext_lazy("Visites du site"), _channel(Channel.SITE))
SHARES = Measure("partages", gettext_lazy("Partages"), _type(EventType.SHARE))
# What a place is called and visited for, and what a data set or an API is looked at for.
PLACE_MEASURES = (
    VIEWS,
    Measure("appels", gettext_lazy("Appels"), _channel(Channel.CALL)),
    Measure("whatsapp", gettext_lazy("Messages WhatsApp"), _channel(Channel.WHATSAPP)),
    Measure("itineraires", gettext_lazy("Itinéraires"), _type(EventType.DIRECTION)),
)
DATA_MEASURES = (VIEWS, SITE, SHARES, IMPRESSIONS)

WEEKDAYS = (
    pgettext_lazy("weekday, short", "lun."), pgettext_lazy("weekday, short", "mar."), pgettext_lazy("weekday, short", "mer."),
    pgettext_lazy("weekday, short", "jeu."), pgettext_lazy("weekday, short", "ven."), pgettext_lazy("weekday, short", "sam."),
    pgettext_lazy("weekday, short", "dim."),
)  # fmt: skip
WEEKDAYS_LONG = (
    gettext_lazy("lundi"), gettext_lazy("mardi"), gettext_lazy("mercredi"), gettext_lazy("jeudi"), gettext_lazy("vendredi"),
    gettext_lazy("samedi"), gettext_lazy("dimanche"),
)  # fmt: skip


@dataclass(frozen=True)
class Delta:
    """How a number moved: `way` is up, down or same."""

    way: str
    percent: int


@dataclass(frozen=True)
class Tile:
    """A number with its change, its line, and where its chart is."""

    key: str
    label: str
    value: int
    delta: Delta | None
    spark: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Chart:
    """A line chart with the sentence that says it and the table behind it."""

    label: str
    chart: LineChart
    sentence: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Bar:
    """A name with its number, and how much of the largest it is."""

    label: str
    value: str
    share: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class HeatRow:
    """A weekday with its cells of two hours."""

    name: str
    cells: list[HeatCell]


@dataclass(frozen=True)
class Heat:
    """A week by hours, and the sentence of its highest hour."""

    hours: list[dict[str, str]]
    rows: list[HeatRow]
    peak: str


def delta_of(now: int, before: int) -> Delta | None:
    """The change in per cent; None when there was nothing before."""
    if not before:
        return None
    percent = round(100 * (now - before) / before)
    return Delta("up" if percent > 0 else "down" if percent < 0 else "same", abs(percent))


def tiles(found: Dashboard, measures: Sequence[Measure], chosen: Measure, address: Callable[[str], str], *, today: dt.date) -> list[Tile]:
    """One for each measure. :param address: of the page with that measure's chart."""
    is_open = found.period.last == today
    return [
        Tile(
            one.key, str(one.label), one.of(found.totals), delta_of(one.of(found.totals), one.of(found.totals_before)),
            sparkline([one.of(day.totals) for day in found.series], is_open=is_open), address(one.key), one is chosen,
        )
        for one in measures
    ]  # fmt: skip


def measure_chart(found: Dashboard, measure: Measure, *, today: dt.date) -> Chart:
    """The period's line above that of the period before, by day or by month; the day or month that runs is in the table alone."""
    by_month = found.period.days > MOST_DAYS
    labels = [month_label(day.day) if by_month else day_label(day.day) for day in found.series]
    names = [date_format(day.day, "F Y") if by_month else date_short(day.day) for day in found.series]
    now = [measure.of(day.totals) for day in found.series]
    before = [measure.of(day.totals) for day in found.series_before]
    is_open = found.period.last == today
    made = series_chart(str(measure.label), labels, names, now, before, by_month=by_month, is_open=is_open)
    if not any(day.visitors is not None for day in found.series):
        return made
    people = ["" if day.visitors is None else group_thousands(day.visitors) for day in found.series]
    rows = [[*row, count] for row, count in zip(made.rows, people, strict=True)]
    return replace(made, columns=[*made.columns, _("Visiteurs du jour")], rows=rows)


def series_chart(
    label: str, labels: Sequence[str], names: Sequence[str], now: Sequence[int], before: Sequence[int], *, by_month: bool, is_open: bool
) -> Chart:
    """A line chart of numbers, whatever they count.

    :param labels: below the axis. :param names: the same in full. :param before: of the period before; the last ones are drawn.
    :param is_open: the last one still grows.
    """
    last = list(before)[-len(now) :]
    told = {"label": label, "total": group_thousands(sum(now)), "before": group_thousands(sum(before))}
    sentence = _("%(label)s : %(total)s, contre %(before)s sur la période d’avant.") % told
    if sum(now):
        most = max(range(len(now)), key=lambda number: now[number])
        sentence += " " + _("Le plus : %(most)s, %(name)s.") % {"most": group_thousands(now[most]), "name": names[most]}
    past = [""] * (len(now) - len(last)) + [group_thousands(value) for value in last]
    rows = [[name, group_thousands(value), was] for name, value, was in zip(names, now, past, strict=True)]
    if is_open:
        rows[-1][0] = _("%(name)s (en cours)") % {"name": names[-1]}
    drawn = line_chart([max(value, 0) for value in now], [max(value, 0) for value in last], labels, is_open=is_open)
    return Chart(label, drawn, sentence, [_("Mois") if by_month else _("Jour"), label, _("Période d’avant")], rows)


def daily_visitors(series: Iterable[DayFigures]) -> int | None:
    """Visitors of a day in the mean; None where they are not known. Days are never added up: somebody may have come on several."""
    known = [day.visitors for day in series if day.visitors is not None]
    return round(sum(known) / len(known)) if known else None


def bars(rows: Sequence[tuple[object, int]], *, notes: Sequence[str] | None = None) -> list[Bar]:
    """A bar for each name and number, in the given order."""
    parts = shares([value for _label, value in rows])
    told = notes or [""] * len(rows)
    return [Bar(str(label), group_thousands(value), share, note) for (label, value), share, note in zip(rows, parts, told, strict=True)]


def funnel(found: Dashboard, views: Measure) -> list[Bar]:
    """From being seen in a list to a contact, each step with its share of the one before."""
    steps = [
        (_("Affichages dans les listes"), found.totals.by_type.get(EventType.IMPRESSION, 0)),
        (str(views.label), views.of(found.totals)),
        (_("Contacts et itinéraires"), found.totals.by_type.get(EventType.CONTACT, 0) + found.totals.by_type.get(EventType.DIRECTION, 0)),
    ]
    notes = [""]
    for (_before, before), (_now, now) in itertools.pairwise(steps):
        # More views than were shown in lists come from elsewhere: that is no share.
        notes.append(percent_words(now, before) if 0 < now <= before else "")
    return bars(steps, notes=notes)


def percent_words(part: int, whole: int) -> str:
    """`4,6 %` with one digit below ten, `4.6%` in English."""
    percent = 100 * part / whole if whole else 0.0
    text = decimal_mark(f"{percent:.1f}") if 0 < percent < 10 else str(round(percent))
    return per_cent(text)


def heat(found: Dashboard) -> Heat | None:
    """The week in cells of two hours; None when nothing happened."""
    most, day, at = max((value, -weekday, -clock) for weekday, row in enumerate(found.hours) for clock, value in enumerate(row))
    if not most:
        return None
    pairs = [[row[clock] + row[clock + 1] for clock in range(0, 24, 2)] for row in found.hours]
    hours = [{"name": hour(dt.time(clock)), "label": hour(dt.time(clock)) if clock and clock % 6 == 0 else ""} for clock in range(0, 24, 2)]
    rows = [HeatRow(str(name), cells) for name, cells in zip(WEEKDAYS, heat_cells(pairs), strict=True)]
    peak = _("pic : %(day)s, %(hour)s") % {"day": WEEKDAYS_LONG[-day], "hour": hour(dt.time(-at))}
    return Heat(hours, rows, peak)
