"""What is owed, in whole francs: pure functions, whose results a quote keeps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from apps.billing.constants import AMOUNT_STEP

_MICROSECOND = dt.timedelta(microseconds=1)


def unused_value(*, price: int, start: dt.datetime, end: dt.datetime, at: dt.datetime) -> int:
    """What is left at a moment of a period that cost `price`: price × remaining time ÷ length, rounded up."""
    left = min(max(end - at, dt.timedelta()), end - start)
    return -(-price * (left // _MICROSECOND) // ((end - start) // _MICROSECOND))


def tier_price(standard: int, *, numerator: int, denominator: int) -> int:
    """A standard price times a tier's factor, rounded up to whole steps."""
    return _up(-(-standard * numerator // denominator))


@dataclass(frozen=True)
class Reckoning:
    """What a purchase comes to, in francs.

    `total` is the invoice's: `amount` + `carried_over` − `unused_value`, where that is positive, less `rounding` and `postponed`.
    `credit_used` + `amount_due` = `total`. `surplus` becomes the customer's credit; `postponed` goes to his next invoice.
    """

    amount: int
    unused_value: int
    carried_over: int
    credit_used: int
    amount_due: int

    @property
    def gross(self) -> int:
        """The sum before rounding; negative when more is left of the old period than the new one costs."""
        return self.amount + self.carried_over - self.unused_value

    @property
    def surplus(self) -> int:
        """What is left over of the old period."""
        return max(0, -self.gross)

    @property
    def total(self) -> int:
        """What the invoice comes to."""
        return self.credit_used + self.amount_due

    @property
    def rounding(self) -> int:
        """What rounding down to whole steps gave away."""
        return (max(0, self.gross) - self.total) % AMOUNT_STEP

    @property
    def postponed(self) -> int:
        """What is too little for any operator, and waits for the next invoice."""
        return max(0, self.gross) - self.total - self.rounding


def reckon(*, amount: int, unused: int = 0, carried: int = 0, credit: int = 0, minimum: int, may_postpone: bool = False) -> Reckoning:
    """What has to be paid: rounded down to whole steps, the customer's credit used first.

    Nothing between nothing and `minimum` can be paid: less of the credit is used then, or, when the whole is less (a change
    of plan, `may_postpone`), it waits for the next invoice.

    :param unused: what is left of the period that the new one replaces. :param carried: what earlier changes postponed.
    """
    gross = max(0, amount + carried - unused)
    minimum = _up(minimum)
    used = min(credit, gross)
    due = _down(gross - used)
    if 0 < due < minimum:
        if gross >= minimum:
            used, due = gross - minimum, minimum
        elif may_postpone:
            used, due = 0, 0
        else:
            used, due = 0, _down(gross)
    return Reckoning(amount, unused, carried, used, due)


def _down(amount: int) -> int:
    return amount - amount % AMOUNT_STEP


def _up(amount: int) -> int:
    return -(-amount // AMOUNT_STEP) * AMOUNT_STEP
