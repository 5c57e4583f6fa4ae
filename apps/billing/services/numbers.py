"""Numbers of invoices, credit notes and pro formas."""

from __future__ import annotations

import datetime as dt
import enum

from django.db import connection
from django.utils import timezone


class Series(enum.Enum):
    """A series starts at 1 every year. Only FA and AV are the accountant's; test objects have their own."""

    PRO_FORMA = "PF"
    INVOICE = "FA"
    CREDIT_NOTE = "AV"
    TEST_PRO_FORMA = "TEST-PF"
    TEST_INVOICE = "TEST"
    TEST_CREDIT_NOTE = "TEST-AV"

    @classmethod
    def pro_formas(cls, *, livemode: bool) -> Series:
        """For what is not paid yet."""
        return cls.PRO_FORMA if livemode else cls.TEST_PRO_FORMA

    @classmethod
    def invoices(cls, *, livemode: bool) -> Series:
        """For what is issued."""
        return cls.INVOICE if livemode else cls.TEST_INVOICE

    @classmethod
    def credit_notes(cls, *, livemode: bool) -> Series:
        """For corrections."""
        return cls.CREDIT_NOTE if livemode else cls.TEST_CREDIT_NOTE


def take_number(series: Series, *, at: dt.datetime) -> str:
    """The next number of the series in the year of `at` (in Cameroon), such as `FA-2026-000123`.

    Must be called in the transaction that uses the number. The series' row stays locked until that transaction ends: one
    that rolls back gives the number back, and the next in line takes it, so that there is neither gap nor double. Take
    it late: everybody who issues waits for it.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a number is taken by the transaction that issues it")
    year = timezone.localtime(at).year
    with connection.cursor() as cursor:
        # One statement that makes the row or locks it: between a look and an update another transaction could slip.
        cursor.execute(
            "INSERT INTO billing_number_series AS kept (series, year, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (series, year) DO UPDATE SET last = kept.last + 1 RETURNING last",
            [series.value, year],
        )
        number: int = cursor.fetchone()[0]
    return f"{series.value}-{year}-{number:06}"
