"""Partitions of days: made ahead, made when needed, dropped with what is in them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from apps.analytics.constants import DAYS_AHEAD, RAW_DAYS
from apps.analytics.models import Event
from apps.analytics.rows import EventRow
from apps.analytics.services.partitions import drop_old, ensure_partitions, make_ahead
from apps.analytics.services.recording import record

pytestmark = pytest.mark.django_db

AT = dt.datetime(2031, 3, 17, 23, 30, tzinfo=dt.UTC)
# Past midnight in Cameroon.
TODAY = dt.date(2031, 3, 18)


def attached() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'analytics_events'::regclass")
        return {name for (name,) in cursor.fetchall()}


def event(at: dt.datetime, day: dt.date) -> EventRow:
    return EventRow(day, at, 7, 1, 0, 1, None, "", None, 5, 0)


def test_it_works() -> None:
    made = make_ahead(at=AT)
    assert {name for name in made if "events" in name} == {
        f"analytics_events_{TODAY + dt.timedelta(days=ahead):%Y%m%d}" for ahead in range(-1, DAYS_AHEAD + 1)
    }
    assert len(made) == 2 * (DAYS_AHEAD + 2)
    assert make_ahead(at=AT) == []


def test_a_day_without_one_gets_it_with_its_first_event() -> None:
    assert record([event(AT, TODAY)], batch_id="a", at=AT)
    assert "analytics_events_20310318" in attached()
    assert Event.objects.filter(day=TODAY).count() == 1


def test_days_that_are_no_longer_kept_are_dropped_with_what_is_in_them() -> None:
    old, kept = TODAY - dt.timedelta(days=RAW_DAYS + 1), TODAY - dt.timedelta(days=RAW_DAYS)
    before = AT - dt.timedelta(days=1)
    for day in (old, kept):
        assert record([event(dt.datetime.combine(day, dt.time(12), dt.UTC), day)], batch_id=str(day), at=before)
    dropped = drop_old(at=AT)
    assert {f"analytics_events_{old:%Y%m%d}", f"analytics_day_visitors_{old:%Y%m%d}"} <= set(dropped)
    assert list(Event.objects.filter(day__year=2031).values_list("day", flat=True)) == [kept]
    assert drop_old(at=AT) == []


def test_a_table_that_stands_apart_comes_back_or_goes() -> None:
    old, kept = TODAY - dt.timedelta(days=RAW_DAYS + 5), TODAY - dt.timedelta(days=3)
    ensure_partitions([old, kept])
    with connection.cursor() as cursor:
        for day in (old, kept):
            cursor.execute(f"ALTER TABLE analytics_events DETACH PARTITION analytics_events_{day:%Y%m%d}")
        cursor.execute("CREATE TABLE analytics_events_20319999 (day date)")
    assert f"analytics_events_{kept:%Y%m%d}" in make_ahead(at=AT)
    assert f"analytics_events_{kept:%Y%m%d}" in attached()
    assert f"analytics_events_{old:%Y%m%d}" in drop_old(at=AT)
    # Eight digits that are no day are nobody's partition.
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('analytics_events_20319999')")
        assert cursor.fetchone() == ("analytics_events_20319999",)
