"""Opening hours: OpenStreetMap's syntax and free French and English text."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.validation import has_overlap
from apps.ingestion.steps import hours, hours_text
from apps.ingestion.steps.hours import Hours
from apps.ingestion.steps.notes import Notes

# Many suites share the machine: how long drawing takes says nothing.


def read(value: object) -> tuple[str, list[str]]:
    """The week in one line, and the codes of the warnings."""
    notes = Notes()
    found = hours.read(value, notes)
    return hours.shown(found) if found else "", [warning.code for warning in notes.warnings]


ALL = "Mo,Tu,We,Th,Fr,Sa,Su"
WEEK = "Mo,Tu,We,Th,Fr"


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("24/7", f"{ALL} 00:00-00:00"),
        ("Mo-Fr 08:00-12:00,14:00-18:00; Sa 09:00-13:00; PH off", f"{WEEK} 08:00-12:00,14:00-18:00; Sa 09:00-13:00"),
        ("Mo-Fr 08:00-17:00, Sa 08:00-12:00", f"{WEEK} 08:00-17:00; Sa 08:00-12:00"),
        ("08:00-22:00", f"{ALL} 08:00-22:00"),
        ("Lundi au vendredi 8h-17h30, samedi 8h à 12h", f"{WEEK} 08:00-17:30; Sa 08:00-12:00"),
        ("24h/24", f"{ALL} 00:00-00:00"),
        ("Ouvert 24h sur 24, 7j/7", f"{ALL} 00:00-00:00"),
        ("7j/7 de 8h à 20h", f"{ALL} 08:00-20:00"),
        ("Mon-Sat 9am–6pm", f"{WEEK},Sa 09:00-18:00"),
        ("Monday to Friday: 8:30 AM - 5:00 PM; Saturday 9:00 AM - 1:00 PM; Sunday closed", f"{WEEK} 08:30-17:00; Sa 09:00-13:00; Su off"),
        ("Weekdays 8am to 4pm, weekends closed", f"{WEEK} 08:00-16:00; Sa,Su off"),
        ("Mon - Fri 9-6pm", f"{WEEK} 09:00-18:00"),
        ("fermé le dimanche", "Su off"),
        ("Lundi-samedi 8h-18h, fermé le dimanche et les jours fériés", f"{WEEK},Sa 08:00-18:00; Su off"),
        ("Fermé le lundi. Ouvert mardi à dimanche 9h-18h", "Mo off; Tu,We,Th,Fr,Sa,Su 09:00-18:00"),
        ("Tous les jours sauf le dimanche 8h-18h", f"{WEEK},Sa 08:00-18:00; Su off"),
        ("Tous les jours 8h-18h sauf dimanche", f"{WEEK},Sa 08:00-18:00; Su off"),
        ("everyday 9AM-10PM except Sunday", f"{WEEK},Sa 09:00-22:00; Su off"),
        ("Lundi-samedi 8h-17h sauf samedi 8h-12h", f"{WEEK} 08:00-17:00; Sa 08:00-12:00"),
        ("Du lundi au samedi de 8h à 12h et de 14h à 18h", f"{WEEK},Sa 08:00-12:00,14:00-18:00"),
        ("Lun-Ven: 8h00-12h00 / 15h00-19h00 ; Sam: 8h-13h ; Dim: fermé", f"{WEEK} 08:00-12:00,15:00-19:00; Sa 08:00-13:00; Su off"),
        ("Ven. et Sam. 20h - 6h", "Fr,Sa 20:00-06:00"),
        ("du mardi au dimanche de 18h à 2h du matin", "Tu,We,Th,Fr,Sa,Su 18:00-02:00"),
        ("Tous les jours de 6h à minuit", f"{ALL} 06:00-00:00"),
        ("de 10h à midi le lundi", "Mo 10:00-12:00"),
        ("9h - 17h du lundi au vendredi, 9h-13h le samedi", f"{WEEK} 09:00-17:00; Sa 09:00-13:00"),
        ("Lundi: 8h-12h 14h-18h\nMardi: 8h-12h", "Mo 08:00-12:00,14:00-18:00; Tu 08:00-12:00"),
        ("lundi-vendredi 8h-17h ; lundi 9h-12h", "Mo 09:00-12:00; Tu,We,Th,Fr 08:00-17:00"),
        ("samedi 8h-12h30; jours fériés 9h-11h", "Sa 08:00-12:30"),
        ("lundi à vendredi de 8 h 30 à 15h30", f"{WEEK} 08:30-15:30"),
    ],
)
def test_it_works(text: str, week: str) -> None:
    assert read(text) == (week, [])


@pytest.mark.parametrize(
    "text",
    [
        "Sur rendez-vous", "8h-18h", "Lundi 8h", "lundi 8-17", "1-5pm monday", "lundi à partir de 8h", "7j/7", "fermé", "Mo-Su 8h-8h",
        "lundi 25h-26h", "lundi 8h-17h selon affluence", "lundi 9h-12h; lundi-vendredi 8h-17h", "8h-18h sauf dimanche",
        "8h-18h; dimanche fermé", "sunrise-sunset", "lundi 13pm-14pm", "x" * 400,
    ],
)  # fmt: skip
def test_what_could_mean_several_things_is_a_warning_with_the_text(text: str) -> None:
    notes = Notes()
    assert hours.read(text, notes) is None
    assert [(warning.field, warning.code, warning.detail) for warning in notes.warnings] == [("hours", "hours_not_understood", text[:120])]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("Sam. 14 Oct. 2023 à 8h - Lun. 16 Oct. 2023 à 8h", "hours_dated"),
        ("2020-09-01/2020-12-31 14:00:00-19:00:00", "hours_dated"),
        ("Mo 08:00-12:00,11:00-13:00", "hours_overlap"),
        ("lundi 8h-18h et 17h-19h", "hours_overlap"),
        ({"9": []}, "hours_not_understood"),
        ({"1": [["08:00"]]}, "hours_not_understood"),
        ({"1": [["8h", "12h"]]}, "hours_not_understood"),
        ({}, "hours_not_understood"),
        (7, "hours_not_understood"),
        (True, "wrong_type"),
    ],
)
def test_no_week_has_a_reason(value: object, code: str) -> None:
    assert read(value) == ("", [code])


def test_a_week_in_our_own_form_is_checked_and_kept() -> None:
    week: Hours = {0: (), 1: (("08:00", "12:00"), ("14:00", "02:00"))}
    assert hours.read({"1": [["14:00", "02:00"], ["08:00", "12:00"]], "0": []}, Notes()) == week
    assert hours.read(week, Notes()) == week


FRENCH = ("dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi")
ENGLISH = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


@st.composite
def weeks(draw: st.DrawFn) -> Hours:
    """Weeks with one or two intervals a day, nights that end after midnight and closed days."""
    week: Hours = {}
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        ends = sorted(draw(st.sets(st.integers(0, 95), min_size=2, max_size=4).filter(lambda found: len(found) != 3)))
        if draw(st.booleans()) and len(ends) == 2:
            ends[1] = draw(st.integers(0, ends[0] - 1)) if ends[0] else ends[1]
        times = [f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in ends]
        week[day] = draw(st.sampled_from([tuple(zip(times[::2], times[1::2], strict=True)), ()]))
    return dict(sorted(week.items()))


def as_week(week: Hours) -> dict[int, list[tuple[dt.time, dt.time]]]:
    """With times of day."""
    return {day: [(dt.time.fromisoformat(a), dt.time.fromisoformat(b)) for a, b in intervals] for day, intervals in week.items()}


@given(week=weeks().filter(lambda week: not has_overlap(as_week(week))), style=st.sampled_from(["fr", "en", "osm"]))
def test_every_week_is_read_as_it_is_written(week: Hours, style: str) -> None:
    def written(day: int, intervals: tuple[tuple[str, str], ...]) -> str:
        if style == "fr":
            times = " et ".join(f"de {a.replace(':', 'h')} à {b.replace(':', 'h')}" for a, b in intervals)
            return f"{FRENCH[day]} : {times or 'fermé'}"
        if style == "en":
            times = ", ".join(f"{dt.time.fromisoformat(a):%I:%M %p} - {dt.time.fromisoformat(b):%I:%M %p}" for a, b in intervals)
            return f"{ENGLISH[day]} {times or 'closed'}"
        return f"{('Su', 'Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa')[day]} {','.join(f'{a}-{b}' for a, b in intervals) or 'off'}"

    text = ("\n" if style == "fr" else "; ").join(written(day, intervals) for day, intervals in week.items())
    assert hours.read(text, Notes()) == week
    if style != "osm":
        assert hours_text.parse(text) is not None


@given(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from([*FRENCH, "8h", "-", "à", "17h30", "fermé", "sauf", ",", ";", "24h/24", "et"]), max_size=9).map(" ".join),
    )
)
def test_any_text_gives_a_sound_week_or_none(text: str) -> None:
    week = hours.read(text, Notes())
    if week is not None:
        assert week
        assert set(week) <= set(range(7))
        assert not has_overlap(as_week(week))
        assert hours.read(week, Notes()) == week
