"""The shipped reference files agree with each other; read as they are, without a database."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from apps.catalog.constants import RESERVED_SLUGS

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "apps" / "catalog" / "reference"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
REGIONS = {
    "adamaoua", "centre", "est", "extreme-nord", "littoral", "nord", "nord-ouest", "ouest", "sud", "sud-ouest",
}  # fmt: skip
SOUTH, NORTH, WEST, EAST = 1.6, 13.1, 8.3, 16.3
MAP_MAX_BYTES = 35_000


def read(name: str) -> Any:
    """One reference file."""
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


def slugs(name: str) -> list[str]:
    """The slugs of one reference file, in its order."""
    return [row["slug"] for row in read(name)]


def fold(text: str) -> str:
    """Lower case without accents, apostrophes and hyphens as spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(letters.split())


def owners_of_names(rows: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Which rows answer to each name, alias or slug."""
    owners: dict[str, set[str]] = {}
    for row in rows:
        for name in (row["slug"], *(row[key] for key in ("name", "name_fr", "name_en") if key in row), *row["aliases"]):
            owners.setdefault(fold(name), set()).add(row["slug"])
    return owners


@pytest.mark.parametrize("name", ["regions", "departments", "cities", "categories"])
def test_slugs_are_unique_clean_and_not_reserved(name: str) -> None:
    found = slugs(name)
    assert len(found) == len(set(found))
    assert [slug for slug in found if not SLUG.fullmatch(slug)] == []
    assert set(found).isdisjoint(RESERVED_SLUGS)


@pytest.mark.parametrize("name", ["regions", "departments", "cities", "categories"])
def test_every_row_has_both_names_and_clean_aliases(name: str) -> None:
    for row in read(name):
        assert row["name_fr"].strip(), row
        assert row["name_en"].strip(), row
        assert len(row["aliases"]) == len(set(row["aliases"])), row
        assert all(alias == alias.strip() and 0 < len(alias) <= 120 for alias in row["aliases"]), row


def test_the_ten_regions_have_their_code_and_a_capital() -> None:
    regions = read("regions")
    cities = {city["slug"]: city for city in read("cities")}
    assert {region["slug"] for region in regions} == REGIONS
    assert len({region["code"] for region in regions}) == len(REGIONS)
    for region in regions:
        assert re.fullmatch(r"CM-[A-Z]{2}", region["code"]), region
        assert cities[region["capital"]]["region"] == region["slug"]


def test_the_58_departments_lie_in_a_region_and_hold_their_capital() -> None:
    departments = read("departments")
    cities = {city["slug"]: city for city in read("cities")}
    assert len(departments) == 58
    assert {department["region"] for department in departments} == REGIONS
    for department in departments:
        capital = cities[department["capital"]]
        assert (capital["department"], capital["region"]) == (department["slug"], department["region"])


def test_every_town_lies_in_a_department_of_its_region() -> None:
    regions = {department["slug"]: department["region"] for department in read("departments")}
    cities = read("cities")
    assert len(cities) >= 110
    assert [city["slug"] for city in cities if regions[city["department"]] != city["region"]] == []
    assert all(city["population"] is None or city["population"] > 0 for city in cities)


def test_no_two_towns_answer_to_one_name() -> None:
    assert {name: owners for name, owners in owners_of_names(read("cities")).items() if len(owners) > 1} == {}


def test_quarters_belong_to_a_town_and_have_one_name_each_there() -> None:
    quarters = read("quarters")
    assert {quarter["city"] for quarter in quarters} <= set(slugs("cities"))
    for city, group in itertools.groupby(quarters, key=lambda quarter: str(quarter["city"])):
        rows = list(group)
        assert len(rows) == len({row["slug"] for row in rows}), city
        assert all(SLUG.fullmatch(row["slug"]) for row in rows), city
        assert {name: owners for name, owners in owners_of_names(rows).items() if len(owners) > 1} == {}, city
    assert min(sum(quarter["city"] == city for quarter in quarters) for city in ("douala", "yaounde")) >= 60


def test_positions_are_inside_the_country_and_whole() -> None:
    for row in [*read("regions"), *read("cities"), *(quarter for quarter in read("quarters") if quarter["lat"] is not None)]:
        assert SOUTH < row["lat"] < NORTH, row
        assert WEST < row["lng"] < EAST, row
    assert [quarter for quarter in read("quarters") if (quarter["lat"] is None) != (quarter["lng"] is None)] == []


def test_a_quarter_with_a_position_is_near_its_town() -> None:
    cities = {city["slug"]: city for city in read("cities")}
    for quarter in read("quarters"):
        if quarter["lat"] is not None:
            city = cities[quarter["city"]]
            assert max(abs(quarter["lat"] - city["lat"]), abs(quarter["lng"] - city["lng"])) < 0.15, quarter


def test_categories_form_a_tree_with_texts_icons_and_types() -> None:
    rows = {row["slug"]: row for row in read("categories")}
    assert sum(row["parent"] is None for row in rows.values()) == 23
    for row in rows.values():
        seen, parent = {row["slug"]}, row["parent"]
        while parent is not None:
            assert parent in rows, row
            assert parent not in seen, row
            seen.add(parent)
            parent = rows[parent]["parent"]
        assert row["description_fr"].endswith("."), row
        assert row["description_en"].endswith("."), row
        assert SLUG.fullmatch(row["icon"]), row
        assert re.fullmatch(r"[A-Z][A-Za-z]+", row["schema_type"]), row
    places = [(row["parent"], row["order"]) for row in rows.values()]
    assert len(places) == len(set(places))


def test_a_word_of_a_category_is_not_also_one_of_its_parent() -> None:
    # An import that reads the word would not know which of the two to take.
    rows = read("categories")
    for parent in (row for row in rows if row["parent"] is None):
        own = {fold(alias) for alias in parent["aliases"]}
        for child in (row for row in rows if row["parent"] == parent["slug"]):
            assert own.isdisjoint({fold(alias) for alias in child["aliases"]}), child["slug"]


def test_raw_categories_are_lower_case_and_lead_to_a_category() -> None:
    mapping = read("osm_categories")
    assert len(mapping) >= 250
    assert set(mapping.values()) <= set(slugs("categories"))
    assert [raw for raw in mapping if raw != raw.lower().strip()] == []
    assert mapping["amenity=bank"] == "banques"
    assert mapping["pharmacie de garde"] == "pharmacies"
    assert mapping["centre medical d’arrondissement"] == "centres-de-sante"


def test_holidays_cover_three_years_and_mark_what_the_moon_decides() -> None:
    holidays = read("holidays")
    dates = [dt.date.fromisoformat(holiday["date"]) for holiday in holidays]
    assert dates == sorted(set(dates))
    for year in (2026, 2027, 2028):
        names = {holiday["name_fr"]: holiday["status"] for holiday in holidays if holiday["date"].startswith(str(year))}
        assert len(names) == 10
        assert {name for name, status in names.items() if status == "estimated"} == {"Fête de fin du Ramadan", "Fête du Mouton"}
    assert {holiday["status"] for holiday in holidays} == {"confirmed", "estimated"}
    weekdays = {(holiday["name_en"], dt.date.fromisoformat(holiday["date"]).isoweekday()) for holiday in holidays}
    assert {day for name, day in weekdays if name == "Good Friday"} == {5}
    assert {day for name, day in weekdays if name == "Ascension Day"} == {4}


def test_the_map_draws_the_ten_regions_in_closed_lines_and_is_light() -> None:
    path = ROOT / "static" / "geo" / "cameroun-regions.json"
    assert path.stat().st_size <= MAP_MAX_BYTES
    shapes = json.loads(path.read_text(encoding="utf-8"))["features"]
    regions = {region["slug"]: region for region in read("regions")}
    assert {shape["properties"]["slug"] for shape in shapes} == REGIONS
    for shape in shapes:
        region = regions[shape["properties"]["slug"]]
        assert {key: shape["properties"][key] for key in ("name_fr", "name_en")} == {key: region[key] for key in ("name_fr", "name_en")}
        for ring in shape["geometry"]["coordinates"]:
            assert ring[0] == ring[-1]
            assert all(WEST < longitude < EAST and SOUTH < latitude < NORTH for longitude, latitude in ring)


def test_every_reference_file_is_named_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    files = [*REFERENCE.glob("*.json"), *(ROOT / "static" / "geo").glob("*.json")]
    assert len(files) >= 8
    assert [file.name for file in files if str(file.relative_to(ROOT)) not in notice] == []
