"""Reads of finished cards: lists in one statement a page, details in one statement."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import re
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from django.conf import settings

from apps.catalog.holidays import Holidays, current_holidays
from apps.catalog.opening import OpenStatus, packed_status
from apps.catalog.selectors.filters import CardFilter
from apps.catalog.selectors.reader import encode, read
from apps.catalog.selectors.statements import Place, list_statement
from apps.core.process_cache import ProcessCache

SLUG = re.compile(r"[a-zA-Z0-9_-]{1,200}")
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_LIST_COLUMNS = "c.resource_id, c.plan_rank, c.published_at, c.version, c.hours, c.body"
# How many cards with hours are looked at for a page of what is open now: each batch, and at most in all.
_OPEN_BATCHES = (64, 256, 1024)
OPEN_SCAN_MAX = 20_000

# The same question within a few seconds is answered from this process; open status is always computed anew.
_pages: ProcessCache[CardPage] = ProcessCache(maxsize=512, ttl_s=lambda: settings.CARD_CACHE_S)
_details: ProcessCache[Card] = ProcessCache(maxsize=2048, ttl_s=lambda: settings.CARD_CACHE_S)


@dataclass(frozen=True, slots=True)
class CardKey:
    """Place of a card in the order of lists."""

    plan_rank: int
    published_at: dt.datetime
    id: uuid.UUID

    def as_place(self) -> Place:
        """For a statement."""
        return Place(self.plan_rank, self.published_at.isoformat(), str(self.id))


class Card(NamedTuple):
    """The finished JSON of one entry in one language; `extra` is None when it was read for a list.

    The raw fields are PostgreSQL's binary values, read only when somebody asks: a list needs them for its ends alone.
    """

    raw_id: bytes
    raw_rank: bytes | None
    raw_published: bytes | None
    raw_version: bytes
    hours: bytes | None
    body: bytes
    extra: bytes | None = None

    @property
    def id(self) -> uuid.UUID:
        """The entry's id."""
        return uuid.UUID(bytes=self.raw_id)

    @property
    def version(self) -> int:
        """The entry's version."""
        return _integer(self.raw_version)

    @property
    def key(self) -> CardKey:
        """Its place in lists."""
        published_at = _EPOCH + dt.timedelta(microseconds=_integer(self.raw_published))
        return CardKey(_integer(self.raw_rank), published_at, self.id)

    def open_status(self, at: dt.datetime, holidays: Holidays | None = None) -> OpenStatus:
        """Whether it is open at this minute."""
        return packed_status(self.hours, minute_of(at), current_holidays() if holidays is None else holidays)

    def list_json(self, at: dt.datetime, holidays: Holidays | None = None) -> bytes:
        """The object of a list."""
        return self.body + self._told(at, holidays).tail

    def detail_json(self, at: dt.datetime, holidays: Holidays | None = None) -> bytes:
        """The object of a detail."""
        return self.body + (self.extra or b"") + self._told(at, holidays).tail

    def data(self, at: dt.datetime, *, detail: bool = False) -> dict[str, Any]:
        """The same, decoded, for templates."""
        value: dict[str, Any] = msgspec.json.decode(self.detail_json(at) if detail else self.list_json(at))
        return value

    def digest(self, at: dt.datetime, holidays: Holidays | None = None) -> str:
        """Changes with anything that is shown, but not with every minute."""
        made = hashlib.blake2b(self.body, digest_size=8)
        made.update(self.extra or b"")
        made.update(self._told(at, holidays).mark)
        return made.hexdigest()

    def _told(self, at: dt.datetime, holidays: Holidays | None) -> Told:
        return told(self.hours, minute_of(at), current_holidays() if holidays is None else holidays)


class Told(NamedTuple):
    """An open status as the end of a JSON object, and a mark that changes with it but not with every minute."""

    tail: bytes
    mark: bytes


def minute_of(at: dt.datetime) -> dt.datetime:
    """The minute: open status has no finer grain."""
    return at.replace(second=0, microsecond=0)


@functools.lru_cache(maxsize=8192)
def told(hours: bytes | None, minute: dt.datetime, holidays: Holidays) -> Told:
    """The open status of packed hours; many cards of a list share their hours, and all of them the minute."""
    status = packed_status(hours, minute, holidays)
    return Told(b',"open_status":%b}' % msgspec.json.encode(status), f"{status.state}{status.next_change}".encode())


