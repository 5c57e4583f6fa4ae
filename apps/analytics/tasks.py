"""Background work of analytics."""

from __future__ import annotations

from celery import shared_task

from apps.analytics.services import draining, latency, partitions
from apps.core.clock import now


@shared_task(ignore_result=True)
def drain_events(**_: object) -> None:
    """Write what pages and programs have told."""
    draining.drain()


@shared_task(ignore_result=True)
def make_partitions(**_: object) -> None:
    """Have tables for the days to come, and give up those of days that are no longer kept."""
    at = now()
    partitions.make_ahead(at=at)
    partitions.drop_old(at=at)
    draining.prune_batches(at=at)
    latency.prune_latency(at=at)
