"""The rules of `apps.catalog.opening`, by example and against a plain reading of them minute by minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.catalog.opening import DAY_MIN, HORIZON_DAYS, SHUT, ZONE, Interval, Schedule, interval, packed_status
from apps.catalog.osm_hours import parse_opening_hours

TUESDAY = dt.date(2026, 11, 24)
MORNING, AFTERNOON, NIGHT = (480, 750), (840, 1080), (1320, 1680)
WHOLE_DAY = (0, DAY_MIN)


def at(day: dt.date, clock: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), ZONE)


def weekly(*intervals: Interval, days: Iterable[int] = range(7), policy: str = "unknown", **special: object) -> Schedule:
    return Schedule("weekly", policy, dict.fromkeys(days, intervals), special.get("special", {}))  # type: ignore[arg-type]


def told(schedule: Schedule, day: dt.date, clock: str, holidays: Iterable[dt.date] = ()) -> tuple[str, dt.datetime | None]:
    status = schedule.status(at(day, clock), holidays)
    return status.state, status.next_change


def test_it_works() -> None:
    schedule = weekly(MORNING, AFTERNOON)
    assert told(schedule, TUESDAY, "08:00") == ("open", at(TUESDAY, "12:30"))
    assert told(schedule, TUESDAY, "12:29") == ("open", at(TUESDAY, "12:30"))
    assert told(schedule, TUESDAY, "12:30") == ("closed", at(TUESDAY, "14:00"))
    assert told(schedule, TUESDAY, "19:00") == ("closed", at(TUESDAY + dt.timedelta(days=1), "08:00"))


def test_times_make_intervals() -> None:
    assert interval(dt.time(8), dt.time(12, 30)) == (480, 750)
    assert interval(dt.time(22), dt.time(4)) == (1320, 1680)
    assert interval(dt.time(0), dt.time(0)) == WHOLE_DAY


def test_seconds_do_not_count() -> None:
    status = weekly(MORNING).status(at(TUESDAY, "12:29:59.999"))
    assert status.state == "open"
    assert status.as_of == at(TUESDAY, "12:29")


def test_the_clock_is_that_of_douala() -> None:
    assert weekly(MORNING).status(dt.datetime(2026, 11, 24, 7, 0, tzinfo=dt.UTC)).state == "open"
    assert weekly(MORNING).status(dt.datetime(2026, 11, 24, 6, 59, tzinfo=dt.UTC)).state == "closed"


def test_adjoining_intervals_are_one() -> None:
    assert told(weekly((480, 720), (720, 1080)), TUESDAY, "09:00") == ("open", at(TUESDAY, "18:00"))
    assert told(weekly((600, DAY_MIN), days=[2]), TUESDAY, "23:59") == ("open", at(TUESDAY + dt.timedelta(days=1), "00:00"))
    through_midnight = Schedule("weekly", "unknown", {2: ((1200, DAY_MIN),), 3: ((0, 120),)})
    assert told(through_midnight, TUESDAY, "23:00") == ("open", at(TUESDAY + dt.timedelta(days=1), "02:00"))


def test_a_week_of_whole_days_never_changes() -> None:
    assert told(weekly(WHOLE_DAY), TUESDAY, "00:00") == ("open", None)


def test_once_a_week_is_seen_a_week_ahead() -> None:
    monday = dt.date(2026, 11, 23)
    assert told(weekly(MORNING, days=[1]), monday, "19:00") == ("closed", at(monday + dt.timedelta(days=7), "08:00"))


def test_a_change_beyond_eight_days_is_not_told() -> None:
    shut = {TUESDAY + dt.timedelta(days=step): () for step in range(20)}
    assert told(weekly(MORNING, special=shut), TUESDAY, "09:00") == ("closed", None)


def test_night_hours_reach_into_a_holiday_and_a_closed_day() -> None:
    eve = TUESDAY - dt.timedelta(days=1)
    for schedule in (weekly(NIGHT, policy="closed"), weekly(NIGHT, special={TUESDAY: ()}), weekly(NIGHT, days=[1], policy="closed")):
        assert told(schedule, eve, "23:00", [TUESDAY])[0] == "open"
        assert told(schedule, TUESDAY, "03:59", [TUESDAY])[0] == "open"
        assert told(schedule, TUESDAY, "04:00", [TUESDAY])[0] == "closed"


def test_a_holiday_of_unknown_rule_is_unknown_with_its_night() -> None:
    schedule = weekly(NIGHT)
    after = TUESDAY + dt.timedelta(days=1)
    assert told(schedule, TUESDAY, "12:00", [TUESDAY]) == ("unknown", at(after, "04:00"))
    assert told(schedule, after, "03:59", [TUESDAY])[0] == "unknown"
    assert told(schedule, after, "04:00", [TUESDAY])[0] == "closed"


@pytest.mark.parametrize(("policy", "state"), [("as_usual", "open"), ("closed", "closed"), ("unknown", "unknown")])
def test_the_holiday_rule(policy: str, state: str) -> None:
    assert told(weekly(MORNING, policy=policy), TUESDAY, "09:00", [TUESDAY])[0] == state


@pytest.mark.parametrize("policy", ["as_usual", "closed", "unknown"])
def test_a_particular_day_is_stronger_than_a_holiday(policy: str) -> None:
    schedule = weekly(MORNING, policy=policy, special={TUESDAY: ((600, 660),)})
    assert told(schedule, TUESDAY, "10:30", [TUESDAY]) == ("open", at(TUESDAY, "11:00"))
    assert told(schedule, TUESDAY, "09:00", [TUESDAY])[0] == "closed"


def test_always_open_stays_so_on_holidays_but_not_on_a_particular_day() -> None:
    after = TUESDAY + dt.timedelta(days=1)
    assert told(Schedule("always"), TUESDAY, "03:00", [TUESDAY]) == ("open", None)
    assert told(Schedule("always", special={after: ()}), TUESDAY, "03:00") == ("open", at(after, "00:00"))


def test_unknown_hours_are_unknown_but_on_particular_days() -> None:
    assert told(Schedule(), TUESDAY, "09:00") == ("unknown", None)
    schedule = Schedule(special={TUESDAY: (MORNING,)})
    assert told(schedule, TUESDAY, "09:00") == ("open", at(TUESDAY, "12:30"))
    assert told(schedule, TUESDAY, "13:00") == ("closed", at(TUESDAY + dt.timedelta(days=1), "00:00"))


def test_what_does_not_operate_is_closed() -> None:
    assert told(Schedule(SHUT, week={2: (WHOLE_DAY,)}), TUESDAY, "09:00") == ("closed", None)
    assert Schedule.unpack(Schedule(SHUT).pack()).status(at(TUESDAY, "09:00")).state == "closed"


def test_nothing_known_packs_to_nothing() -> None:
    assert Schedule().pack() is None
    assert Schedule.unpack(None) == Schedule()


@pytest.mark.parametrize("packed", [b"", b"{", b'["weekly","unknown",[],[]]', msgspec.msgpack.encode((99, "always", "", [], []))])
def test_bytes_of_another_release_are_unknown_hours(packed: bytes) -> None:
    assert told(Schedule.unpack(packed), TUESDAY, "09:00") == ("unknown", None)


def test_spans_for_pages() -> None:
    spans = weekly(AFTERNOON, MORNING, days=[1]).spans()
    assert spans["1"] == [["08:00", "12:30"], ["14:00", "18:00"]]
    assert spans["0"] == []
    assert Schedule("always").spans()["6"] == [["00:00", "00:00"]]
    assert Schedule().spans() == {}


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        (weekly(MORNING, AFTERNOON, days=[1, 2, 3, 4, 5]), "Mo-Fr 08:00-12:30,14:00-18:00; Sa,Su off"),
        (weekly(NIGHT, policy="closed"), "Mo-Su 22:00-04:00; PH off"),
        (weekly(WHOLE_DAY, days=[1, 3]), "Mo,We 00:00-24:00; Tu,Th,Fr,Sa,Su off"),
        (Schedule("always"), "24/7"),
        (Schedule(), ""),
    ],
)
def test_the_grammar_of_openstreetmap(schedule: Schedule, text: str) -> None:
    assert schedule.to_osm() == text


def _intervals() -> st.SearchStrategy[tuple[Interval, ...]]:
    one = st.tuples(st.integers(0, DAY_MIN - 1), st.integers(1, DAY_MIN)).map(lambda pair: (pair[0], pair[0] + pair[1]))
    return st.lists(one, max_size=3).map(tuple)


_near = st.integers(-3, HORIZON_DAYS + 2).map(lambda days: TUESDAY + dt.timedelta(days=days))
_schedules = st.builds(
    Schedule,
    st.sampled_from(["unknown", "weekly", "weekly", "weekly", "always", SHUT]),
    st.sampled_from(["unknown", "as_usual", "closed"]),
    st.dictionaries(st.integers(0, 6), _intervals(), max_size=7),
    st.dictionaries(_near, _intervals(), max_size=3),
)
_holidays = st.frozensets(_near, max_size=3)
_minutes = st.integers(0, 3 * DAY_MIN - 1)


def reading(schedule: Schedule, holidays: frozenset[dt.date]) -> dict[int, str]:
    """The state of every minute from the day before TUESDAY's midnight on, written day by day as the rules are said."""
    states: dict[int, str] = {}

    def mark(start: int, end: int, state: str) -> None:
        for minute in range(start, end):
            if states.get(minute) != "open":
                states[minute] = state

    days = range(-2, HORIZON_DAYS + 5)
    for step in days:
        for minute in range(step * DAY_MIN, (step + 1) * DAY_MIN):
            states[minute] = "closed"
    if schedule.kind == SHUT:
        return states
    for step in days:
        day = TUESDAY + dt.timedelta(days=step)
        midnight = step * DAY_MIN
        ordinary = schedule.week.get(day.isoweekday() % 7, ())
        if day in schedule.special:
            own: tuple[Interval, ...] | None = schedule.special[day]
        elif schedule.kind == "always":
            own = (WHOLE_DAY,)
        elif schedule.kind == "unknown" or (day in holidays and schedule.holiday_policy == "unknown"):
            own = None
        else:
            own = () if day in holidays and schedule.holiday_policy == "closed" else ordinary
        if own is None:
            mark(midnight, midnight + max([DAY_MIN, *(end for _start, end in ordinary)]), "unknown")
        for start, end in own or ():
            mark(midnight + start, midnight + end, "open")
    return states


