"""The shipped demonstration files keep their format and their promises; read as they are, without a database."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from apps.catalog.choices import (
    ApiAuthentication,
    ApiPricing,
    Attribute,
    ContactKind,
    ListingPlan,
    OperatingStatus,
    ResourceType,
    ServiceModality,
    UpdateFrequency,
)
from apps.core.phones import parse_phone

CATALOG = Path(__file__).resolve().parents[1]
REGIONS = ("adamaoua", "centre", "est", "extreme-nord", "littoral", "nord", "nord-ouest", "ouest", "sud", "sud-ouest")
SOUTH, NORTH, WEST, EAST = 1.6, 13.1, 8.3, 16.3
KEYS = frozenset(
    [
        "key",
        "resource_type",
        "name",
        "name_en",
        "category",
        "city",
        "quarter",
        "lat",
        "lng",
        "accuracy_m",
        "website",
        "description_fr",
        "description_en",
        "landmark_fr",
        "landmark_en",
        "hours",
        "attributes",
        "plan",
        "verified",
        "fictional",
        "profile",
    ]
)
OPTIONAL_KEYS = frozenset({"contacts", "images", "operating_status"})
PROFILE_KEYS = {
    "business": frozenset(["legal_form", "founded_year", "price_min_xaf", "price_max_xaf", "languages"]),
    "service": frozenset(
        ["provider", "modality", "delay_fr", "delay_en", "fee_min_xaf", "fee_max_xaf", "documents_fr", "documents_en", "online_url"]
    ),
    "data": frozenset(
        [
            "publisher",
            "licence",
            "licence_url",
            "formats",
            "update_frequency",
            "temporal_start",
            "temporal_end",
            "spatial_coverage_fr",
            "spatial_coverage_en",
            "download_url",
            "documentation_url",
            "size_bytes",
        ]
    ),
    "api": frozenset(
        [
            "provider",
            "base_url",
            "documentation_url",
            "openapi_url",
            "auth_type",
            "formats",
            "pricing",
            "quota_fr",
            "quota_en",
            "endpoints",
            "sample_request",
        ]
    ),
}
TEXTS = ("name", "name_en", "description_fr", "description_en", "landmark_fr", "landmark_en")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

Entry = dict[str, Any]


def read(path: Path) -> list[Entry]:
    """The entries of one file."""
    entries: list[Entry] = json.loads(path.read_text(encoding="utf-8"))
    return entries


def reference(name: str) -> list[Entry]:
    """One reference file."""
    return read(CATALOG / "reference" / f"{name}.json")


FILES = {path.stem: read(path) for path in sorted((CATALOG / "demo").glob("*.json"))}
ENTRIES = [entry for entries in FILES.values() for entry in entries]
REAL = [entry for entry in ENTRIES if not entry["fictional"]]
FICTIONAL = [entry for entry in ENTRIES if entry["fictional"]]


def keys(entries: list[Entry]) -> list[str]:
    """Which entries these are, for a message that helps."""
    return [entry["key"] for entry in entries]


def repeated(values: list[str]) -> list[str]:
    """The values that occur more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


@pytest.mark.parametrize("name", FILES)
def test_entries_have_the_fields_of_the_format_and_no_other(name: str) -> None:
    for entry in FILES[name]:
        assert KEYS <= set(entry) <= KEYS | OPTIONAL_KEYS, entry["key"]
        assert re.fullmatch(r"demo:[a-z0-9]+(-[a-z0-9]+)*", entry["key"])
        assert entry["resource_type"] in ResourceType.values, entry["key"]
        assert entry["plan"] in ListingPlan.values, entry["key"]
        assert entry.get("operating_status", OperatingStatus.OPEN) in OperatingStatus.values, entry["key"]
        assert isinstance(entry["verified"], bool), entry["key"]
        assert isinstance(entry["fictional"], bool), entry["key"]
        assert set(entry["attributes"]) <= set(Attribute.values), entry["key"]
        assert entry["website"] is None or re.match(r"https?://[^ ]+$", entry["website"]), entry["key"]
        profile = entry["profile"]
        if entry["resource_type"] == ResourceType.BUSINESS:
            assert set(profile) <= PROFILE_KEYS["business"], entry["key"]
        else:
            assert set(profile) == PROFILE_KEYS[entry["resource_type"]], entry["key"]


def test_the_words_of_a_profile_are_those_of_the_catalogue() -> None:
    for entry in ENTRIES:
        profile = entry["profile"]
        assert profile.get("modality", ServiceModality.ON_SITE) in ServiceModality.values, entry["key"]
        assert profile.get("update_frequency", UpdateFrequency.ONCE) in UpdateFrequency.values, entry["key"]
        assert profile.get("auth_type", ApiAuthentication.NONE) in ApiAuthentication.values, entry["key"]
        assert profile.get("pricing", ApiPricing.FREE) in ApiPricing.values, entry["key"]
        assert 1800 <= profile.get("founded_year", 2000) <= 2026, entry["key"]
        for call in profile.get("endpoints", []):
            assert set(call) == {"method", "path", "summary_fr", "summary_en"}, entry["key"]


def test_keys_and_names_are_unique_across_the_files() -> None:
    assert repeated(keys(ENTRIES)) == []
    assert repeated([entry["name"] for entry in ENTRIES]) == []


