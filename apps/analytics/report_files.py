"""The file of a report, on its way to somebody."""

from __future__ import annotations

from typing import IO

from django.utils.text import slugify

from apps.analytics.choices import ReportFormat, ReportState
from apps.analytics.exceptions import ReportExpired, ReportNotReady
from apps.analytics.models import Report

CONTENT_TYPES = {
    ReportFormat.CSV: "text/csv; charset=utf-8",
    ReportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportFormat.JSON: "application/json",
}


def open_file(report: Report) -> tuple[IO[bytes], str, str]:
    """The file, a name to save it under, and its type. :raises ReportNotReady: :raises ReportExpired: see the errors."""
    if report.state == ReportState.EXPIRED:
        raise ReportExpired
    if report.state != ReportState.READY:
        raise ReportNotReady
    try:
        file: IO[bytes] = report.file.open("rb")
    except FileNotFoundError as error:
        # Made anew or pruned since the row was read.
        raise ReportExpired from error
    name = f"{slugify(report.name)[:60] or 'rapport'}-{report.last.isoformat()}.{report.format}"
    return file, name, CONTENT_TYPES[ReportFormat(report.format)]
