"""Visits of a demonstration: believable, the same every time, and written as events are."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.analytics.choices import Channel, EventType, SourceClass, Verdict
from apps.analytics.constants import RAW_DAYS, ZONE
from apps.analytics.models import EventBatch
from apps.analytics.rows import EventRow
from apps.analytics.services.partitions import ensure_partitions
from apps.analytics.services.recording import record
from apps.analytics.services.rollups import count_rows, count_waiting

# The period that pages show first, and the one that they compare it with.
DAYS = 60
# A day is written in four parts, each when it is over: a demonstration that is loaded at noon has a morning.
PART_HOURS = 6

_WEEK = (0.8, 0.85, 0.9, 1.0, 1.25, 1.35, 0.95)
_HOURS = (1, 0.5, 0.3, 0.2, 0.3, 1, 2, 3, 4, 5, 6, 9, 11, 8, 5, 5, 6, 8, 12, 13, 10, 7, 4, 2)
_SOURCES = {
    SourceClass.OUR_SEARCH: 38, SourceClass.OUR_LIST: 21, SourceClass.SEARCH_ENGINE: 16, SourceClass.DIRECT: 9, SourceClass.MESSAGE: 6,
    SourceClass.SOCIAL: 5, SourceClass.QR: 3, SourceClass.REFERRAL: 1, SourceClass.UNKNOWN: 1,
}  # fmt: skip
# What follows a view, of a hundred.
_FOLLOWING = (
    (EventType.CONTACT, Channel.CALL, 7.0), (EventType.CONTACT, Channel.WHATSAPP, 4.5), (EventType.DIRECTION, Channel.NONE, 3.5),
    (EventType.CONTACT, Channel.SITE, 1.4), (EventType.SHARE, Channel.NONE, 1.0), (EventType.CONTACT, Channel.COPY_NUMBER, 0.8),
    (EventType.SAVE, Channel.NONE, 0.7), (EventType.CONTACT, Channel.EMAIL, 0.3),
)  # fmt: skip
_CAMPAIGNS = {SourceClass.QR: "affiche-comptoir", SourceClass.MESSAGE: "statut-whatsapp"}
_SHOWN_PER_VIEW = 4
_BOTS, _REPEATS = 0.06, 0.03


@dataclass(frozen=True)
class Visited:
    """A listing of the demonstration: views of an ordinary day, and its town's short key."""

    number: int
    views: int
    city: int | None


def load_demo_events(listings: Sequence[Visited], *, other_cities: Sequence[int], at: dt.datetime) -> int:
    """Write the visits of the last days that are missing; returns how many events. Harmless when repeated.

    Days whose events would be dropped already are in the counters only.
    """
    if not listings:
        return 0
    today = at.astimezone(ZONE).date()
    known = set(EventBatch.objects.filter(pk__startswith="demo:").values_list("pk", flat=True))
    written = 0
    for back in range(DAYS - 1, -1, -1):
        day = today - dt.timedelta(days=back)
        names = [f"demo:{day}:{part}" for part in range(24 // PART_HOURS)]
        if known.issuperset(names):
            continue
        rows = [row for listing in listings for row in _day_of(listing, day, back, other_cities)]
        for part, name in enumerate(names):
            ends = dt.datetime.combine(day, dt.time(part * PART_HOURS), ZONE) + dt.timedelta(hours=PART_HOURS)
            if name in known or ends > at:
                continue
            some = [row for row in rows if row.created_at.astimezone(ZONE).hour // PART_HOURS == part]
            written += len(some)
            if back < RAW_DAYS:
                record(some, batch_id=name, at=at)
            else:
                _count_only(some, day, name, at=at)
    count_waiting(at=at)
    return written


@transaction.atomic
def _count_only(rows: Sequence[EventRow], day: dt.date, name: str, *, at: dt.datetime) -> None:
    _made, is_new = EventBatch.objects.get_or_create(pk=name, defaults={"created_at": at, "events": len(rows)})
    if is_new:
        ensure_partitions([day])
        count_rows(rows)


def _day_of(listing: Visited, day: dt.date, back: int, other_cities: Sequence[int]) -> Iterator[EventRow]:
    """A day's events of a listing; weeks have a rhythm, and the demonstration grows."""
    draw = random.Random(f"{listing.number} {day}")  # noqa: S311  a demonstration that is the same every time
    growth = 1.12 - 0.4 * back / DAYS
    views = round(listing.views * _WEEK[day.weekday()] * growth * draw.uniform(0.8, 1.2))
    hours = draw.choices(range(24), _HOURS, k=views)
    for clock in hours:
        moment = dt.datetime.combine(day, dt.time(clock, draw.randrange(60), draw.randrange(60)), ZONE)
        yield from _visit(draw, listing, day, moment, other_cities)


def _visit(draw: random.Random, listing: Visited, day: dt.date, moment: dt.datetime, other_cities: Sequence[int]) -> Iterator[EventRow]:
    source = draw.choices(list(_SOURCES), list(_SOURCES.values()))[0]
    city = listing.city if draw.random() < 0.72 or not other_cities else draw.choice(other_cities)
    visitor = draw.getrandbits(62)

    def event(
        kind: EventType, *, channel: Channel = Channel.NONE, position: int | None = None, verdict: Verdict = Verdict.COUNTED,
        who: int | None = visitor,
    ) -> EventRow:  # fmt: skip
        return EventRow(
            day, moment, listing.number, kind, channel, source, city, _CAMPAIGNS.get(source, ""), position, who, verdict
        )  # fmt: skip

    for _seen in range(draw.randrange(2 * _SHOWN_PER_VIEW)):
        yield event(EventType.IMPRESSION, position=min(1 + int(draw.expovariate(0.35)), 60), who=None)
    if source in {SourceClass.OUR_SEARCH, SourceClass.OUR_LIST}:
        yield event(EventType.CLICK)
    yield event(EventType.VIEW)
    for kind, channel, percent in _FOLLOWING:
        if draw.random() * 100 < percent:
            yield event(kind, channel=channel)
    if draw.random() < _BOTS:
        yield event(EventType.VIEW, verdict=Verdict.BOT, who=None)
    if draw.random() < _REPEATS:
        yield event(EventType.VIEW, verdict=Verdict.REPEAT)
