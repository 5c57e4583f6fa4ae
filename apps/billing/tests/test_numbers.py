"""Numbers follow each other, whoever issues at the same time and whatever rolls back."""

from __future__ import annotations

import datetime as dt
import random
import threading

import pytest
from django.db import connection, transaction

from apps.billing.models import NumberSeries
from apps.billing.services.numbers import Series, take_number
from apps.billing.tests.issuing import AT

THREADS, EACH = 8, 25


@pytest.mark.django_db
def test_it_works() -> None:
    assert take_number(Series.INVOICE, at=AT) == "FA-2026-000001"
    assert take_number(Series.INVOICE, at=AT) == "FA-2026-000002"
    assert take_number(Series.CREDIT_NOTE, at=AT) == "AV-2026-000001"
    assert take_number(Series.pro_formas(livemode=False), at=AT) == "TEST-PF-2026-000001"
    assert take_number(Series.invoices(livemode=False), at=AT) == "TEST-2026-000001"


@pytest.mark.django_db
def test_a_year_starts_in_cameroon_an_hour_before_it_does_in_greenwich() -> None:
    take_number(Series.INVOICE, at=AT)
    assert take_number(Series.INVOICE, at=dt.datetime(2026, 12, 31, 22, 59, tzinfo=dt.UTC)) == "FA-2026-000002"
    assert take_number(Series.INVOICE, at=dt.datetime(2026, 12, 31, 23, 0, tzinfo=dt.UTC)) == "FA-2027-000001"


@pytest.mark.django_db(transaction=True)
def test_a_number_belongs_to_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        take_number(Series.INVOICE, at=AT)
    assert not NumberSeries.objects.exists()


class _GivenUp(Exception):
    """The transaction rolls back."""


@pytest.mark.django_db(transaction=True)
def test_threads_that_roll_back_leave_neither_gap_nor_double() -> None:
    kept: list[str] = []
    given_up: list[str] = []
    failures: list[Exception] = []
    start = threading.Barrier(THREADS)

    def issue(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  not a secret
        start.wait()
        try:
            for _ in range(EACH):
                try:
                    with transaction.atomic():
                        number = take_number(Series.INVOICE, at=AT)
                        with connection.cursor() as cursor:
                            cursor.execute("SELECT pg_sleep(%s)", [chance.random() / 1000])
                        if chance.random() < 0.3:
                            given_up.append(number)
                            raise _GivenUp
                    kept.append(number)
                except _GivenUp:
                    continue
        except Exception as error:  # noqa: BLE001  a thread's failure is the test's
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=issue, args=[seed]) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert given_up
    assert sorted(kept) == [f"FA-2026-{number:06}" for number in range(1, len(kept) + 1)]
    assert NumberSeries.objects.get(series="FA", year=2026).last == len(kept) == THREADS * EACH - len(given_up)
