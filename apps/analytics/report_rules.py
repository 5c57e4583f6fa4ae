"""What a report may be asked for: closed lists, and which of them go together.

Counters hold each listing's day in sums: by type, and views and contacts each by source, hour, town and campaign. What crosses two of those
is not in them, so it is refused here and not answered wrongly.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from apps.analytics import periods
from apps.analytics.choices import Channel, Dimension, Metric, ReportFormat, ReportPeriod, Schedule, SourceClass
from apps.analytics.figures import Period

METRICS_MAX = len(Metric)
RESOURCES_MAX = 100
VALUES_MAX = 50
# Metrics whose sources, hours, towns and campaigns are counted.
BROKEN_DOWN = frozenset({Metric.VIEWS, Metric.CONTACTS})
BREAKDOWNS = frozenset({Dimension.SOURCE, Dimension.HOUR, Dimension.CITY, Dimension.CAMPAIGN})
# Filters of which only one can hold at a time, and the dimension that shows the same.
PARTS = {
    "channels": Dimension.CHANNEL, "sources": Dimension.SOURCE, "cities": Dimension.CITY, "campaigns": Dimension.CAMPAIGN,
}  # fmt: skip
CHANNELS = {channel.name.lower(): channel for channel in Channel if channel is not Channel.NONE}
SOURCES = {source.name.lower(): source for source in SourceClass}
# The same words as the API's documentation names them.
CHANNEL_WORDS = [(word, word) for word in CHANNELS]
SOURCE_WORDS = [(word, word) for word in SOURCES]


@dataclass(frozen=True)
class Filters:
    """What counts; an empty part means all. Towns by slug."""

    resources: Sequence[uuid.UUID] = ()
    channels: Sequence[str] = ()
    sources: Sequence[str] = ()
    cities: Sequence[str] = ()
    campaigns: Sequence[str] = ()

    def as_json(self) -> dict[str, list[str]]:
        """The parts that are set."""
        found = {"resources": [str(one) for one in self.resources]} | {name: list(getattr(self, name)) for name in PARTS}
        return {name: values for name, values in found.items() if values}

    @classmethod
    def from_json(cls, data: Mapping[str, Sequence[str]]) -> Filters:
        """As `as_json` wrote them."""
        return cls(resources=[uuid.UUID(one) for one in data.get("resources", ())], **{name: list(data.get(name, ())) for name in PARTS})

    @property
    def part(self) -> str:
        """The one part beside listings that is set, or empty."""
        return next((name for name in PARTS if getattr(self, name)), "")


@dataclass(frozen=True)
class ReportSpec:
    """A report to be made."""

    name: str
    metrics: Sequence[Metric]
    dimension: Dimension
    period: ReportPeriod = ReportPeriod.MONTH
    first: dt.date | None = None
    last: dt.date | None = None
    filters: Filters = field(default_factory=Filters)
    format: ReportFormat = ReportFormat.CSV
    schedule: Schedule = Schedule.NEVER
    language: str = "fr"


def days_of(spec: ReportSpec, *, at: dt.datetime) -> Period:
    """The days of a report that is made now."""
    if spec.period is ReportPeriod.BETWEEN:
        assert spec.first is not None  # noqa: S101  `refusals` has seen to it
        assert spec.last is not None  # noqa: S101  likewise
        return Period(spec.first, spec.last)
    return periods.named_period(spec.period, periods.today(at))


def refusals(spec: ReportSpec, *, at: dt.datetime) -> list[tuple[str, str, str]]:
    """Why it cannot be made: (member, code, sentence) each."""
    found: list[tuple[str, str, str]] = [("name", "required", _("Donnez un nom au rapport."))] if not spec.name.strip() else []
    found += _period_refusals(spec, at)
    part, metrics = spec.filters.part, set(spec.metrics)
    if not metrics:
        found.append(("metrics", "required", _("Choisissez au moins une mesure.")))
    if sum(bool(getattr(spec.filters, name)) for name in PARTS) > 1:
        found.append(("filters", "crossed", _("Filtrez par canal, provenance, ville ou campagne : les compteurs ne les croisent pas.")))
    elif part and spec.dimension in {*BREAKDOWNS, Dimension.CHANNEL} and PARTS[part] is not spec.dimension:
        found.append(("filters", "crossed", _("Ce filtre ne se croise pas avec cette dimension. Choisissez jours, mois ou fiches.")))
    if Dimension.CHANNEL in {spec.dimension, PARTS.get(part)} and metrics - {Metric.CONTACTS}:
        found.append(("metrics", "not_counted", _("Par canal, seuls les contacts sont comptés.")))
    elif (spec.dimension in BREAKDOWNS or PARTS.get(part) in BREAKDOWNS) and metrics - BROKEN_DOWN:
        detail = _("Par provenance, heure, ville ou campagne, seuls les vues et les contacts sont comptés.")
        found.append(("metrics", "not_counted", detail))
    return found


def _period_refusals(spec: ReportSpec, at: dt.datetime) -> list[tuple[str, str, str]]:
    if spec.period is not ReportPeriod.BETWEEN:
        return []
    if spec.schedule is not Schedule.NEVER:
        return [("period", "fixed", _("Un rapport envoyé régulièrement porte sur les derniers jours ou mois, pas sur des dates fixes."))]
    if spec.first is None or spec.last is None:
        return [(name, "required", _("Indiquez cette date.")) for name in ("first", "last") if getattr(spec, name) is None]
    refused = periods.refusal(spec.first, spec.last, at=at)
    return [(refused[0], "out_of_range", refused[1])] if refused else []
