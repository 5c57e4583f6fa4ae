"""Taking events: which listing, whose, from where, and whether they count."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Sequence

from django.db import DatabaseError

from apps.analytics import constants as c
from apps.analytics.choices import EventType, SourceClass, Verdict
from apps.analytics.encoding import PackedEvent, microseconds
from apps.analytics.gate import gate
from apps.analytics.incoming import Incoming, Rejected, Taken
from apps.analytics.referrers import clean_campaign, origin_of
from apps.analytics.selectors.naming import city_number, numbers_of
from apps.analytics.services.buffering import Buffered, buffer
from apps.analytics.stream import KEY
from apps.analytics.visitors import Visitor

# What people do with the intention to come or call is not left to the buffer.
_AT_ONCE = {EventType.CONTACT, EventType.DIRECTION}
_BOT, _COUNTED = int(Verdict.BOT), int(Verdict.COUNTED)
# What is kept of those who ask not to be followed.
_NOWHERE = (int(SourceClass.UNKNOWN), None, "")
_NO_ID = b"\0" * 8
_GROUPS = {int(kind): group for kind, group in c.GROUPS.items()}
_GROUP_DIGITS = {group: str(group).encode() for group in c.LISTING_HOURLY}


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
    # The events of a page mostly say the same about it.
    origins: dict[tuple[str, ...], tuple[int, int | None, str]] = {}
    for event in events:
        number = numbers.get(event.resource)
        if number is None:
            rejected.append(Rejected(event.place, "unknown_resource"))
        elif not gate.may_come(number, now_s=now_s):
            rejected.append(Rejected(event.place, "rate_limited"))
        else:
            said = (event.referrer, event.campaign, event.poster, event.city)
            origin = _NOWHERE if visitor.is_private or event.is_private else origins.get(said)
            if origin is None:
                origin = origins[said] = _origin(event, own_host)
            buffered.append(_buffered(event, number, visitor, origin, now_us=now_us, now_s=now_s))
    if buffered:
        has_room = buffer.add(buffered, at_once=any(one.event.event_type in _AT_ONCE for one in buffered))
        if has_room < len(buffered):
            rejected += [Rejected(event.place, "unavailable") for event in events if numbers.get(event.resource) is not None][has_room:]
            del buffered[has_room:]
    accepted = sum(one.verdict == _COUNTED for one in buffered)
    return Taken(accepted, len(buffered) - accepted, sorted(rejected))


def _buffered(event: Incoming, number: int, visitor: Visitor, origin: tuple[int, int | None, str], *, now_us: int, now_s: int) -> Buffered:
    created_us, slot = _moment(event, now_us)
    kind, channel, group = event.event_type, event.channel, _GROUPS[event.event_type]
    person = None if visitor.is_private or event.is_private else visitor.number
    source, city, campaign = origin
    who = None if person is None else (person, number, kind, channel, slot)
    verdict = _BOT if visitor.is_robot else gate.judge(who, visitor.address, number, group, now_s=now_s)
    identity = hashlib.blake2b(f"{number}|{kind}|{event.event_id}".encode(), digest_size=8).digest() if event.event_id else _NO_ID
    key = KEY.pack(person or 0, number, kind, channel, slot, visitor.address, _GROUP_DIGITS[group], identity)
    return Buffered(PackedEvent(created_us, number, kind, channel, source, city, campaign, event.position, person), key, verdict)


def _moment(event: Incoming, now_us: int) -> tuple[int, int]:
    """When it happened, and the half hour that it is told apart by when it comes late; 0 for now.

    A moment that is told is believed within the last day. The clock of a phone that is a year ahead is not.
    """
    if event.occurred_at is None or event.occurred_at.tzinfo is None:
        return now_us, 0
    told_us = microseconds(event.occurred_at)
    age_s = (now_us - told_us) / 1e6
    if not -c.AHEAD_S <= age_s <= c.LATE_S:
        return now_us, 0
    told_us = min(told_us, now_us)
    return told_us, 0 if age_s <= c.LIVE_S else told_us // (c.REPEAT_S * 1_000_000)


def _origin(event: Incoming, own_host: str) -> tuple[int, int | None, str]:
    """Source, town and campaign. A poster or campaign says more than the page before."""
    origin = origin_of(event.referrer, own_host=own_host)
    city = city_number(event.city or origin.city)
    if event.poster:
        return int(SourceClass.QR), city, clean_campaign(event.poster)
    campaign = clean_campaign(event.campaign)
    return int(SourceClass.CAMPAIGN if campaign else origin.source), city, campaign
