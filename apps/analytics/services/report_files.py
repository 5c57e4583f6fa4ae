"""A report as a file: CSV, XLSX or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import IO

from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from apps.analytics.choices import Dimension, Metric, ReportFormat
from apps.analytics.models import Report
from apps.analytics.selectors.report_rows import ReportRow
from apps.core.spreadsheets import BOM, harmless

# Dimensions whose key is what people call it, too.
_ONE_COLUMN = frozenset({Dimension.DAY, Dimension.WEEK, Dimension.MONTH, Dimension.CAMPAIGN})


def write_file(report: Report, rows: Sequence[ReportRow], target: IO[bytes]) -> None:
    """Write the file of a report, in its language."""
    with translation.override(report.language):
        _WRITERS[ReportFormat(report.format)](report, rows, target)


def _heading(report: Report) -> list[str]:
    dimension = Dimension(report.dimension)
    names = [str(dimension.label)] if dimension in _ONE_COLUMN else [_("Identifiant"), str(dimension.label)]
    return [*names, *(str(Metric(metric).label) for metric in report.metrics)]


def _cells(report: Report, row: ReportRow) -> list[str]:
    """Texts of a row. Names and campaigns are what strangers wrote."""
    return [harmless(row.label)] if report.dimension in _ONE_COLUMN else [harmless(row.key), harmless(row.label)]


def _csv(report: Report, rows: Sequence[ReportRow], target: IO[bytes]) -> None:
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow(_heading(report))
    writer.writerows([*_cells(report, row), *row.counts] for row in rows)
    text.detach()


def _xlsx(report: Report, rows: Sequence[ReportRow], target: IO[bytes]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Rapport"))
    sheet.freeze_panes = "A2"
    sheet.column_dimensions["A"].width = 28
    heading = [WriteOnlyCell(sheet, value=title) for title in _heading(report)]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    for row in rows:
        sheet.append([*_cells(report, row), *row.counts])
    book.save(target)


def _json(report: Report, rows: Sequence[ReportRow], target: IO[bytes]) -> None:
    body = {
        "name": report.name, "metrics": report.metrics, "dimension": report.dimension, "first": report.first.isoformat(),
        "last": report.last.isoformat(), "filters": report.filters,
        "rows": [{report.dimension: row.key, "label": row.label, **dict(zip(report.metrics, row.counts, strict=True))} for row in rows],
    }  # fmt: skip
    target.write(json.dumps(body, ensure_ascii=False, indent=1).encode())


_WRITERS: dict[ReportFormat, Callable[[Report, Sequence[ReportRow], IO[bytes]], None]] = {
    ReportFormat.CSV: _csv, ReportFormat.XLSX: _xlsx, ReportFormat.JSON: _json,
}  # fmt: skip
