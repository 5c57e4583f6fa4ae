"""The maps that the server draws: the country with its towns, and a plan of a few positions.

There are no streets: no free street data may be shipped. A plan shows where places lie to each other: names of quarters, a
grid, a scale, north, and numbered pins; past a few dozen kilometres also the outline of the regions.

Numbers of an SVG or a style are ready-made text: a template would write them with the comma of French.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from apps.core.mercator import Frame, fit, project
from apps.core.templatetags.eco import distance

Box = tuple[float, float, float, float]

# The sheet static/geo/cameroon.svg: where its corner lies in projected degrees, and its size.
SHEET_LEFT, SHEET_TOP = project(13.3, 8.2)
SHEET_WIDTH, SHEET_HEIGHT = 400, 579
UNITS_PER_DEGREE = SHEET_WIDTH / 8.3

LEAST_PLAN_M = 3_000
LOCAL_PLAN_M = 45_000
# The boxes that overlaps are judged at (width, height, without margins): the strip of a phone, a plan that fills its width,
# the column beside a list.
STRIP_BOX_PX = (286, 140)
PHONE_BOX_PX = (286, 264)
SIDE_BOX_PX = (330, 600)
PIN_GAP_PX = 27
MARGIN_PX = 30
PIN_PX = 30
# What the margins around the boxes have left for a pin whose point is moved out, and how often the frame grows for it.
SPARE_SIDE_PX, SPARE_ABOVE_PX, SPARE_BELOW_PX = 18, 4, 24
FRAME_STEPS = 2
NAME_HEIGHT_PX = 26
LETTER_PX = 6.8


@dataclass(frozen=True)
class PlanPoint:
    """What a plan shows with a pin. `number` is None for a pin with the category's icon."""

    lat: float
    lng: float
    name: str = ""
    place: str = ""
    url: str = ""
    number: int | None = None
    sponsored: bool = False
    icon: str = "map-pin"


@dataclass(frozen=True)
class PlanName:
    """A quarter or town whose name may stand on a plan."""

    lat: float
    lng: float
    name: str


@dataclass(frozen=True)
class Pin:
    """A pin with its place: units right of and below the centre of the plan, then pixels that keep it off other pins."""

    point: PlanPoint
    x: str
    y: str
    dx: str
    dy: str


@dataclass(frozen=True)
class Name:
    """A name with its place, like a pin; `box` is the one that has room for it: "strip", "side" or both."""

    text: str
    x: str
    y: str
    box: str


@dataclass(frozen=True)
class Plan:
    """All that components/map_plan.html draws; lengths are units of the sheet."""

    view_box: str
    width: str
    height: str
    pins: tuple[Pin, ...]
    names: tuple[Name, ...]
    is_local: bool
    grid: str
    stroke: str
    scale: str
    scale_text: str


@dataclass(frozen=True)
class TownMark:
    """A town on the map of the country: its dot, its halo and where its name stands."""

    name: str
    x: str
    y: str
    dx: str
    dy: str
    anchor: str
    halo: str


# The capitals of the ten regions, and on which side of the dot the name has room.
TOWNS = {
    "douala": ("Douala", 4.05, 9.70, "end", -9, 12),
    "yaounde": ("Yaoundé", 3.86, 11.52, "start", 9, 4),
    "bafoussam": ("Bafoussam", 5.48, 10.42, "start", 8, 10),
    "bamenda": ("Bamenda", 5.96, 10.15, "end", -8, -2),
    "buea": ("Buea", 4.16, 9.24, "end", -8, -1),
    "garoua": ("Garoua", 9.30, 13.40, "start", 8, 4),
    "maroua": ("Maroua", 10.59, 14.32, "start", 8, 4),
    "ngaoundere": ("Ngaoundéré", 7.32, 13.58, "start", 8, 4),
    "bertoua": ("Bertoua", 4.58, 13.68, "start", 8, 4),
    "ebolowa": ("Ebolowa", 2.90, 11.15, "start", 8, 4),
}


def sheet(x: float, y: float) -> tuple[float, float]:
    """The place on the sheet of a projected place."""
    return (x - SHEET_LEFT) * UNITS_PER_DEGREE, (y - SHEET_TOP) * UNITS_PER_DEGREE