@dataclass(frozen=True, slots=True)
class CardPage:
    """One page. `next_key` is where the following page begins, `previous_key` where the one before ends; None: no such page."""

    cards: Sequence[Card]
    next_key: CardKey | None = None
    previous_key: CardKey | None = None

    def render(self, at: dt.datetime) -> tuple[list[bytes], bytes]:
        """The objects of the list, and bytes that change with anything they show but the minute."""
        minute, holidays = minute_of(at), current_holidays()
        ends = [told(card.hours, minute, holidays) for card in self.cards]
        items = [card.body + end.tail for card, end in zip(self.cards, ends, strict=True)]
        # Ids and versions tell nearly every change; the check sum is for renamed categories and the like.
        marks = [part for card, end in zip(self.cards, ends, strict=True) for part in (card.raw_id, card.raw_version, end.mark)]
        check = 0
        for card in self.cards:
            check = zlib.crc32(card.body, check)
        return items, b"".join([*marks, check.to_bytes(4, "big")])

    @property
    def has_more(self) -> bool:
        """Whether a page follows."""
        return self.next_key is not None


@dataclass(frozen=True, slots=True)
class Moved:
    """The entry has another address now."""

    slug: str


@dataclass(frozen=True, slots=True)
class Removed:
    """The entry was public and is deleted."""


