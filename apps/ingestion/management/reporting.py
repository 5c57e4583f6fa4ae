"""What the import commands show after they worked."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from apps.catalog.management.reporting import SHOWN_LINES
from apps.ingestion.services.files import ImportReport


def print_report(command: BaseCommand, report: ImportReport, *, seconds: float) -> None:
    """Reasons, the first rejected rows, and the one closing line that scripts read."""
    for number, refusal in report.rejections[:SHOWN_LINES]:
        command.stderr.write(f"row {number}: {refusal.code}{f' ({refusal.detail})' if refusal.detail else ''}")
    if report.rejected > SHOWN_LINES:
        command.stderr.write(f"… and {report.rejected - SHOWN_LINES} more rejected rows")
    for reason, count in report.reasons.most_common():
        command.stdout.write(f"{reason}: {count}")
    command.stdout.write(
        f"created={report.created} updated={report.updated} unchanged={report.unchanged} rejected={report.rejected} seconds={seconds:.1f}"
    )
