"""Reports of statistics, as people ask for them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.forms import LineField
from apps.analytics.choices import Dimension, Metric, ReportFormat, ReportPeriod, Schedule
from apps.analytics.constants import CAMPAIGN_MAX
from apps.analytics.models import Report
from apps.analytics.report_rules import CHANNELS, SOURCES, Filters, ReportSpec

# Members of a report that the form calls otherwise.
FIELDS = {"filters": "source", "filters/resources": "listing", "filters/cities": "source"}

# Choices of the form, and which part of a report's filters holds them.
_PARTS = (("listing", "resources"), ("source", "sources"), ("channel", "channels"), ("campaign", "campaigns"))


def _select(label: Any, choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.Select(attrs={"class": "select"}), **options)


def _date(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "input", "type": "date"}),
    )  # fmt: skip


class ReportForm(forms.Form):
    """What to count, by what, over which days, and as which file. Which of them go together, the service says."""

    name = LineField(label=_("Nom du rapport"), max_length=80, widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}))
    listing = _select(_("Fiche"), [], required=False)
    metrics = forms.MultipleChoiceField(label=_("Mesures"), choices=Metric, widget=forms.CheckboxSelectMultiple)
    dimension = _select(
        _("Une ligne par"), Dimension,
        help_text=_("Par heure, provenance, ville ou campagne : vues et contacts. Par canal : contacts."),
    )  # fmt: skip
    period = _select(_("Période"), ReportPeriod)
    first = _date(_("Du (entre deux dates)"))
    last = _date(_("Au (entre deux dates)"))
    source = _select(_("Seulement la provenance"), [], required=False)
    channel = _select(_("Seulement le canal"), [], required=False)
    campaign = LineField(
        label=_("Seulement la campagne"), max_length=CAMPAIGN_MAX, required=False,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )  # fmt: skip
    format = forms.ChoiceField(label=_("Fichier"), choices=ReportFormat, widget=forms.RadioSelect)
    schedule = _select(
        _("Envoi par e-mail"), Schedule, required=False,
        help_text=_("Un rapport régulier est refait à chaque envoi, sur les derniers jours ou mois entiers."),
    )  # fmt: skip

    def __init__(self, *args: Any, listings: list[tuple[str, str]], **kwargs: Any) -> None:
        """:param listings: (id, name) of those to choose from."""
        super().__init__(*args, **kwargs)
        every = [("", _("Toutes"))]
        self.fields["listing"].choices = [("", _("Toutes vos fiches")), *listings]  # type: ignore[attr-defined]  # a list to choose from
        self.fields["source"].choices = [*every, *((word, one.label) for word, one in SOURCES.items())]  # type: ignore[attr-defined]  # as above
        self.fields["channel"].choices = [("", _("Tous")), *((word, one.label) for word, one in CHANNELS.items())]  # type: ignore[attr-defined]  # as above

    def spec(self, language: str) -> ReportSpec:
        """The report that a valid form asks for."""
        data = self.cleaned_data
        first: dt.date | None = data["first"]
        period = ReportPeriod(data["period"])
        is_between = period is ReportPeriod.BETWEEN
        return ReportSpec(
            name=data["name"],
            metrics=[Metric(one) for one in data["metrics"]],
            dimension=Dimension(data["dimension"]),
            period=period,
            first=first if is_between else None,
            last=data["last"] if is_between else None,
            filters=Filters(
                resources=[uuid.UUID(data["listing"])] if data["listing"] else [],
                channels=[data["channel"]] if data["channel"] else [],
                sources=[data["source"]] if data["source"] else [],
                campaigns=[data["campaign"]] if data["campaign"] else [],
            ),
            format=ReportFormat(data["format"]),
            schedule=Schedule(data["schedule"]),
            language=language,
        )


def initial_of(report: Report) -> dict[str, Any]:
    """The choices of a report, to begin another one with; of what the form takes once, the first."""
    given = {name: next(iter(report.filters.get(part, ())), "") for name, part in _PARTS}
    dates = {"first": report.first, "last": report.last} if report.period == ReportPeriod.BETWEEN else {}
    plain = {name: getattr(report, name) for name in ("name", "metrics", "dimension", "period", "format", "schedule")}
    return {**plain, **given, **dates}
