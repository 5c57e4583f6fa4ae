"""Records on their way in: bytes with a place in their batch, then cleaned and grouped by what they speak of.

No database here, so that a thread can go ahead with the next of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from apps.ingestion.choices import Outcome
from apps.ingestion.selectors.profiles import Sought, seek
from apps.ingestion.services.records import UNREAD
from apps.ingestion.steps import Cleaned, Context, Reason, Refused, clean
from apps.ingestion.steps.record import shown

RECORD_MAX_BYTES = 1_000_000
# Of what is too long or is not JSON, so much is kept for who looks into it.
KEPT_OF_UNREADABLE = 4096

_decode = msgspec.json.Decoder().decode


class Row(msgspec.Struct, frozen=True):
    """One record of a batch: its place there from 0, its bytes, and why it cannot be read, when its reader says so."""

    index: int
    payload: bytes
    refusal: Reason | None = None


class Arrival(msgspec.Struct, eq=False):
    """A row, known by a digest of its bytes until it is cleaned."""

    index: int
    payload: bytes
    digest: bytes
    refusal: Reason | None = None
    cleaned: Cleaned | None = None
    outcome: Outcome = Outcome.REJECTED
    _sought: Sought | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Origin and identity; what cannot be read is known by its bytes."""
        return (self.cleaned.origin, self.cleaned.identity) if self.cleaned else ("", f"{UNREAD}{self.digest.hex()}")

    def clean(self, context: Context) -> None:
        """Decode and run the steps; a refusal is kept."""
        if self.cleaned is not None or self.refusal is not None:
            return
        try:
            self.cleaned = clean(_decode(self.payload), context)
        except Refused as error:
            self.refusal = error.reason
        except UnicodeDecodeError:
            self.refusal = Reason("", "not_utf8")
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            self.refusal = Reason("", "not_json", str(error)[:120])

    def sought(self, context: Context) -> Sought:
        """How matching looks for it; made when first asked for. It is cleaned."""
        if self._sought is None:
            assert self.cleaned is not None  # noqa: S101  said above
            self._sought = seek(self.cleaned.record, context.gazetteer.category_slugs)
        return self._sought


@dataclass(slots=True)
class Group:
    """What a batch says of one record, in its order; the last that can be read counts."""

    origin: str
    identity: str
    arrivals: list[Arrival] = field(default_factory=list)

    @property
    def best(self) -> Arrival:
        """The last one that became a record, or the last."""
        last = self.arrivals[-1]
        if last.cleaned is not None or len(self.arrivals) == 1:
            return last
        return next((one for one in reversed(self.arrivals) if one.cleaned is not None), last)


def to_rows(records: Iterable[tuple[int, object]]) -> Iterator[Row]:
    """Rows of what readers of files yield: an object, or something with `reason` and `detail` that is none."""
    for index, record in records:
        code = getattr(record, "reason", None)
        if code is None:
            yield Row(index, record if isinstance(record, bytes) else msgspec.json.encode(record))
        else:
            yield Row(index, b"", Reason("", str(code), shown(str(getattr(record, "detail", "")))))


def arrive(row: Row) -> Arrival:
    """A row on its way. Of what cannot be read only the beginning is kept."""
    if row.refusal is None and len(row.payload) <= RECORD_MAX_BYTES:
        return Arrival(row.index, row.payload, blake2b(row.payload, digest_size=16).digest())
    refusal = row.refusal or Reason("", "record_too_large", f"{len(row.payload)} > {RECORD_MAX_BYTES}")
    kept = row.payload[:KEPT_OF_UNREADABLE] or f"{refusal.code} {refusal.detail} {row.index}".encode()
    return Arrival(row.index, kept, blake2b(kept, digest_size=16).digest(), refusal)


def group(arrivals: Sequence[Arrival], context: Context) -> list[Group]:
    """Clean what arrived and put together what speaks of the same record, in the order of their first appearance.

    The same bytes again are cleaned once.
    """
    groups: dict[tuple[str, str], Group] = {}
    known: dict[bytes, Arrival] = {}
    for arrival in arrivals:
        same = known.setdefault(arrival.digest, arrival)
        if same is arrival:
            arrival.clean(context)
        else:
            arrival.cleaned, arrival.refusal = same.cleaned, same.refusal
        groups.setdefault(arrival.place, Group(*arrival.place)).arrivals.append(arrival)
    return list(groups.values())