def list_cards(
    chosen: CardFilter,
    *,
    language: str,
    at: dt.datetime,
    limit: int,
    after: CardKey | None = None,
    before: CardKey | None = None,
    offset: int = 0,
    is_newest: bool = False,
    is_fresh: bool = False,
) -> CardPage:
    """A page of published cards, featured first, then newest.

    What is open now is sought in batches of cards with hours, at most `OPEN_SCAN_MAX`: such a page may be short
    although `next_key` is set.

    :param after: key of the card before the page; `before`: key of the card behind it. At most one of them.
    :param offset: cards to pass over, for sources that count pages; a key is cheaper.
    :param is_newest: order by publication only.
    :param is_fresh: do not answer from this process's memory.
    """
    if chosen.is_impossible:
        return CardPage([])
    minute = minute_of(at) if chosen.open_now else None
    question = (chosen, language, limit, after, before, offset, is_newest, minute)
    known = None if is_fresh else _pages.get(question)
    if known is not None:
        return known
    made = _Reading(chosen, language, before is not None, is_newest)
    start = before or after
    read_page = functools.partial(_open_page, at=at) if chosen.open_now else _page
    return _pages.set(question, read_page(made, start, limit=limit, offset=offset))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What stays the same from batch to batch."""

    chosen: CardFilter
    language: str
    is_backward: bool
    is_newest: bool

    def cards(self, start: CardKey | None, rows: int, passed: int = 0) -> list[Card]:
        sql, made = list_statement(
            self.chosen, language=self.language, columns=_LIST_COLUMNS, rows=rows, passed=passed,
            place=start.as_place() if start else None, is_backward=self.is_backward, is_newest=self.is_newest,
        )  # fmt: skip
        return [Card(*row) for row in read(sql, made.values, is_frequent=made.is_frequent)]

    def page(self, cards: list[Card], *, has_before: bool, goes_on: CardKey | None) -> CardPage:
        """Cards in the direction of reading, as a page. `goes_on` is where reading would go on."""
        back = cards[0].key if cards and has_before else None
        if self.is_backward:
            return CardPage(cards[::-1], next_key=back, previous_key=goes_on)
        return CardPage(cards, next_key=goes_on, previous_key=back)


def _page(made: _Reading, start: CardKey | None, *, limit: int, offset: int) -> CardPage:
    cards = made.cards(start, limit + 1, offset)
    shown = cards[:limit]
    return made.page(shown, has_before=start is not None or offset > 0, goes_on=shown[-1].key if len(cards) > limit else None)


def _open_page(made: _Reading, start: CardKey | None, *, at: dt.datetime, limit: int, offset: int) -> CardPage:
    holidays = current_holidays()
    minute = minute_of(at)
    found: list[Card] = []
    place, seen, step = start, 0, 0
    while seen < OPEN_SCAN_MAX:
        size = _OPEN_BATCHES[min(step, len(_OPEN_BATCHES) - 1)]
        batch = made.cards(place, size)
        found += [card for card in batch if packed_status(card.hours, minute, holidays).state == "open"]
        if len(found) > offset + limit:
            shown = found[offset : offset + limit]
            return made.page(shown, has_before=start is not None or offset > 0, goes_on=shown[-1].key)
        if len(batch) < size:
            return made.page(found[offset:], has_before=start is not None or offset > 0, goes_on=None)
        place, seen, step = batch[-1].key, seen + size, step + 1
    return made.page(found[offset:], has_before=start is not None or offset > 0, goes_on=place)


def _integer(value: bytes | None) -> int:
    """A binary integer; of a timestamptz, microseconds since 2000."""
    return int.from_bytes(value or b"", "big", signed=True)


_DETAIL_COLUMNS = (
    "r.id, r.slug, r.deleted_at IS NOT NULL AND r.published_at IS NOT NULL AND r.livemode, c.version, c.hours, c.body, c.extra,"
    " c.plan_rank, c.published_at"
)
_CARD_OF = "LEFT JOIN resource_card c ON c.resource_id = r.id AND c.language = $2::text"
# An entry that was merged into another leaves its id there as a former address, too.
_BY_ID = (
    f"SELECT {_DETAIL_COLUMNS}, false FROM api_resources r {_CARD_OF} WHERE r.id = $1::uuid UNION ALL "
    f"SELECT {_DETAIL_COLUMNS}, true FROM slug_history h JOIN api_resources r ON r.id = h.resource_id {_CARD_OF}"
    " WHERE h.slug = $1::uuid::text"
)
_BY_SLUG = (
    f"SELECT {_DETAIL_COLUMNS}, false FROM api_resources r {_CARD_OF} WHERE r.slug = $1::text UNION ALL "
    f"SELECT {_DETAIL_COLUMNS}, true FROM slug_history h JOIN api_resources r ON r.id = h.resource_id {_CARD_OF} WHERE h.slug = $1::text"
)


def get_card(id_or_slug: str | uuid.UUID, *, language: str, is_fresh: bool = False) -> Card | Moved | Removed | None:
    """The published entry of this id or address, in one statement.

    `Moved` names the present address of a former one, `Removed` says that it was public and is deleted; None is
    everything that the public has never seen.
    """
    identifier = id_or_slug if isinstance(id_or_slug, uuid.UUID) else as_uuid(id_or_slug)
    question = (identifier or id_or_slug, language)
    known = None if is_fresh else _details.get(question)
    if known is not None:
        return known
    if identifier is None and not SLUG.fullmatch(str(id_or_slug)):
        return None
    values = [encode(identifier or str(id_or_slug)), encode(language)]
    for row in read(_BY_ID if identifier else _BY_SLUG, values):
        pk, slug, is_removed, version, hours, body, extra, plan_rank, published_at, is_former = row
        if is_removed == b"\x01":
            return Removed()
        if body is None:
            continue
        if is_former == b"\x01":
            return Moved((slug or b"").decode())
        card = Card(pk, plan_rank, published_at, version, hours, body, extra)
        return _details.set(question, card)
    return None


def as_uuid(text: str) -> uuid.UUID | None:
    """The id that a text is, in its usual form only."""
    if len(text) != 36:
        return None
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def cards_by_ids(ids: Sequence[uuid.UUID], *, language: str) -> list[Card]:
    """The cards of these entries in this order; those that are not published are left out."""
    if not ids:
        return []
    sql = (
        f"SELECT {_LIST_COLUMNS} FROM unnest($1::uuid[]) WITH ORDINALITY AS w(id, place)"
        " JOIN resource_card c ON c.resource_id = w.id AND c.language = $2::text ORDER BY w.place"
    )
    return [Card(*row) for row in read(sql, [encode(list(ids)), encode(language)])]


def similar_cards(card: Card, *, language: str, limit: int) -> Sequence[Card]:
    """Others of the same category, in the same town when it has one, in the order of lists; never the card itself."""
    sql = "SELECT category_number, city_number FROM resource_card WHERE resource_id = $1::uuid AND language = $2::text"
    for category, city in read(sql, [encode(card.id), encode(language)]):
        chosen = CardFilter(categories=(_integer(category),), cities=None if city is None else (_integer(city),))
        page = _page(_Reading(chosen, language, is_backward=False, is_newest=False), None, limit=limit + 1, offset=0)
        return [other for other in page.cards if other.id != card.id][:limit]
    return []
