"""Reports of one's own figures. Each path is one class."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.accounts.callers import Caller, caller_of
from apps.accounts.choices import Scope
from apps.accounts.models import User
from apps.analytics.api import report_schema
from apps.analytics.api.figures import moment
from apps.analytics.api.report_bodies import ReportBodySerializer, spec_of
from apps.analytics.choices import ReportState
from apps.analytics.exceptions import LinkExpired
from apps.analytics.models import Report
from apps.analytics.report_files import open_file
from apps.analytics.report_links import link_token, opens
from apps.analytics.selectors.reports import mode_of, own_report, report_page
from apps.analytics.services import reports
from apps.core.api.pagination import address_of
from apps.core.api.params import Params
from apps.core.api.views import ApiView
from apps.core.clock import now
from apps.core.idempotency import answer_once

# Ask again after so many seconds while a report is made.
POLL_AFTER_S = 2


class _ReportsView(ApiView):
    read_scope = Scope.ANALYTICS_READ.value

    def _caller(self, request: Request) -> tuple[Caller, User]:
        caller = caller_of(request)
        return caller, caller.require(Scope.ANALYTICS_READ)


class ReportListView(_ReportsView):
    """The caller's reports."""

    reads_query = True

    @extend_schema(**report_schema.LIST)
    def get(self, request: Request) -> HttpResponse:
        """A page, newest first."""
        caller, user = self._caller(request)
        django_request = request._request  # noqa: SLF001  DRF's way to Django's request
        params = Params(django_request.GET)
        limit, after = params.limit(), params.uuid("cursor")
        params.finish()
        rows, following = report_page(user, livemode=mode_of(caller), after=after, limit=limit)
        address = f"{address_of(django_request, limit=limit)}&cursor={following}" if following else None
        data = [report_data(row, django_request) for row in rows]
        return JsonResponse({"data": data, "has_more": address is not None, "next": address, "previous": None})

    @extend_schema(**report_schema.CREATE)
    def post(self, request: Request) -> HttpResponse:
        """Save a report; a worker makes it."""
        caller, user = self._caller(request)
        django_request = request._request  # noqa: SLF001  likewise
        raw = django_request.body
        body = ReportBodySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        spec, at = spec_of(body.validated_data, language=self.language), now()

        def answer() -> HttpResponse:
            report = reports.create_report(user=user, livemode=caller.livemode, spec=spec, at=at)
            response = JsonResponse(report_data(report, django_request), status=202)
            response["Location"] = _address(django_request, "v1:report", report.pk)
            return response

        return answer_once(django_request, caller=caller.identity, body=raw, at=at, answer=answer)


class ReportView(_ReportsView):
    """One of them."""

    @extend_schema(**report_schema.GET)
    def get(self, request: Request, report_id: uuid.UUID) -> HttpResponse:
        """How far it is, and where its file is."""
        caller, user = self._caller(request)
        report = own_report(user, livemode=mode_of(caller), report_id=report_id)
        response = JsonResponse(report_data(report, request._request))  # noqa: SLF001  likewise
        if report.state in {ReportState.QUEUED, ReportState.RUNNING}:
            response["Retry-After"] = str(POLL_AFTER_S)
        return response

    @extend_schema(**report_schema.DELETE)
    def delete(self, request: Request, report_id: uuid.UUID) -> HttpResponse:
        """With its file; a scheduled one is made no more."""
        caller, user = self._caller(request)
        reports.delete_report(user=user, livemode=mode_of(caller), report_id=report_id)
        return HttpResponse(status=204)


class ReportFileView(_ReportsView):
    """Its file: for its owner, or for who has a signed address that is a day old at most."""

    reads_query = True

    @extend_schema(**report_schema.DOWNLOAD)
    def get(self, request: Request, report_id: uuid.UUID) -> HttpResponseBase:
        """The bytes."""
        params = Params(request._request.GET)  # noqa: SLF001  likewise
        token = params.text("signature", limit=300)
        params.finish()
        if token is None:
            caller, user = self._caller(request)
            return file_response(own_report(user, livemode=mode_of(caller), report_id=report_id))
        attempt = opens(token, report_id=report_id)
        report = None if attempt is None else Report.objects.filter(pk=report_id).first()
        if report is None or report.attempt != attempt:
            raise LinkExpired
        return file_response(report)


def file_response(report: Report) -> FileResponse:
    """The file of a report, to save. :raises ReportNotReady: :raises ReportExpired: see the errors."""
    file, name, content_type = open_file(report)
    response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def report_data(report: Report, request: HttpRequest) -> dict[str, Any]:
    """A report as its owner gets it; a ready one with an address that opens for a day."""
    is_ready = report.state == ReportState.READY
    return {
        "id": str(report.pk),
        "livemode": report.livemode,
        "name": report.name,
        "metrics": report.metrics,
        "dimension": report.dimension,
        "period": report.period,
        "first": report.first.isoformat(),
        "last": report.last.isoformat(),
        "filters": report.filters,
        "format": report.format,
        "schedule": report.schedule,
        "next_at": moment(report.next_at),
        "state": str(report.state),
        "progress": report.progress,
        "error": report.error or None,
        "rows": report.rows if is_ready else None,
        "size": report.size if is_ready else None,
        "download_url": f"{_address(request, 'v1:report_file', report.pk)}?signature={link_token(report)}" if is_ready else None,
        "created_at": moment(report.created_at),
        "finished_at": moment(report.finished_at),
        "expires_at": moment(report.expires_at),
    }


def _address(request: HttpRequest, name: str, report_id: uuid.UUID) -> str:
    return request.build_absolute_uri(reverse(name, kwargs={"report_id": report_id}))
