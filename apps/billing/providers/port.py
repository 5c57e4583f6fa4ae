"""What every operator looks like from inside: the port that adapters implement.

An adapter speaks a protocol and nothing else: it reads no table and decides nothing about a payment. It never raises for
what an operator does: each answer, also none at all, is an outcome. Golden rules: design page "Mobile Money", section 1.
"""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Protocol

from apps.billing.choices import CallKind, Operator, ProviderCode, Rail, Reason


class Submitted(enum.Enum):
    """What a submit, and what prepares it, came to.

    ACCEPTED: the operator has it (202, 201, ACCEPTED). DUPLICATE: it had it already (409): ask. REFUSED: a definite no to
    this request, with a reason. UNSENT: surely refused before acceptance, and may be sent again (no token, 401 twice, 403,
    429, kill switch); the reason says whose fault it is, `configuration` or `provider_unavailable`. UNCLEAR: it may have
    arrived (time-out, reset, 5xx without a known code, HTML, cut body).
    """

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    UNSENT = "unsent"
    UNCLEAR = "unclear"


class Seen(enum.Enum):
    """What an authenticated query saw. NO_ANSWER (time-out, 5xx, 401, HTML) never changes the state of a payment."""

    IN_PROGRESS = "in_progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    NOT_FOUND = "not_found"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True)
class Charge:
    """One payment as operators are asked for it. Texts are free: adapters transliterate and cut them.

    `amount` is whole `currency` units (XAF, or notional EUR or OUV in sandboxes, the same figure). `msisdn` is E.164 with
    `+`. `token` is what `prepare` or an earlier submit gave (pay_token, payToken), else empty.
    """

    reference: uuid.UUID
    order_id: str
    amount: int
    currency: str
    msisdn: str
    operator: Operator
    message: str
    note: str
    callback_url: str = ""
    return_url: str = ""
    cancel_url: str = ""
    language: str = "fr"
    token: str = ""


@dataclass(frozen=True)
class Prepared:
    """Answer of `prepare`. Only Orange `mp` has something to prepare; the others answer ACCEPTED with no token."""

    outcome: Submitted
    token: str = ""
    raw_reason: str = ""
    reason: Reason | None = None


@dataclass(frozen=True)
class Submission:
    """Answer of `submit`, `nudge` and `refund`. `page_url` is where the payer must go, on redirect rails."""

    outcome: Submitted
    reason: Reason | None = None
    raw_reason: str = ""
    token: str = ""
    notif_token: str = ""
    page_url: str = ""


@dataclass(frozen=True)
class Sighting:
    """Answer of `query`. None: the operator did not say. `raw_status` is its word, stripped; unknown words are IN_PROGRESS.

    `reference` is ours, `str(charge.reference)`, when every id that the answer repeats is the one that we asked with, whatever
    ids the operator uses; else the foreign one. `payer` is E.164. `is_known_word` is also False for an unknown reason of a
    failure. NO_ANSWER has the reason `configuration` when it is our fault (401, 403). Texts can be stored as they are: no
    control characters, `raw_status` up to 60 characters, `raw_reason` 255, `transaction_id` 100, tokens 200, `page_url` 500.
    `returns_amount` says whether this operator normally repeats the amount, so that a success without one is a mismatch.
    """

    seen: Seen
    raw_status: str = ""
    reason: Reason | None = None
    raw_reason: str = ""
    reference: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    payer: str | None = None
    transaction_id: str = ""
    returns_amount: bool = True
    is_known_word: bool = True


@dataclass(frozen=True)
class RefundOrder:
    """A refund as operators are asked for it. `payment` is the charge that is given back, wholly or in part."""

    reference: uuid.UUID
    payment_reference: uuid.UUID
    payment_transaction_id: str
    amount: int
    currency: str
    msisdn: str
    message: str
    note: str


@dataclass(frozen=True)
class Hint:
    """The identifiers that a callback may hold, whoever sent it; nothing else of it is ever read."""

    reference: str = ""
    order_id: str = ""
    token: str = ""
    notif_token: str = ""


class Journal(Protocol):
    """Remembers every call, before and after it. The engine's journal commits each half at once."""

    def begin(self, kind: CallKind, method: str, path: str) -> int:
        """A call is about to leave; returns its number. `path` holds no secret."""

    def end(self, call: int, *, status: int | None, body: str, error: str) -> None:
        """It came back: HTTP status, or None with the kind of transport error; a redacted body of at most 4,000 characters."""


class Silent:
    """A journal that forgets, for balances and probes."""

    def begin(self, kind: CallKind, method: str, path: str) -> int:  # noqa: ARG002  the port's names
        """Forget."""
        return 0

    def end(self, call: int, *, status: int | None, body: str, error: str) -> None:
        """Forget."""


@dataclass(frozen=True)
class Balance:
    """What an operator says that our wallet holds."""

    amount: Decimal
    currency: str
    at: dt.datetime | None = None


@dataclass(frozen=True)
class Callback:
    """A callback as received, for adapters that sign or recognise theirs."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """An operator. One adapter a protocol; each is built from settings by `registry.provider(code)`."""

    code: ClassVar[ProviderCode]
    rail: ClassVar[Rail]
    # Whether the same reference may be sent again after a lost answer: documented by MTN and pawaPay alone.
    resubmits: ClassVar[bool]
    # Whether this installation may refund through it: MTN asks for a contract of its own.
    can_refund: bool
    currency: str

    def prepare(self, charge: Charge, journal: Journal) -> Prepared:
        """What must be stored before the payer is asked. Costs nothing, and may be repeated."""

    def submit(self, charge: Charge, journal: Journal) -> Submission:
        """Ask the payer. One POST; sent once more only after a 401, with a fresh token."""

    def nudge(self, charge: Charge, journal: Journal) -> Submission:
        """Make the phone ring again for the same charge, where the operator can; else UNSENT."""

    def query(self, charge: Charge, journal: Journal) -> Sighting:
        """Read the status: the only thing that may move money in our books."""

    def refund(self, order: RefundOrder, journal: Journal) -> Submission:
        """Give back. REFUSED with `configuration` where there is no refund API."""

    def query_refund(self, order: RefundOrder, journal: Journal) -> Sighting:
        """Read the status of a refund."""

    def balance(self, journal: Journal) -> Balance | None:
        """What our wallet holds; None when the operator does not say."""

    def recognises(self, callback: Callback) -> bool:
        """Whether a callback on the bare path looks like this operator's."""

    def hint(self, callback: Callback) -> Hint:
        """Its identifiers. Never raises: an unreadable or badly signed one gives an empty hint."""