def test_descriptions_exist_in_both_languages_and_none_is_used_twice() -> None:
    descriptions = [entry[f"description_{language}"] for entry in ENTRIES for language in ("fr", "en")]
    assert [text for text in descriptions if len(text.strip()) < 30] == []
    assert repeated(descriptions) == []
    assert keys([entry for entry in ENTRIES if (entry["landmark_fr"] is None) != (entry["landmark_en"] is None)]) == []


def test_texts_use_typographic_signs() -> None:
    for entry in ENTRIES:
        texts = {name: entry[name] for name in TEXTS if entry[name] is not None}
        assert [name for name, text in texts.items() if "'" in text or "  " in text or text != text.strip()] == [], entry["key"]
        french = (entry["description_fr"], entry["landmark_fr"] or "")
        assert [text for text in french if re.search(r"[ \w][:;!?»](?:\s|$)|« ", text)] == [], entry["key"]


def test_categories_cities_and_quarters_are_those_of_the_reference() -> None:
    categories = {row["slug"] for row in reference("categories")}
    cities = {row["slug"] for row in reference("cities")}
    quarters = {(row["city"], row["name"]) for row in reference("quarters")}
    assert keys([entry for entry in ENTRIES if entry["category"] not in categories]) == []
    assert keys([entry for entry in ENTRIES if entry["city"] is not None and entry["city"] not in cities]) == []
    assert keys([entry for entry in ENTRIES if entry["quarter"] and (entry["city"], entry["quarter"]) not in quarters]) == []


def test_positions_are_inside_the_country_and_say_how_precise_they_are() -> None:
    for entry in ENTRIES:
        known = [entry[name] is not None for name in ("lat", "lng", "accuracy_m")]
        assert all(known) or not any(known), entry["key"]
        if entry["lat"] is not None:
            assert SOUTH < entry["lat"] < NORTH, entry["key"]
            assert WEST < entry["lng"] < EAST, entry["key"]
            assert 50 <= entry["accuracy_m"] <= 20_000, entry["key"]


def test_a_position_is_near_the_town_of_its_entry() -> None:
    cities = {row["slug"]: row for row in reference("cities")}
    for entry in ENTRIES:
        if entry["lat"] is not None and entry["city"] is not None:
            city = cities[entry["city"]]
            reach = 0.2 if entry["quarter"] else 1.1  # a national park is far from the town that leads to it
            assert max(abs(entry["lat"] - city["lat"]), abs(entry["lng"] - city["lng"])) < reach, entry["key"]


def test_nothing_is_guessed_about_a_real_entry() -> None:
    assert keys([entry for entry in REAL if entry["hours"] is not None]) == []
    assert keys([entry for entry in REAL if entry.get("contacts")]) == []
    assert keys([entry for entry in REAL if entry.get("images")]) == []
    assert keys([entry for entry in REAL if entry["verified"] or entry["plan"] != ListingPlan.FREE]) == []
    assert keys([entry for entry in REAL if re.match(r"(exemple|example)\b", entry["name"].casefold())]) == []


def test_fictional_businesses_say_so_and_show_every_plan() -> None:
    assert keys([entry for entry in FICTIONAL if not entry["name"].startswith("Exemple – ")]) == []
    # Without an English name, the French one serves in both languages.
    assert keys([entry for entry in FICTIONAL if entry["name_en"] and not entry["name_en"].startswith("Example – ")]) == []
    assert {entry["resource_type"] for entry in FICTIONAL} == {ResourceType.BUSINESS}
    assert {entry["plan"] for entry in FICTIONAL} == set(ListingPlan.values)
    assert {entry["verified"] for entry in FICTIONAL} == {True, False}
    assert any(entry["hours"] for entry in FICTIONAL)


def test_fictional_contacts_and_pictures_can_be_stored() -> None:
    for entry in FICTIONAL:
        for contact in entry.get("contacts", []):
            assert contact["kind"] in ContactKind.values, entry["key"]
            if contact["kind"] == ContactKind.PHONE:
                assert parse_phone(contact["value"]) == contact["value"], entry["key"]
        for picture in entry.get("images", []):
            assert set(picture) == {"file", "alt_fr", "alt_en"}, entry["key"]
            assert (CATALOG / "demo" / "images" / picture["file"]).is_file(), entry["key"]
            assert picture["alt_fr"] != picture["alt_en"], entry["key"]


def test_hours_are_days_of_intervals() -> None:
    for entry in FICTIONAL:
        for day, spans in (entry["hours"] or {}).items():
            assert day in set("0123456"), entry["key"]
            for span in spans:
                assert len(span) == 2, entry["key"]
                assert all(TIME.fullmatch(time) for time in span), entry["key"]


def test_the_set_covers_the_country_the_four_types_and_most_categories() -> None:
    regions = {row["slug"]: row["region"] for row in reference("cities")}
    per_region = Counter(regions[entry["city"]] for entry in REAL if entry["resource_type"] == "business" and entry["city"])
    assert len(ENTRIES) >= 300
    assert {entry["resource_type"] for entry in ENTRIES} == set(ResourceType.values)
    assert set(per_region) == set(REGIONS)
    assert [region for region, count in per_region.items() if count < (50 if region in ("littoral", "centre") else 10)] == []
    assert len({entry["category"] for entry in ENTRIES}) >= 60


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_s_file_holds_real_places_of_that_region(region: str) -> None:
    regions = {row["slug"]: row["region"] for row in reference("cities")}
    parents = {row["parent"] for row in reference("categories")}
    entries = FILES[region]
    assert {regions[entry["city"]] for entry in entries} == {region}
    assert keys([entry for entry in entries if entry["fictional"] or entry["category"] in parents]) == []
