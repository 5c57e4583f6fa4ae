"""Counters equal events: for any batches, in any order, repeated, late, and when they are counted again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.analytics.choices import Channel, EventType, SourceClass, Verdict
from apps.analytics.constants import EVERY_LISTING, MAX_CAMPAIGNS, ZONE
from apps.analytics.figures import Granularity, Period
from apps.analytics.models import DayVisitor, Event, EventBatch, ListingDay
from apps.analytics.periods import first_day_kept
from apps.analytics.rows import EventRow
from apps.analytics.selectors.dashboard import dashboard
from apps.analytics.services.partitions import ensure_partitions
from apps.analytics.services.recording import record
from apps.analytics.services.rollups import count_waiting, prune_counters, recompute
from apps.analytics.tests.telling import happened

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 3, 18, 12, 30, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 18)
DAYS = [TODAY - dt.timedelta(days=n) for n in (0, 1, 2, 9, 29)]
PERIOD = Period(TODAY - dt.timedelta(days=29), TODAY)


def event(kind: EventType = EventType.VIEW, *, number: int = 7, at: dt.datetime = AT, **given: Any) -> EventRow:
    """One event, counted, without anything said that need not be."""
    values: dict[str, Any] = {
        "channel": Channel.CALL if kind is EventType.CONTACT else Channel.NONE,
        "source": SourceClass.DIRECT,
        "city_number": None,
        "campaign": "",
        "position": None,
        "visitor": None,
        "verdict": Verdict.COUNTED,
    }
    return EventRow(at.astimezone(ZONE).date(), at, number, kind, **{**values, **given})


@st.composite
def events(draw: st.DrawFn) -> EventRow:
    """Any event that the table takes, of few listings, towns and visitors, so that they meet."""
    kind = draw(st.sampled_from(EventType))
    midnight = dt.datetime.combine(draw(st.sampled_from(DAYS)), dt.time(), ZONE)
    at = midnight + dt.timedelta(seconds=draw(st.integers(0, 86_399)))
    return EventRow(
        day=midnight.date(),
        created_at=at.astimezone(dt.UTC),
        resource_number=draw(st.integers(1, 3)),
        event_type=kind,
        channel=draw(st.sampled_from([channel for channel in Channel if channel])) if kind is EventType.CONTACT else Channel.NONE,
        source=draw(st.sampled_from(SourceClass)),
        city_number=draw(st.none() | st.integers(1, 3)),
        campaign=draw(st.sampled_from(["", "rentrée", "a\"b\\,}{'", "o"])),
        position=draw(st.none() | st.integers(1, 10_000)) if kind is EventType.IMPRESSION else None,
        visitor=draw(st.none() | st.integers(-3, 3)),
        verdict=draw(st.sampled_from([Verdict.COUNTED, Verdict.COUNTED, *Verdict])),
    )


def stored() -> list[dict[str, Any]]:
    """Every counter, whole."""
    return [dict(row) for row in ListingDay.objects.order_by("resource_number", "day").values()]


def check_against(rows: Sequence[EventRow], numbers: list[int]) -> None:
    """Compare what the dashboard says with a plain count of the events."""
    own = [row for row in rows if row.resource_number in numbers]
    counted = [row for row in own if row.verdict == Verdict.COUNTED]
    views = [row for row in counted if row.event_type == EventType.VIEW]
    contacts = [row for row in counted if row.event_type == EventType.CONTACT]
    found = dashboard(numbers, period=PERIOD, at=AT)
    by_type = Counter(row.event_type for row in counted)
    assert found.totals.by_type == {kind: by_type[kind] for kind in EventType}
    by_channel = Counter(row.channel for row in contacts)
    assert found.totals.contacts == {channel: by_channel[channel] for channel in Channel if channel}
    by_day = Counter((row.day, row.event_type) for row in counted)
    assert [(point.day, point.totals.by_type[EventType.SHARE]) for point in found.series] == [
        (point.day, by_day[point.day, EventType.SHARE]) for point in found.series
    ]
    assert dict(found.sources) == Counter(row.source for row in views)
    assert dict(found.cities) == Counter(row.city_number for row in views if row.city_number)
    assert dict(found.campaigns) == Counter(row.campaign for row in views if row.campaign)
    by_hour = Counter((row.day.weekday(), row.created_at.astimezone(ZONE).hour) for row in [*views, *contacts])
    assert [[by_hour[day, hour] for hour in range(24)] for day in range(7)] == found.hours
    ranks = [row.position for row in counted if row.position is not None]
    assert found.position == (sum(ranks) / len(ranks) if ranks else None)
    by_verdict = Counter(row.verdict for row in own)
    assert found.set_aside == {verdict.name: by_verdict[verdict] for verdict in Verdict if verdict}
    assert found.counted_until == max((row.created_at for row in rows if row.day == max(row.day for row in rows)), default=None)
    if len(numbers) == 1:
        people = {(row.day, row.visitor) for row in counted if row.visitor is not None and row.event_type != EventType.IMPRESSION}
        by_visit = Counter(day for day, _visitor in people)
        assert [point.visitors for point in found.series] == [by_visit[point.day] for point in found.series]
    else:
        assert {point.visitors for point in found.series} == {None}


@pytest.fixture
def partitions() -> None:
    """Made once; what an example writes is rolled back, and they would be with it."""
    ensure_partitions(DAYS)


@pytest.mark.usefixtures("partitions")
@settings(max_examples=60)
@given(
    batches=st.lists(st.lists(events(), max_size=12), max_size=6), repeated=st.lists(st.integers(0, 5), max_size=4), turned=st.booleans(),
    counted_after=st.sets(st.integers(0, 9)), most=st.integers(1, 30),
)  # fmt: skip
def test_counters_equal_events_whatever_comes_and_counting_again_changes_nothing(
    batches: list[list[EventRow]], repeated: list[int], turned: bool, counted_after: set[int], most: int
) -> None:
    with transaction.atomic():
        named = [(f"run-{number}", rows) for number, rows in enumerate(batches)]
        sent = [*(reversed(named) if turned else named), *(named[number] for number in repeated if number < len(named))]
        news = []
        for place, (name, some) in enumerate(sent):
            news.append(record(some, batch_id=name, at=AT))
            if place in counted_after:
                count_waiting(at=AT, slice_events=most)
        # What waits is in no counter, and counting days again leaves it where it is.
        for day in {row.day for _name, some in sent for row in some}:
            recompute(day)
        count_waiting(at=AT, slice_events=most)
        rows = [row for rows in batches for row in rows]
        assert sum(news) == EventBatch.objects.count() == len(batches)
        assert Counter(Event.objects.values_list(*EventRow._fields)) == Counter(map(tuple, rows))
        for numbers in ([1], [1, 2], [EVERY_LISTING]):
            check_against([row._replace(resource_number=0) for row in rows] if numbers == [EVERY_LISTING] else rows, numbers)
        before, visitors = stored(), DayVisitor.objects.count()
        for day in {row.day for row in rows}:
            recompute(day)
        assert stored() == before
        assert DayVisitor.objects.count() == visitors
        transaction.set_rollback(True)


def test_a_late_event_is_counted_under_its_own_day_and_hour() -> None:
    late = AT - dt.timedelta(days=3, hours=2)

    happened([event(), event(at=late)], batch_id="a", at=AT)

    series = {point.day: point.totals.by_type[EventType.VIEW] for point in dashboard([7], period=PERIOD, at=AT).series}
    assert series[TODAY] == series[late.date()] == 1
    assert dashboard([7], period=PERIOD, at=AT).hours[late.weekday()][late.astimezone(ZONE).hour] == 1


def test_an_hour_before_midnight_in_london_is_the_next_day_here() -> None:
    happened([event(at=dt.datetime(2026, 3, 17, 23, 15, tzinfo=dt.UTC))], batch_id="a", at=AT)

    found = dashboard([7], period=Period(TODAY, TODAY), at=AT)

    assert found.totals.by_type[EventType.VIEW] == 1
    assert found.hours[TODAY.weekday()][0] == 1


@pytest.mark.parametrize("days", [-31, 2, 366], ids=["past its retention", "the day after tomorrow", "a year ahead"])
def test_a_day_that_no_partition_may_have_is_left_out(days: int) -> None:
    assert record([event(at=AT + dt.timedelta(days=days)), event()], batch_id="a", at=AT)

    assert Event.objects.count() == 1
    assert EventBatch.objects.get().events == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"analytics_events_{AT + dt.timedelta(days=days):%Y%m%d}"])
        assert cursor.fetchone() == (None,)


def test_set_aside_events_are_counted_apart() -> None:
    happened([event(), *(event(verdict=Verdict.BOT, visitor=n) for n in range(5)), event(verdict=Verdict.FLOOD)], batch_id="a", at=AT)

    found = dashboard([7], period=PERIOD, at=AT)

    assert found.totals.by_type[EventType.VIEW] == 1
    assert found.set_aside == {"BOT": 5, "REPEAT": 0, "FLOOD": 1}
    assert found.series[-1].visitors == 0


def test_a_visitor_counts_once_a_day_and_days_are_not_added_up() -> None:
    yesterday = AT - dt.timedelta(days=1)
    happened([event(visitor=1), event(EventType.CONTACT, visitor=1), event(EventType.IMPRESSION, visitor=2)], batch_id="a", at=AT)
    happened([event(visitor=1), event(visitor=3), event(visitor=1, at=yesterday)], batch_id="b", at=AT)

    days = dashboard([7], period=PERIOD, at=AT)
    months = dashboard([7], period=PERIOD, at=AT, granularity=Granularity.MONTH)

    assert [point.visitors for point in days.series[-2:]] == [1, 2]
    assert {point.visitors for point in months.series} == {None}


def test_forged_campaigns_stay_few_and_none_is_lost() -> None:
    names = [f"c{number}" for number in range(4 * MAX_CAMPAIGNS)]
    happened([event(campaign=name) for name in names], batch_id="a", at=AT)
    once = stored()
    happened([event(campaign=name) for name in reversed(names)], batch_id="b", at=AT)

    found = dashboard([7], period=PERIOD, at=AT)
    twice = stored()
    recompute(TODAY)

    assert len(once[0]["breakdown"]) < 1_500
    assert {count for _name, count in found.campaigns} == {2}
    assert found.totals.by_type[EventType.VIEW] == 2 * len(names)
    assert stored() == twice


def test_a_period_is_compared_with_the_one_before_and_long_ones_have_months() -> None:
    happened([event(), event(at=AT - dt.timedelta(days=8)), event(at=AT - dt.timedelta(days=9))], batch_id="a", at=AT)

    week = dashboard([7], period=Period(TODAY - dt.timedelta(days=6), TODAY), at=AT)
    year = dashboard([7], period=Period(dt.date(2025, 3, 19), TODAY), at=AT)

    assert (week.totals.by_type[EventType.VIEW], week.totals_before.by_type[EventType.VIEW]) == (1, 2)
    assert len(week.series) == len(week.series_before) == 7
    assert [point.day.isoformat() for point in year.series][::12] == ["2025-03-01", "2026-03-01"]
    assert year.series[-1].totals.by_type[EventType.VIEW] == 3


def test_a_day_without_events_cannot_be_counted_again() -> None:
    happened([event()], batch_id="a", at=AT)

    with pytest.raises(ValueError, match="no events of 2025-01-01"):
        recompute(dt.date(2025, 1, 1))
    assert ListingDay.objects.count() == 2


def test_counters_end_after_twenty_five_months() -> None:
    oldest = first_day_kept(AT)
    for day in (oldest - dt.timedelta(days=1), oldest, TODAY):
        ListingDay.objects.create(resource_number=7, day=day, last_at=AT)

    assert oldest == dt.date(2024, 2, 1)
    assert prune_counters(at=AT) == 1
    assert list(ListingDay.objects.order_by("day").values_list("day", flat=True)) == [oldest, TODAY]
