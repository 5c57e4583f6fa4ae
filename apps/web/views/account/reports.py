"""Reports of one's statistics: ask for one, see how far it is, take its file, delete it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import User
from apps.analytics.choices import Dimension, Metric, ReportFormat, ReportPeriod, ReportState
from apps.analytics.exceptions import ReportExpired, ReportNotReady
from apps.analytics.models import Report
from apps.analytics.report_files import open_file
from apps.analytics.report_rules import CHANNELS, SOURCES, Filters
from apps.analytics.selectors.reports import listings_of, own_report, own_reports
from apps.analytics.services import reports
from apps.catalog.models import City, Resource
from apps.core.clock import now
from apps.core.exceptions import DomainError, FieldsInvalid, NotFound
from apps.core.templatetags.eco import date_short
from apps.web.forms.reports import FIELDS, ReportForm, initial_of
from apps.web.key_rows import moment
from apps.web.pages import current_language
from apps.web.people import user_of

# A list to choose from with more is no list any more; the API takes any.
LISTINGS_SHOWN = 100


@login_required
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """Somebody's reports, newest first. While one is made the list asks again."""
    rows = [(report, _words(report)) for report in own_reports(user_of(request), livemode=True)[: reports.REPORTS_MAX]]
    is_busy = any(report.state in {ReportState.QUEUED, ReportState.RUNNING} for report, _told in rows)
    return render(request, "web/account/reports.html", {"rows": rows, "is_busy": is_busy, "most": reports.REPORTS_MAX})


@login_required
@require_safe
def report_page(request: HttpRequest, report_id: uuid.UUID) -> HttpResponse:
    """One report: what it counts, how far it is, its file. Mails lead here. While it is made the page asks again."""
    report = _own(request, report_id)
    return render(request, "web/account/report.html", {"report": report, "told": _words(report), "facts": _facts(report)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request: HttpRequest) -> HttpResponse:
    """The builder of a report; with the choices of another one of the same person (`comme`) to begin with."""
    user = user_of(request)
    listings = [(str(one.id), one.name) for one in listings_of(user.pk, livemode=True)[:LISTINGS_SHOWN]]
    like = _like(user, request.GET.get("comme", ""))
    initial = initial_of(like) if like else {
        "metrics": [Metric.VIEWS, Metric.CONTACTS], "dimension": Dimension.DAY, "period": ReportPeriod.MONTH, "format": ReportFormat.XLSX,
    }  # fmt: skip
    form = ReportForm(request.POST if request.method == "POST" else None, listings=listings, initial=initial)
    if form.is_bound and form.is_valid() and _created(form, user):
        messages.success(request, _("Le rapport est en préparation. Il est ici dès qu’il est prêt."))
        return redirect("web:reports")
    return render(request, "web/account/report_new.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_safe
def report_file(request: HttpRequest, report_id: uuid.UUID) -> HttpResponseBase:
    """The file, for its owner alone."""
    try:
        file, name, content_type = open_file(_own(request, report_id))
    except (ReportNotReady, ReportExpired) as error:
        messages.error(request, error.detail)
        return redirect("web:reports")
    response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_delete(request: HttpRequest, report_id: uuid.UUID) -> HttpResponse:
    """Asked once more, then gone with its file."""
    report = _own(request, report_id)
    if request.method == "POST":
        reports.delete_report(user=user_of(request), livemode=True, report_id=report.pk)
        messages.success(request, _("Le rapport est supprimé."))
        return redirect("web:reports")
    return render(request, "web/account/report_delete.html", {"report": report})


def _created(form: ReportForm, user: User) -> bool:
    """Whether the report is saved; else the form says what is wrong with it."""
    try:
        reports.create_report(user=user, livemode=True, spec=form.spec(current_language()), at=now())
    except FieldsInvalid as error:
        for pointer, code, detail in error.errors:
            member = pointer.removeprefix("/")
            form.add_error(FIELDS.get(member, member), forms.ValidationError(str(detail), code=code))
        return False
    except DomainError as error:
        form.add_error(None, forms.ValidationError(str(error.detail), code=error.code))
        return False
    return True


def _own(request: HttpRequest, report_id: uuid.UUID) -> Report:
    try:
        return own_report(user_of(request), livemode=True, report_id=report_id)
    except NotFound as error:
        raise Http404 from error


def _like(user: User, asked: str) -> Report | None:
    """The report whose choices are asked for; None when there is none of this person's."""
    try:
        return own_report(user, livemode=True, report_id=uuid.UUID(asked))
    except (ValueError, NotFound):
        return None


def _facts(report: Report) -> list[dict[str, Any]]:
    """What a report counts, for its page; what it does not say is left out there."""
    filters = Filters.from_json(report.filters)
    names = dict(Resource.objects.filter(pk__in=filters.resources).values_list("pk", "name")) if filters.resources else {}
    towns = dict(City.objects.filter(slug__in=filters.cities).values_list("slug", "name_fr")) if filters.cities else {}
    only = [
        *(CHANNELS[word].label for word in filters.channels if word in CHANNELS),
        *(SOURCES[word].label for word in filters.sources if word in SOURCES),
        *(towns.get(word, word) for word in filters.cities), *filters.campaigns,
    ]  # fmt: skip
    told = _words(report)
    rows = [
        (_("Fiches"), ", ".join(names.get(pk, _("Fiche supprimée")) for pk in filters.resources) or _("Toutes vos fiches")),
        (_("Mesures"), told["metrics"]),
        (_("Une ligne par"), told["dimension"]),
        (_("Jours comptés"), _("Du %(first)s au %(last)s") % {"first": date_short(report.first), "last": date_short(report.last)}),
        (_("Seulement"), ", ".join(str(one) for one in only)),
        (_("Fichier"), report.get_format_display()),
        (_("Envoi par e-mail"), report.get_schedule_display() if report.schedule else ""),
        (_("Prochain envoi"), date_short(report.next_at) if report.schedule and report.next_at else ""),
        (_("Demandé le"), moment(report.created_at)),
        (_("Fait le"), moment(report.finished_at) if report.finished_at and report.state != ReportState.FAILED else ""),
    ]
    return [{"label": label, "value": value, "url": None} for label, value in rows]


def _words(report: Report) -> dict[str, Any]:
    """A report in words."""
    return {
        "metrics": ", ".join(str(Metric(one).label) for one in report.metrics),
        "dimension": Dimension(report.dimension).label,
        "is_waiting": report.state in {ReportState.QUEUED, ReportState.RUNNING},
        "is_ready": report.state == ReportState.READY,
        "is_over": report.state in {ReportState.FAILED, ReportState.EXPIRED},
        "tone": {ReportState.READY: "brand", ReportState.FAILED: "clay"}.get(ReportState(report.state), "demo"),
    }