@settings(max_examples=150)
@given(_schedules, _holidays, _minutes)
def test_any_schedule_says_what_a_plain_reading_says(schedule: Schedule, holidays: frozenset[dt.date], minute: int) -> None:
    states = reading(schedule, holidays)
    status = schedule.status(at(TUESDAY, "00:00") + dt.timedelta(minutes=minute), holidays)
    assert status.state == states[minute]
    last = minute + HORIZON_DAYS * DAY_MIN
    change = next((later for later in range(minute + 1, last + 1) if states[later] != status.state), None)
    expected = None if change is None else at(TUESDAY, "00:00") + dt.timedelta(minutes=change)
    assert status.next_change == expected


@settings(max_examples=100)
@given(_schedules, _holidays, _minutes)
def test_packing_loses_nothing(schedule: Schedule, holidays: frozenset[dt.date], minute: int) -> None:
    moment = at(TUESDAY, "00:00") + dt.timedelta(minutes=minute)
    assert Schedule.unpack(schedule.pack()).status(moment, holidays) == schedule.status(moment, holidays)
    assert packed_status(schedule.pack(), moment, holidays) == schedule.status(moment, holidays)


@given(st.dictionaries(st.integers(0, 6), _intervals(), min_size=1, max_size=7))
def test_what_is_written_for_openstreetmap_is_read_back(week: dict[int, tuple[Interval, ...]]) -> None:
    read = parse_opening_hours(Schedule("weekly", "closed", week).to_osm())
    assert read is not None
    found = {day: tuple(interval(opens, closes) for opens, closes in intervals) for day, intervals in read.items()}
    assert found == {day: tuple(sorted(week.get(day, ()))) for day in range(7)}
