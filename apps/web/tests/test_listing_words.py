"""How opening, place, type and attributes are said."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from apps.web.templatetags import listing as words

NOON = "2026-11-23T12:00:00+01:00"  # a Monday


def said(state: str, change: str | None, as_of: str = NOON) -> words.OpenWords:
    """The words of a business in French."""
    row: dict[str, Any] = {"operating_status": "open", "open_status": {"state": state, "next_change": change, "as_of": as_of}}
    with translation.override("fr"):
        return words.open_words(row)


def test_it_works() -> None:
    open_now = said("open", "2026-11-23T22:00:00+01:00")
    assert (open_now.tone, open_now.state, open_now.detail) == ("open", "Ouvert", "ferme à 22\u00a0h")
    assert open_now.short == "Ferme à 22\u00a0h"


@pytest.mark.parametrize(
    ("change", "tone", "state"),
    [
        ("2026-11-23T12:40:00+01:00", "soon", "Ferme dans 40 min"),
        ("2026-11-23T12:00:20+01:00", "soon", "Ferme dans 1 min"),
        ("2026-11-23T13:00:00+01:00", "soon", "Ferme dans 60 min"),
        ("2026-11-23T13:01:00+01:00", "open", "Ouvert"),
    ],
)
def test_closing_within_the_hour_is_said_in_minutes(change: str, tone: str, state: str) -> None:
    said_now = said("open", change)
    assert (said_now.tone, said_now.state.replace("\u00a0", " ")) == (tone, state)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ("2026-11-23T18:30:00+01:00", "ouvre à 18 h 30"),
        ("2026-11-23T23:30:00+00:00", "ouvre demain à 0 h 30"),
        ("2026-11-24T08:00:00+01:00", "ouvre demain à 8 h"),
        ("2026-11-27T08:00:00+01:00", "ouvre vendredi à 8 h"),
        ("2026-12-04T08:00:00+01:00", "ouvre plus tard"),
        (None, ""),
    ],
)
def test_a_closed_place_says_when_it_opens(change: str | None, detail: str) -> None:
    closed = said("closed", change)
    assert (closed.tone, closed.state, closed.detail.replace("\u00a0", " ")) == ("closed", "Fermé", detail)
    assert closed.short != ""


def test_never_closing_and_not_known_are_said() -> None:
    assert said("open", None).short == "Ouvert 24 h sur 24"
    assert said("unknown", None).tone == "unknown"
    assert said("unknown", None).state == "Horaires non confirmés"


@pytest.mark.parametrize("status", ["temporarily_closed", "permanently_closed"])
def test_a_place_that_closed_down_is_not_open_whatever_its_hours_say(status: str) -> None:
    row = {"operating_status": status, "open_status": {"state": "open", "next_change": None, "as_of": NOON}}
    with translation.override("fr"):
        assert words.open_words(row).state.startswith("Fermé ")


def test_a_listing_without_opening_is_unknown() -> None:
    assert words.open_words({}).tone == "unknown"


def test_the_week_begins_on_monday_and_marks_today() -> None:
    with translation.override("fr"):
        rows = words.week_rows({"1": [["08:00", "12:00"], ["14:00", "18:00"]], "4": [["00:00", "00:00"]], "0": []}, 0)
    assert [row.label for row in rows][:2] == ["Lundi", "Mardi"]
    assert rows[0].spans == (("08:00", "12:00"), ("14:00", "18:00"))
    assert rows[3].is_all_day
    assert [row.is_today for row in rows] == [False] * 6 + [True]
    assert rows[1].spans == rows[6].spans == ()


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"quarter": {"name": "Akwa"}, "city": {"name": "Douala"}}, "Akwa, Douala"),
        ({"quarter": None, "city": {"name": "Douala"}, "region": {"name": "Littoral"}}, "Douala"),
        ({"quarter": None, "city": None, "region": {"name": "Littoral"}}, "Littoral"),
        ({"quarter": None, "city": None, "region": "Littoral"}, "Littoral"),
        ({}, ""),
    ],
)
def test_place_words(row: dict[str, Any], place: str) -> None:
    assert words.place_words(row) == place


def test_words_newer_than_the_tables_are_shown_as_they_are() -> None:
    assert words.trait_label("solar_power") == "solar power"
    assert words.trait_icon("solar_power") == "check"
    assert words.type_label("event") == "event"
    assert words.type_tone("event") == ""
    assert words.type_icon("event") == "tag"
