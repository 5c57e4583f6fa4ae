"""Events added up by listing and day, in memory. What they are added to is the business of `services.counting`."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from apps.analytics.choices import EventType, Verdict
from apps.analytics.constants import EVERY_LISTING, MAX_CAMPAIGNS, ZONE
from apps.analytics.rows import EventRow

# Columns of `ListingDay` in the order of a tally: by type, by channel, set aside, ranks.
TYPE_COLUMNS = ("views", "impressions", "clicks", "contacts", "directions", "shares", "saves")
CHANNEL_COLUMNS = ("calls", "whatsapps", "sms", "emails", "sites", "copies")
ASIDE_COLUMNS = ("bots", "repeats", "floods")
COLUMNS = (*TYPE_COLUMNS, *CHANNEL_COLUMNS, *ASIDE_COLUMNS, "ranked", "rank_sum")
_CHANNELS_AT = len(TYPE_COLUMNS) - 1  # channels count from 1
_ASIDE_AT = len(TYPE_COLUMNS) + len(CHANNEL_COLUMNS) - 1  # verdicts too
_RANKED_AT = len(COLUMNS) - 2

# Keys of a breakdown: what is counted (v: views, c: contacts), by what, and its value: `vs2` views from source 2, `ch17` contacts at 17 h,
# `vt31` views from town 31, `vkrentree` views of a campaign, `vo` those of campaigns beyond the first fifty.
COUNTED = {EventType.VIEW: "v", EventType.CONTACT: "c"}

VIEW, IMPRESSION, CONTACT = int(EventType.VIEW), int(EventType.IMPRESSION), int(EventType.CONTACT)


class Tally:
    """Counts of one listing and day."""

    __slots__ = ("breakdown", "counts", "last_at")

    def __init__(self) -> None:
        self.counts = [0] * len(COLUMNS)
        self.breakdown: dict[str, int] = {}
        self.last_at = dt.datetime.min.replace(tzinfo=dt.UTC)

    def add(self, row: EventRow, times: int = 1, rank_sum: int | None = None) -> None:
        """Count an event, or so many that differ in nothing that is counted but their ranks (`rank_sum` in all)."""
        counts = self.counts
        self.last_at = max(self.last_at, row.created_at)
        if row.verdict:
            counts[_ASIDE_AT + row.verdict] += times
            return
        counts[row.event_type - 1] += times
        if row.event_type == IMPRESSION:
            if row.position is not None:
                counts[_RANKED_AT] += times
                counts[_RANKED_AT + 1] += row.position if rank_sum is None else rank_sum
        elif row.event_type == VIEW:
            self._break_down("v", row, times)
        elif row.event_type == CONTACT:
            counts[_CHANNELS_AT + row.channel] += times
            self._break_down("c", row, times)

    def merge(self, other: Tally) -> None:
        """Add another's counts."""
        self.counts = [a + b for a, b in zip(self.counts, other.counts, strict=True)]
        add_up(self.breakdown, other.breakdown)
        self.last_at = max(self.last_at, other.last_at)

    def _break_down(self, letter: str, row: EventRow, times: int) -> None:
        keys = [f"{letter}s{row.source}", f"{letter}h{row.created_at.astimezone(ZONE).hour}"]
        if row.city_number is not None:
            keys.append(f"{letter}t{row.city_number}")
        if row.campaign:
            keys.append(f"{letter}k{row.campaign}")
        breakdown = self.breakdown
        for key in keys:
            breakdown[key] = breakdown.get(key, 0) + times


Tallies = dict[tuple[int, dt.date], Tally]


def tally(rows: Iterable[EventRow]) -> tuple[Tallies, set[tuple[dt.date, int, int]]]:
    """Add up a batch by (listing, day), all listings together included, and name who is to be counted as a visitor of which."""
    tallies: Tallies = {}
    visitors: set[tuple[dt.date, int, int]] = set()
    for row in rows:
        key = (row.resource_number, row.day)
        found = tallies.get(key)
        if found is None:
            found = tallies[key] = Tally()
        found.add(row)
        if is_visit(row):
            visitors.add((row.day, row.resource_number, row.visitor))  # type: ignore[arg-type]  # a visit has its visitor
            visitors.add((row.day, EVERY_LISTING, row.visitor))  # type: ignore[arg-type]  # as above
    add_everything(tallies)
    return tallies, visitors


def is_visit(row: EventRow) -> bool:
    """Whether somebody who may be counted did more than see the listing among others."""
    return row.visitor is not None and row.event_type != IMPRESSION and row.verdict == Verdict.COUNTED


def add_everything(tallies: Tallies) -> None:
    """Add the counts of all listings together to tallies that hold single listings only."""
    for (_number, day), found in list(tallies.items()):
        tallies.setdefault((EVERY_LISTING, day), Tally()).merge(found)


def add_up(total: dict[str, int], more: dict[str, int]) -> None:
    """Add counts to counts, key by key."""
    for key, count in more.items():
        total[key] = total.get(key, 0) + count


def bounded(breakdown: dict[str, int]) -> dict[str, int]:
    """The breakdown with at most fifty campaigns by name.

    Those of the lowest digests stay: which they are depends neither on the order of events nor on how they came in batches, and one
    that went can never be among them again. So counting again gives the same.
    """
    if len(breakdown) <= MAX_CAMPAIGNS:
        return breakdown
    names = {key[2:] for key in breakdown if key[1] == "k"}
    if len(names) <= MAX_CAMPAIGNS:
        return breakdown
    kept = set(sorted(names, key=_digest)[:MAX_CAMPAIGNS])
    result: dict[str, int] = {}
    for key, count in breakdown.items():
        place = key if key[1] != "k" or key[2:] in kept else f"{key[0]}o"
        result[place] = result.get(place, 0) + count
    return result


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()
