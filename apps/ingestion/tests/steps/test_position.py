"""Positions: two numbers in the country, or a reason."""

from __future__ import annotations

import pytest

from apps.ingestion.steps import position
from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.record import Refused


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, (None, None)),
        ({"latitude": 4.05, "longitude": 9.7}, (4.05, 9.7)),
        ({"latitude": "4,05", "longitude": " 9.70 "}, (4.05, 9.7)),
        ({"latitude": 4, "longitude": 9}, (4.0, 9.0)),
        ({"latitude": 3.9080995288945246, "longitude": 11.56843047446273}, (3.9080995, 11.5684305)),
        ({"latitude": "4°03'00\"N", "longitude": "9° 42' E"}, (4.05, 9.7)),
        ({"position": {"lat": 4.05, "lng": 9.7}}, (4.05, 9.7)),
        ({"position": {"type": "Point", "coordinates": [9.7, 4.05]}}, (4.05, 9.7)),
        ({"position": "4.05, 9.7"}, (4.05, 9.7)),
        ({"position": "4,05 9,70"}, (4.05, 9.7)),
    ],
)
def test_it_works(given: dict[str, object], found: tuple[float | None, float | None]) -> None:
    assert position.read(given, "CM", Notes()) == found


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (4.05, None, "position_half_given"), (0, 0.0, "position_zero"), (9.7, 4.05, "position_swapped"), (48.85, 2.35, "position_outside"),
        (95, 9.7, "position_impossible"), (4.05, 181, "position_impossible"), ("ici", 9.7, "position_not_a_number"),
        (float("nan"), 9.7, "position_not_a_number"), (float("inf"), 9.7, "position_not_a_number"), (10**400, 9.7, "position_not_a_number"),
        (True, 9.7, "position_not_a_number"), ([4], 9.7, "position_not_a_number"), ("4" * 60, 9.7, "position_not_a_number"),
    ],
)  # fmt: skip
def test_an_impossible_position_is_refused(latitude: object, longitude: object, code: str) -> None:
    given = {name: value for name, value in (("latitude", latitude), ("longitude", longitude)) if value is not None}
    with pytest.raises(Refused) as refused:
        position.read(given, "CM", Notes())
    assert (refused.value.reason.field, refused.value.reason.code) == ("position", code)


@pytest.mark.parametrize("value", ["Douala", [], {"type": "Point"}, {"type": "Point", "coordinates": [9.7]}, {"lat": 4}, 7])
def test_a_position_of_another_form_is_refused(value: object) -> None:
    with pytest.raises(Refused):
        position.read({"position": value}, "CM", Notes())


def test_another_country_has_its_own_ground() -> None:
    assert position.read({"latitude": 48.85, "longitude": 2.35}, "FR", Notes()) == (48.85, 2.35)