def town_marks(counts: Mapping[str, int]) -> list[TownMark]:
    """The ten regional capitals, with a halo whose surface follows the number of listings.

    :param counts: city slug → listings; a city that is missing has the smallest halo.
    """
    most = max(counts.values(), default=0) or 1
    marks = []
    for slug, (name, lat, lng, anchor, dx, dy) in TOWNS.items():
        x, y = sheet(*project(lat, lng))
        halo = 9 + 14 * math.sqrt(min(counts.get(slug, 0) / most, 1))
        marks.append(TownMark(name, _text(x, 1), _text(y, 1), str(dx), str(dy), anchor, _text(halo, 1)))
    return marks


def build_plan(points: Sequence[PlanPoint], names: Sequence[PlanName] = ()) -> Plan | None:
    """The plan of these points, or None without any.

    Pins that would cover each other are moved apart, since most positions are only known to the quarter. Names that would
    cover a pin or another name are left out; give the most important ones first.
    """
    if not points:
        return None
    frame = fit([(point.lat, point.lng) for point in points], least_m=LEAST_PLAN_M)
    places = [_units(frame, point.lat, point.lng) for point in points]
    width, height, moves = _roomy(places, frame.width * UNITS_PER_DEGREE, frame.height * UNITS_PER_DEGREE)
    pixel = _pixel(width, height, SIDE_BOX_PX)
    centre_x, centre_y = sheet(frame.x, frame.y)
    unit_m = frame.metres_per_degree / UNITS_PER_DEGREE
    scale_m = frame.round_metres(0.45)
    return Plan(
        view_box=f"{_text(centre_x - width / 2)} {_text(centre_y - height / 2)} {_text(width)} {_text(height)}",
        width=_text(width),
        height=_text(height),
        pins=tuple(
            Pin(point, _text(x), _text(y), _text(dx, 1), _text(dy, 1))
            for point, (x, y), (dx, dy) in zip(points, places, moves, strict=True)
        ),
        names=_readable([(name.name, *_units(frame, name.lat, name.lng)) for name in names], places, width, height),
        is_local=max(width, height) * unit_m < LOCAL_PLAN_M,
        grid=_text(frame.round_metres(0.4) / unit_m),
        stroke=_text(pixel, 4),
        scale=_text(scale_m / unit_m),
        scale_text=distance(scale_m),
    )


def plan_detail(plan: Plan | None, names: Sequence[PlanName] = ()) -> dict[str, Any] | None:
    """What the detailed map needs beside its plan: places for its script, and the tile server when the site has one.

    Pins are moved apart by the same pixels as on the plan.
    """
    if plan is None:
        return None
    return {
        "places": {
            "points": [
                {"lat": pin.point.lat, "lng": pin.point.lng, "name": pin.point.name, "url": pin.point.url}
                | {"number": pin.point.number, "sponsored": pin.point.sponsored, "dx": float(pin.dx), "dy": float(pin.dy)}
                for pin in plan.pins
            ],
            "names": [{"lat": name.lat, "lng": name.lng, "name": name.name} for name in names],
        },
        "tiles": settings.MAP_TILES_URL,
        "attribution": settings.MAP_TILES_ATTRIBUTION,
    }


def _units(frame: Frame, lat: float, lng: float) -> tuple[float, float]:
    """A position as sheet units from the centre of a frame."""
    dx, dy = frame.offset(lat, lng)
    return dx * UNITS_PER_DEGREE, dy * UNITS_PER_DEGREE


def _moves_apart(places: Sequence[tuple[float, float]], scales: Sequence[float]) -> list[tuple[float, float]]:
    """How many pixels each pin is moved so that none covers one before it, at each of these scales (pixels a unit).

    Pixels and not units, so that a large plan is not less exact than a small one. A pin tries ever wider turns of a spiral.
    """
    moves: list[tuple[float, float]] = []
    for x, y in places:
        for step in range(190):
            angle, radius = step * 2.4, PIN_GAP_PX * 0.4 * math.sqrt(step)
            move = (radius * math.cos(angle), radius * math.sin(angle))
            if all(
                max(abs(scale * (x - u) + move[0] - du), abs(scale * (y - v) + move[1] - dv)) >= PIN_GAP_PX
                for (u, v), (du, dv) in zip(places, moves, strict=False)
                for scale in scales
            ):
                break
        moves.append(move)
    return moves


