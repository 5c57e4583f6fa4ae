"""What the steps make of a raw record: the one form that storing, matching and survivorship read."""

from __future__ import annotations

import re

import msgspec

DETAIL_MAX = 120
# PostgreSQL keeps no NUL, and no encoding half a surrogate.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def shown(text: str, limit: int = DETAIL_MAX) -> str:
    """The beginning of a text as it was received, with `�` for what cannot be stored."""
    text = text[:limit]
    return text if text.isprintable() else _UNSTORABLE.sub("\ufffd", text)


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a record was refused, or what of it was dropped. `code` is a stable word, `detail` what was found (at most 120 characters)."""

    field: str
    code: str
    detail: str = ""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing a step did to one field, for the record's history. Steps that change nothing leave no trace."""

    name: str
    field: str
    before: str = ""
    after: str = ""


class CleanRecord(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One place, cleaned. Stored as JSON in `RawRecord.clean`; ids of places and categories are UUIDs as text.

    `category_id` is None when no word of the source means a category of ours; `raw_category` has the word. `department` and `region` are
    slugs, of the position where there is one, else of what is named. `whatsapp` are those of `phones` that take messages there.
    `hours` has, for each day (0 is Sunday), intervals of two `HH:MM`; a day without interval is closed, a missing day unknown.
    """

    name: str
    name_en: str = ""
    resource_type: str = "business"
    description_fr: str = ""
    description_en: str = ""
    category_id: str | None = None
    raw_category: str = ""
    latitude: float | None = None
    longitude: float | None = None
    city_id: str | None = None
    is_city_guessed: bool = False
    quarter_id: str | None = None
    is_quarter_guessed: bool = False
    department: str = ""
    region: str = ""
    raw_place: str = ""
    address_line1: str = ""
    po_box: str = ""
    landmark: str = ""
    phones: tuple[str, ...] = ()
    whatsapp: tuple[str, ...] = ()
    email: str = ""
    website: str = ""
    hours: dict[int, tuple[tuple[str, str], ...]] | None = None
    attributes: tuple[str, ...] = ()
    operating_status: str = "open"
    source_url: str = ""
    extra: dict[str, object] = {}


class Cleaned(msgspec.Struct):
    """A record that may become an entry, with what was dropped on the way and what the steps did."""

    origin: str
    identity: str
    record: CleanRecord
    warnings: list[Reason]
    steps: list[Step]


class Refused(Exception):
    """The record cannot become an entry."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = Reason(reason.field, reason.code, shown(reason.detail))
