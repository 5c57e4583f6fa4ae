"""Plans that the server draws."""

from __future__ import annotations

import math

import pytest
from django.template.loader import render_to_string
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.web.maps import PlanName, PlanPoint, build_plan, plan_detail, town_marks

DOUALA = (4.05, 9.70)
CAMEROON = st.tuples(st.floats(1.7, 13.0), st.floats(8.5, 16.1))


def pins(count: int) -> list[PlanPoint]:
    """Points in the same place."""
    return [PlanPoint(*DOUALA, name=f"Fiche {n}", number=n, url=f"/fiche/{n}/") for n in range(1, count + 1)]


def test_it_works() -> None:
    plan = build_plan([PlanPoint(4.0425, 9.6880, number=1), PlanPoint(4.0690, 9.7095, number=2)])
    assert plan is not None
    assert plan.is_local
    assert plan.scale_text == "1\u00a0km"
    assert float(plan.pins[0].x) == -float(plan.pins[1].x) < 0
    assert float(plan.pins[0].y) == -float(plan.pins[1].y) > 0
    assert [(pin.dx, pin.dy) for pin in plan.pins] == [("0", "0"), ("0", "0")]


def test_nothing_to_show_is_no_plan() -> None:
    assert build_plan([]) is None


@pytest.mark.parametrize("box", [(286, 264), (330, 600)])
def test_pins_do_not_cover_each_other(box: tuple[int, int]) -> None:
    """Twenty in one place and one beside them, in both boxes; the first stays where it is, no other goes far."""
    plan = build_plan([*pins(20), PlanPoint(4.06, 9.71, number=21)])
    assert plan is not None
    scale = min(box[0] / float(plan.width), box[1] / float(plan.height))
    places = [(float(pin.x) * scale + float(pin.dx), float(pin.y) * scale + float(pin.dy)) for pin in plan.pins]
    for index, place in enumerate(places):
        # Pins are 30 px squares: 27 px aside leaves a target of 24 px even between two others.
        assert all(max(abs(place[0] - other[0]), abs(place[1] - other[1])) >= 26.5 for other in places[:index])
    assert (plan.pins[0].dx, plan.pins[0].dy) == ("0", "0")
    assert all(math.hypot(float(pin.dx), float(pin.dy)) < 100 for pin in plan.pins)


@pytest.mark.parametrize("box", [(286, 264), (330, 600)])
def test_pins_of_a_town_at_the_edge_stay_inside(box: tuple[int, int]) -> None:
    """Ten in Yaoundé, eight in Douala: apart from each other they need more than a point each."""
    yaounde = [PlanPoint(3.86, 11.52, number=n) for n in range(1, 11)]
    plan = build_plan([*yaounde, *[PlanPoint(*DOUALA, number=n) for n in range(11, 19)], PlanPoint(9.3, 13.4, number=19)])
    assert plan is not None
    scale = min(box[0] / float(plan.width), box[1] / float(plan.height))
    for pin in plan.pins:
        assert abs(float(pin.x) * scale + float(pin.dx)) <= box[0] / 2 + 20
        assert -box[1] / 2 - 6 <= float(pin.y) * scale + float(pin.dy) <= box[1] / 2 + 26


@settings(max_examples=60)
@given(st.lists(CAMEROON, min_size=1, max_size=20))
def test_every_number_is_ready_for_svg_and_every_pin_is_near_the_frame(positions: list[tuple[float, float]]) -> None:
    plan = build_plan([PlanPoint(lat, lng, number=n) for n, (lat, lng) in enumerate(positions)])
    assert plan is not None
    numbers = [*plan.view_box.split(), plan.width, plan.height, plan.grid, plan.stroke, plan.scale]
    for text in numbers:
        assert "," not in text
        assert math.isfinite(float(text))
    assert float(plan.width) > 0
    for pin in plan.pins:
        assert abs(float(pin.x)) <= float(plan.width)
        assert abs(float(pin.y)) <= float(plan.height)


def test_names_that_would_cover_a_pin_or_a_name_or_the_edge_are_left_out() -> None:
    names = [
        PlanName(4.060, 9.705, "Akwa"),
        PlanName(4.0601, 9.7051, "Akwa Nord"),
        PlanName(4.0503, 9.7002, "Sous le repère"),
        PlanName(9.3, 13.4, "Garoua"),
    ]
    plan = build_plan([PlanPoint(*DOUALA), PlanPoint(4.07, 9.72)], names)
    assert plan is not None
    assert [name.text for name in plan.names] == ["Akwa"]


def test_far_apart_points_show_the_outline_of_the_regions() -> None:
    plan = build_plan([PlanPoint(4.05, 9.70), PlanPoint(9.30, 13.40)])
    assert plan is not None
    assert not plan.is_local
    assert "cameroon.svg#country" in render_to_string("components/map_plan.html", {"plan": plan, "plan_id": "a"})


def test_a_named_plan_has_links_and_a_decorative_one_has_none() -> None:
    plan = build_plan(pins(2))
    named = render_to_string("components/map_plan.html", {"plan": plan, "plan_id": "a", "label": "Plan des résultats"})
    strip = render_to_string("components/map_plan.html", {"plan": plan, "plan_id": "b", "strip_url": "#a"})
    assert 'href="/fiche/2/"' in named
    assert 'data-pin="2"' in named
    assert "/fiche/2/" not in strip


def test_the_detailed_map_asks_the_tile_server_only_when_there_is_one() -> None:
    plan = build_plan(pins(1))
    without = render_to_string("components/map_plan.html", {"plan": plan, "plan_id": "a", "detail": plan_detail(build_plan(pins(1)))})
    assert "data-tiles" not in without
    with override_settings(MAP_TILES_URL="https://tiles.example/{z}/{x}/{y}.png", MAP_TILES_ATTRIBUTION="© Tiles"):
        detail = plan_detail(build_plan([PlanPoint(*DOUALA, name="</script><b>")]))
    tiled = render_to_string("components/map_plan.html", {"plan": plan, "plan_id": "a", "detail": detail})
    assert 'data-tiles="https://tiles.example/{z}/{x}/{y}.png"' in tiled
    assert "</script><b>" not in tiled


@pytest.mark.parametrize("counts", [{}, {"douala": 0}, {"douala": 4000, "yaounde": 1000}])
def test_halos_follow_the_counts(counts: dict[str, int]) -> None:
    halos = {mark.name: float(mark.halo) for mark in town_marks(counts)}
    assert len(halos) == 10
    assert all(9 <= halo <= 23 for halo in halos.values())
    if counts.get("yaounde"):
        assert halos["Douala"] == 23
        assert halos["Yaoundé"] == 16
