"""Taking events: which listing, whose, from where, and whether they count."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Sequence

from django.db import DatabaseError

from apps.analytics import constants as c
from apps.analytics.binary_rows import begun_row, microseconds, moment_part, origin_part, visitor_part
from apps.analytics.choices import EventType, SourceClass, Verdict
from apps.analytics.gate import gate
from apps.analytics.incoming import Incoming, Rejected, Taken
from apps.analytics.referrers import clean_campaign, origin_of
from apps.analytics.selectors.naming import city_number, numbers_of
from apps.analytics.services.buffering import Buffered, buffer
from apps.analytics.stream import NO_ID, NOBODY, PLACE, WHO
from apps.analytics.visitors import Visitor

# What people do with the intention to come or call is not left to the buffer.
_AT_ONCE = {int(EventType.CONTACT), int(EventType.DIRECTION)}
_BOT, _COUNTED = int(Verdict.BOT), int(Verdict.COUNTED)
# What is kept of those who ask not to be followed.
_NOWHERE, _NOBODY = origin_part(SourceClass.UNKNOWN, None, ""), visitor_part(None)
_GROUPS = {int(kind): group for kind, group in c.GROUPS.items()}


def track(events: Sequence[Incoming], *, visitor: Visitor, own_host: str, at: dt.datetime) -> Taken:
    """Take events of one visitor: those that count, and those that are kept as set aside.

    What the rule of all processes makes of them is decided a moment later: what is accepted here may still turn out to
    repeat what another process took.

    :param own_host: the site's, as in `Host`: pages of ours are told from others by it.
    """
    if not gate.may_send(visitor.address, events=len(events)):
        return Taken(0, 0, [Rejected(event.place, "rate_limited") for event in events])
    try:
        numbers = numbers_of(event.resource for event in events)
    except DatabaseError:
        # Nobody can say now which listings there are; what this process knows of them would have been enough.
        return Taken(0, 0, [Rejected(event.place, "unavailable") for event in events])
    rejected: list[Rejected] = []
    buffered: list[Buffered] = []
    now_us, now_s = microseconds(at), int(time.time())
    now_part, is_at_once = moment_part(now_us), False
    # The events of a page mostly say the same about it.
    origins: dict[tuple[str, ...], bytes] = {}
    person_part = visitor_part(visitor.number)
    for event in events:
        number = numbers.get(event.resource)
        if number is None:
            rejected.append(Rejected(event.place, "unknown_resource"))
            continue
        if not gate.may_come(number, now_s=now_s):
            rejected.append(Rejected(event.place, "rate_limited"))
            continue
        kind, channel, moment, slot = event.event_type, event.channel, now_part, 0
        if event.occurred_at is not None:
            told_us, slot = _moment(event.occurred_at, now_us)
            moment = moment_part(told_us)
        if event.is_private or visitor.is_private or visitor.number is None:
            origin, person, who = _NOWHERE, _NOBODY, NOBODY
        else:
            said = (event.referrer, event.campaign, event.poster, event.city)
            origin = origins.get(said) or origins.setdefault(said, _origin(event, own_host))
            person, who = person_part, WHO.pack(visitor.number, number, kind, channel, slot)
        pair = visitor.address + PLACE.pack(number, _GROUPS[kind])
        row = begun_row(moment, number, kind, channel, origin, event.position, person)
        buffered.append(Buffered(who, pair, _event_id(event, number) if event.event_id else NO_ID, row, _BOT))
        is_at_once = is_at_once or kind in _AT_ONCE
    if not visitor.is_robot:
        for one, verdict in zip(buffered, gate.judge(visitor.number, visitor.address, buffered, now_s=now_s), strict=True):
            one.verdict = verdict
    if buffered:
        has_room = buffer.add(buffered, at_once=is_at_once)
        if has_room < len(buffered):
            rejected += [Rejected(event.place, "unavailable") for event in events if numbers.get(event.resource) is not None][has_room:]
            del buffered[has_room:]
    accepted = [one.verdict for one in buffered].count(_COUNTED)
    return Taken(accepted, len(buffered) - accepted, sorted(rejected))


def _event_id(event: Incoming, number: int) -> bytes:
    return hashlib.blake2b(f"{number}|{event.event_type}|{event.event_id}".encode(), digest_size=8).digest()


def _moment(occurred_at: dt.datetime, now_us: int) -> tuple[int, int]:
    """When it happened, and the half hour that it is told apart by when it comes late; 0 for now.

    A moment that is told is believed within the last day. The clock of a phone that is a year ahead is not.
    """
    if occurred_at.tzinfo is None:
        return now_us, 0
    told_us = microseconds(occurred_at)
    age_s = (now_us - told_us) / 1e6
    if not -c.AHEAD_S <= age_s <= c.LATE_S:
        return now_us, 0
    told_us = min(told_us, now_us)
    return told_us, 0 if age_s <= c.LIVE_S else told_us // (c.REPEAT_S * 1_000_000)


def _origin(event: Incoming, own_host: str) -> bytes:
    """Source, town and campaign, as rows have them. A poster or campaign says more than the page before."""
    origin = origin_of(event.referrer, own_host=own_host)
    city = city_number(event.city or origin.city)
    if event.poster:
        return origin_part(SourceClass.QR, city, clean_campaign(event.poster))
    campaign = clean_campaign(event.campaign)
    return origin_part(SourceClass.CAMPAIGN if campaign else origin.source, city, campaign)
