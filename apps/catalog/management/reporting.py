"""What the import commands show while and after they work."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from apps.catalog.services.imports import ImportReport

SHOWN_LINES = 20


def progress_bar(total: int | None, *, unit: str) -> tqdm[Any]:
    """A bar on the terminal; silent when the output is not one."""
    return tqdm(total=total, unit=unit, unit_scale=True, disable=None, leave=False)


def print_report(command: BaseCommand, report: ImportReport, *, seconds: float) -> None:
    """Reasons, the first rejected rows, and the one closing line that scripts read."""
    for number, reason, detail in report.rejections[:SHOWN_LINES]:
        command.stderr.write(f"row {number}: {reason}{f' ({detail})' if detail else ''}")
    if report.rejected > SHOWN_LINES:
        command.stderr.write(f"… and {report.rejected - SHOWN_LINES} more rejected rows")
    for reason, count in report.reasons.most_common():
        command.stdout.write(f"{reason}: {count}")
    command.stdout.write(
        f"created={report.created} updated={report.updated} unchanged={report.unchanged} rejected={report.rejected} seconds={seconds:.1f}"
    )
