"""Bodies of reports: their shape. What goes together is `report_rules`' to say."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.analytics.choices import Dimension, Metric, ReportFormat, ReportPeriod, Schedule
from apps.analytics.constants import CAMPAIGN_MAX
from apps.analytics.report_rules import CHANNELS, METRICS_MAX, RESOURCES_MAX, SOURCES, VALUES_MAX, Filters, ReportSpec
from apps.core.api.serializers import StrictSerializer


class ReportFiltersSerializer(StrictSerializer):
    """What counts; without a member, all of it. Beside `resources` one member at a time."""

    resources = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=RESOURCES_MAX,
        required=False,
        help_text="Ids of one's own entries; all of them without it.",
    )
    channels = serializers.ListField(child=serializers.ChoiceField(choices=list(CHANNELS)), max_length=len(CHANNELS), required=False)
    sources = serializers.ListField(child=serializers.ChoiceField(choices=list(SOURCES)), max_length=len(SOURCES), required=False)
    cities = serializers.ListField(
        child=serializers.SlugField(max_length=100), max_length=VALUES_MAX, required=False, help_text="Slugs of towns of visitors."
    )
    campaigns = serializers.ListField(child=serializers.CharField(max_length=CAMPAIGN_MAX), max_length=VALUES_MAX, required=False)


class ReportBodySerializer(StrictSerializer):
    """A report to be made."""

    name = serializers.CharField(max_length=80)
    metrics = serializers.ListField(child=serializers.ChoiceField(choices=Metric.choices), min_length=1, max_length=METRICS_MAX)
    dimension = serializers.ChoiceField(choices=Dimension.choices, help_text="What the rows are.")
    period = serializers.ChoiceField(choices=ReportPeriod.choices, default=ReportPeriod.MONTH)
    first = serializers.DateField(required=False, help_text="With `period: between`.")
    last = serializers.DateField(required=False, help_text="With `period: between`; included.")
    filters = ReportFiltersSerializer(required=False)
    format = serializers.ChoiceField(choices=ReportFormat.choices, default=ReportFormat.CSV)
    schedule = serializers.ChoiceField(
        choices=Schedule.choices, default=Schedule.NEVER, help_text="Made again and sent by mail; empty for once.", allow_blank=True
    )


def spec_of(data: dict[str, Any], *, language: str) -> ReportSpec:
    """The report that a checked body asks for."""
    return ReportSpec(
        name=data["name"],
        metrics=[Metric(metric) for metric in data["metrics"]],
        dimension=Dimension(data["dimension"]),
        period=ReportPeriod(data["period"]),
        first=data.get("first"),
        last=data.get("last"),
        filters=Filters(**data.get("filters", {})),
        format=ReportFormat(data["format"]),
        schedule=Schedule(data["schedule"]),
        language=language,
    )
