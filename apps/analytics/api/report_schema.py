"""What the OpenAPI document says of reports."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from apps.analytics.api.report_bodies import ReportBodySerializer, ReportFiltersSerializer
from apps.analytics.choices import Dimension, Metric, ReportFormat, ReportPeriod, ReportState, Schedule
from apps.core.api.openapi import IDEMPOTENCY_KEY, problem, problems, query

_REPORT: Final[dict[str, Any]] = {
    "id": "0193510c-5f2a-7c11-9d0e-2f6a4b7c8d90", "livemode": True, "name": "Contacts du mois", "metrics": ["views", "contacts"],
    "dimension": "day", "period": "30d", "first": "2026-10-29", "last": "2026-11-27", "filters": {}, "format": "xlsx", "schedule": "",
    "next_at": None, "state": "ready", "progress": 100, "error": None, "rows": 30, "size": 6120,
    "download_url": "https://ecosyste.example/api/v1/analytics/reports/0193510c-5f2a-7c11-9d0e-2f6a4b7c8d90/download?signature=WyIwMTk…",
    "created_at": "2026-11-27T09:30:00Z", "finished_at": "2026-11-27T09:30:02Z", "expires_at": "2026-12-04T09:30:02Z",
}  # fmt: skip
_QUEUED: Final = {
    **_REPORT, "state": "queued", "progress": 0, "rows": None, "size": None, "download_url": None, "finished_at": None, "expires_at": None,
}  # fmt: skip
_BODY: Final = {"name": "Contacts du mois", "metrics": ["views", "contacts"], "dimension": "day", "period": "30d", "format": "xlsx"}


class ReportSerializer(serializers.Serializer[Any]):
    """A report and how far it is."""

    id = serializers.UUIDField()
    livemode = serializers.BooleanField()
    name = serializers.CharField()
    metrics = serializers.ListField(child=serializers.ChoiceField(choices=Metric.choices))
    dimension = serializers.ChoiceField(choices=Dimension.choices)
    period = serializers.ChoiceField(choices=ReportPeriod.choices)
    first = serializers.DateField()
    last = serializers.DateField()
    filters = ReportFiltersSerializer()
    format = serializers.ChoiceField(choices=ReportFormat.choices)
    schedule = serializers.ChoiceField(choices=Schedule.choices, allow_blank=True)
    next_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=ReportState.choices)
    progress = serializers.IntegerField(help_text="Percent.")
    error = serializers.CharField(allow_null=True, help_text="Why it failed: `given_up` after three workers did not finish it.")
    rows = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True, help_text="Bytes.")
    download_url = serializers.URLField(
        allow_null=True, help_text="Opens the file without credentials for 24 hours; each reading gives a new one."
    )
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When the file is removed.")


class ReportListSerializer(serializers.Serializer[Any]):
    """A page of reports, newest first."""

    data = ReportSerializer(many=True)  # type: ignore[assignment]  # the name of the wire
    has_more = serializers.BooleanField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


_ID = OpenApiParameter("report_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="From the list.")
_SHARED: Final[dict[str, Any]] = {"tags": ["analytics"]}
LIST: Final[dict[str, Any]] = {
    **_SHARED,
    "operation_id": "list_reports",
    "summary": "List one's reports",
    "description": "Newest first. Keys and applications need `analytics:read`; a test key has reports of its own.",
    "parameters": [
        query("limit", "Reports of a page, 1 to 100.", OpenApiTypes.INT),
        query("cursor", "From `next`: reports behind that one.", OpenApiTypes.UUID),
    ],
    "responses": {
        200: OpenApiResponse(
            ReportListSerializer,
            description="A page.",
            examples=[OpenApiExample("page", {"data": [_REPORT], "has_more": False, "next": None, "previous": None})],
        ),
        **problems(400, 401, 403),
    },
}
CREATE: Final[dict[str, Any]] = {
    **_SHARED,
    "operation_id": "create_report",
    "summary": "Have a report made",
    "description": "Metrics by one dimension over a period, with filters, as a file that a worker makes from the same counters as the "
    "dashboard. By source, hour, town or campaign only views and contacts are counted, by channel only contacts, and two of these are "
    "never crossed. With `schedule` it is made again every Monday or first of the month and sent by mail. Ask `Location` how far it is.",
    "parameters": [IDEMPOTENCY_KEY],
    "request": ReportBodySerializer,
    "examples": [OpenApiExample("month", _BODY, request_only=True)],
    "responses": {
        202: OpenApiResponse(
            ReportSerializer,
            description="Saved; a worker makes it.",
            examples=[OpenApiExample("queued", _QUEUED, response_only=True, status_codes=["202"])],
        ),
        **problems(400, 401, 403, 411, 413, 415, 422),
        **problem(409, "Fifty reports are kept, or the same request is still running.", "too_many_reports"),
    },
}
GET: Final[dict[str, Any]] = {
    **_SHARED,
    "operation_id": "get_report",
    "summary": "Read a report",
    "description": "How far it is; a ready one with the address of its file. Costs no quota.",
    "parameters": [_ID],
    "responses": {
        200: OpenApiResponse(ReportSerializer, description="As it is now.", examples=[OpenApiExample("ready", _REPORT)]),
        **problems(400, 401, 403, 404),
    },
}
DELETE: Final[dict[str, Any]] = {
    **_SHARED,
    "operation_id": "delete_report",
    "summary": "Delete a report",
    "description": "With its file; a scheduled one is made no more.",
    "parameters": [_ID],
    "responses": {204: OpenApiResponse(description="It is gone."), **problems(400, 401, 403, 404)},
}
DOWNLOAD: Final[dict[str, Any]] = {
    **_SHARED,
    "operation_id": "download_report",
    "summary": "Download a report",
    "description": "The file, for the report's owner, or for anybody with the signed address that the report gives, for 24 hours. Texts "
    "that a spreadsheet would take for formulas begin with an apostrophe.",
    "parameters": [_ID, query("signature", "From `download_url`.")],
    "responses": {
        (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY, description="The file."),
        (200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"): OpenApiResponse(
            OpenApiTypes.BINARY, description="The file."
        ),
        **problems(400, 401, 404),
        **problem(403, "The address is too old or forged, or the credential lacks the scope.", "link_expired"),
        **problem(409, "It is not ready yet.", "report_not_ready"),
        **problem(410, "The file is removed.", "report_expired"),
    },
}
