"""Background work of analytics."""

from __future__ import annotations

import uuid

from celery import shared_task

from apps.analytics.services import draining, latency, partitions, reports, rollups
from apps.core.background import enqueue
from apps.core.clock import now


@shared_task(ignore_result=True)
def drain_events(**_: object) -> None:
    """Write what pages and programs have told."""
    draining.drain()


@shared_task(ignore_result=True)
def count_events(**_: object) -> None:
    """Add what was written to the counters."""
    rollups.count_waiting(at=now())


@shared_task(ignore_result=True)
def make_partitions(**_: object) -> None:
    """Have tables for the days to come, and give up those of days that are no longer kept."""
    at = now()
    partitions.make_ahead(at=at)
    # What is dropped is counted.
    rollups.count_waiting(at=at)
    partitions.drop_old(at=at)
    draining.prune_batches(at=at)
    draining.prune_consumers()
    latency.prune_latency(at=at)


@shared_task(ignore_result=True)
def prune_analytics(**_: object) -> None:
    """Forget counters after 25 months, the files of reports after a week."""
    at = now()
    rollups.prune_counters(at=at)
    reports.prune_reports(at=at)


@shared_task(ignore_result=True)
def make_report(*, report_id: str, **_: object) -> None:
    """Make the file of a report, of what arrived until now."""
    rollups.count_waiting(at=now())
    reports.make_report(report_id=uuid.UUID(report_id))


@shared_task(ignore_result=True)
def sweep_reports(**_: object) -> None:
    """Begin the reports whose day has come, and hand over again what a worker that died left behind."""
    at = now()
    reports.begin_scheduled(at=at)
    for report_id in reports.waiting_reports(at=at):
        enqueue("apps.analytics.tasks.make_report", report_id=str(report_id))


@shared_task(ignore_result=True)
def delete_reports_of(*, user_id: str, **_: object) -> None:
    """Delete the reports of an account that is gone."""
    reports.delete_reports_of(user_id=uuid.UUID(user_id))