def _roomy(places: Sequence[tuple[float, float]], width: float, height: float) -> tuple[float, float, list[tuple[float, float]]]:
    """A frame of at least this size that holds its pins where they were moved to, and those moves.

    A town at the edge of the plan has many pins, whose moves would lead out of it.
    """
    boxes = (PHONE_BOX_PX, SIDE_BOX_PX)
    moves = _moves_apart(places, [1 / _pixel(width, height, box) for box in boxes])
    for _step in range(FRAME_STEPS):
        growth = max(_growth(places, moves, 1 / _pixel(width, height, box), box) for box in boxes)
        if growth <= 1:
            break
        width, height = width * growth, height * growth
        moves = _moves_apart(places, [1 / _pixel(width, height, box) for box in boxes])
    return width, height, moves


def _growth(places: Sequence[tuple[float, float]], moves: Sequence[tuple[float, float]], scale: float, box_px: tuple[int, int]) -> float:
    """How many times as large the frame must be for all pins to stand in a box and its margins; 1 or less when they do."""
    half_x, half_y = box_px[0] / 2, box_px[1] / 2
    needs = [0.0]
    for (x, y), (dx, dy) in zip(places, moves, strict=True):
        side = dx if x > 0 else -dx
        down = dy if y > 0 else -dy
        spare = SPARE_BELOW_PX if y > 0 else SPARE_ABOVE_PX
        needs.append(abs(x) * scale / max(half_x + SPARE_SIDE_PX - side, half_x / 4))
        needs.append(abs(y) * scale / max(half_y + spare - down, half_y / 4))
    return max(needs)


def _pixel(width: float, height: float, box_px: tuple[int, int]) -> float:
    """How many units a pixel is when a frame of this size fills a box."""
    return max(width / box_px[0], height / box_px[1])


def _readable(
    names: Sequence[tuple[str, float, float]], pins: Sequence[tuple[float, float]], width: float, height: float
) -> tuple[Name, ...]:
    """The names that have room in the strip of a phone, in the larger boxes, or in all."""
    rooms: dict[int, str] = {}
    for room, boxes in (("strip", [STRIP_BOX_PX]), ("side", [PHONE_BOX_PX, SIDE_BOX_PX])):
        shown: list[int] = []
        for index in range(len(names)):
            if all(_has_room(names, index, shown, pins, box_px, _pixel(width, height, box_px)) for box_px in boxes):
                shown.append(index)
                rooms[index] = "both" if index in rooms else room
    return tuple(Name(names[index][0], _text(names[index][1]), _text(names[index][2]), room) for index, room in rooms.items())


def _has_room(
    names: Sequence[tuple[str, float, float]],
    index: int,
    shown: Sequence[int],
    pins: Sequence[tuple[float, float]],
    box_px: tuple[int, int],
    pixel: float,
) -> bool:
    """Whether a name lies inside a box of this size and off the pins and the names shown already."""
    box = _name_box(names[index], pixel)
    reach_x, reach_y = ((side / 2 + MARGIN_PX) * pixel for side in box_px)
    if not (-reach_x < box[0] and box[2] < reach_x and -reach_y < box[1] and box[3] < reach_y):
        return False
    taken = [(x - PIN_PX / 2 * pixel, y - PIN_PX * 1.3 * pixel, x + PIN_PX / 2 * pixel, y) for x, y in pins]
    return not any(_overlap(box, other) for other in (*taken, *(_name_box(names[other], pixel) for other in shown)))


def _name_box(name: tuple[str, float, float], pixel: float) -> Box:
    """The surface of a name: its dot, and the word below it."""
    text, x, y = name
    half = len(text) * LETTER_PX / 2 * pixel
    return x - half, y, x + half, y + NAME_HEIGHT_PX * pixel


def _overlap(one: Box, other: Box) -> bool:
    """Whether two boxes (left, top, right, bottom) share any surface."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _text(value: float, digits: int = 3) -> str:
    """A number as SVG and CSS want it: a point, and no digits that say nothing."""
    return f"{round(value, digits):.{digits}f}".rstrip("0").rstrip(".")
