"""Keeps the read model right: rebuilds cards in batches, and finds those that are not what they should be."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count, Max, Min

from apps.catalog import events as catalog_events
from apps.catalog.cards import find_stale_cards, refresh_cards, write_cards
from apps.catalog.models import Resource
from apps.core import events

BATCH_SIZE = 1000
FIRST = uuid.UUID(int=0)


@dataclass
class UpkeepReport:
    """What was looked at and what was wrong. `last` is the last entry done: an interrupted run goes on after it."""

    seen: int = 0
    written: int = 0
    stale: list[uuid.UUID] = field(default_factory=list)
    last: uuid.UUID = FIRST


def rebuild_cards(
    *, after: uuid.UUID = FIRST, is_forced: bool = False, on_batch: Callable[[UpkeepReport], object] = lambda _report: None
) -> UpkeepReport:
    """Bring every entry's cards up to date, a batch a transaction, in the order of ids; safe beside edits.

    :param after: go on behind this entry.
    :param is_forced: write cards that are right, too (after a change of storage, say).
    """
    report = UpkeepReport(last=after)
    for ids in _batches(after):
        report.written += write_cards(ids) if is_forced else len(refresh_cards(ids))
        report.seen, report.last = report.seen + len(ids), ids[-1]
        on_batch(report)
    return report


def check_cards(
    *, sample: int | None = None, is_repairing: bool = False, on_batch: Callable[[UpkeepReport], object] = lambda _report: None
) -> UpkeepReport:
    """Compare stored cards with what they should be.

    An edit between the two reads of a batch can look like a difference, so what differs is looked at again under lock
    when repairing, and once more otherwise.

    :param sample: look at about this many entries, spread over all; None looks at all.
    """
    report = UpkeepReport()
    for ids in _batches(FIRST) if sample is None else _sampled(sample):
        stale = find_stale_cards(ids)
        if stale:
            stale = refresh_cards(stale) if is_repairing else find_stale_cards(stale)
        report.stale += stale
        report.written += len(stale) if is_repairing else 0
        report.seen, report.last = report.seen + len(ids), ids[-1]
        on_batch(report)
    return report


def rewrite_cards_where(*, key: object, **lookup: object) -> int:
    """Rewrite the cards of the published entries that a look-up finds, a batch a transaction; returns how many entries.

    Harmless when repeated or interrupted: each batch stands alone, and cards are made from what is stored.

    :param key: of the events that tell search.
    """
    after, count = FIRST, 0
    while True:
        with transaction.atomic():
            rows = Resource.objects.published().filter(pk__gt=after, **lookup).order_by("pk")
            ids = list(rows.values_list("pk", flat=True)[:BATCH_SIZE])
            if not ids:
                return count
            write_cards(ids)
            events.publish(catalog_events.resources_changed, key=key, resource_ids=[str(pk) for pk in ids])
        after, count = ids[-1], count + len(ids)


def count_entries() -> int:
    """How many entries there are, for a progress bar."""
    return Resource.objects.count()


def _batches(after: uuid.UUID) -> Iterator[list[uuid.UUID]]:
    while True:
        ids = list(Resource.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE])
        if not ids:
            return
        yield ids
        after = ids[-1]


def _sampled(sample: int) -> Iterator[list[uuid.UUID]]:
    """Entries whose running numbers are evenly spread."""
    bounds = Resource.objects.aggregate(least=Min("number"), most=Max("number"), count=Count("pk"))
    if not bounds["count"]:
        return
    step = max(1, (bounds["most"] - bounds["least"] + 1) // max(1, sample))
    numbers = range(bounds["least"], bounds["most"] + 1, step)
    for start in range(0, len(numbers), BATCH_SIZE):
        part = numbers[start : start + BATCH_SIZE]
        ids = sorted(Resource.objects.filter(number__in=part).values_list("pk", flat=True))
        if ids:
            yield ids
