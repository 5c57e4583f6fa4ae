"""Towns, quarters and areas, from names and from positions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.catalog.gazetteer import Gazetteer
from apps.catalog.models import City, Region
from apps.catalog.services.reference import load_reference
from apps.ingestion.steps import Cleaned, Context

pytestmark = pytest.mark.django_db
Place = Callable[..., Cleaned]


def town(cleaned: Cleaned, known: Context) -> str:
    """Slug of the town, `?` behind it when it is guessed."""
    if cleaned.record.city_id is None:
        return ""
    return known.gazetteer.cities_by_id[cleaned.record.city_id].slug + ("?" if cleaned.record.is_city_guessed else "")


def quarter(cleaned: Cleaned, known: Context) -> str:
    """All folded names of the quarter, `?` behind them when it is guessed."""
    record = cleaned.record
    quarters = known.gazetteer.cities_by_id[record.city_id].quarters if record.city_id else {}
    names = [f"[{name}]" for name, pk in quarters.items() if str(pk) == record.quarter_id]
    return "".join(names) + ("?" if record.is_quarter_guessed else "")


def codes(cleaned: Cleaned) -> list[str]:
    """Codes of the warnings."""
    return [warning.code for warning in cleaned.warnings]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Douala", "douala"), ("YAOUNDE", "yaounde"), ("YaoundÃ© 1er", "yaounde"), ("YAOUNDE 5", "yaounde"), ("Douala IV", "douala"),
        ("Ville de Douala", "douala"), ("Bafia Centre Ville", "bafia"), ("Akwa, Douala", "douala"), ("Commune d'Ebolowa", "ebolowa"),
        ("Bagangte", "bangangte?"), ("Mbengwy", "mbengwi?"), ("Sangmelina", "sangmelima?"), ("Atlantis", ""), ("Inconnu", ""),
    ],
)  # fmt: skip
def test_it_works(place: Place, known: Context, name: str, slug: str) -> None:
    cleaned = place(city=name)
    assert town(cleaned, known) == slug
    assert codes(cleaned) == (["city_unknown"] if name == "Atlantis" else [])
    assert cleaned.record.region == (known.gazetteer.cities_by_id[cleaned.record.city_id].region if cleaned.record.city_id else "")


def test_a_position_gives_the_town_and_the_areas_as_guesses(place: Place, known: Context) -> None:
    cleaned = place(lat=4.06, lon=9.71)
    assert (town(cleaned, known), cleaned.record.department, cleaned.record.region) == ("douala?", "wouri", "littoral")
    assert next((step.name, step.field) for step in cleaned.steps if step.name == "reverse_geocode") == ("reverse_geocode", "city")
    bush = place(lat=7.0, lon=13.0)
    assert (town(bush, known), bush.record.region) == ("", "adamaoua")
    quay = place(lat=2.94, lon=9.87)
    assert quay.record.region == "sud"
    abroad = place(lat=5.0, lon=16.0)
    assert (abroad.record.region, codes(abroad)) == ("", ["position_outside_outline"])


def test_names_that_contradict_the_position_are_warnings(place: Place, known: Context) -> None:
    far = place(city="Yaoundé", lat=4.06, lon=9.71)
    assert (town(far, known), codes(far)) == ("yaounde", ["position_far_from_city"])
    assert codes(place(region="Centre", lat=4.06, lon=9.71)) == ["position_outside_region"]
    assert codes(place(region="Littoral", department="Wouri", lat=4.06, lon=9.71)) == []


def test_an_area_that_is_named_is_kept_without_a_position(place: Place) -> None:
    record = place(division="Mayo-Danay").record
    assert (record.department, record.region) == ("mayo-danay", "extreme-nord")
    assert place(region="Far North").record.region == "extreme-nord"


@pytest.mark.parametrize(
    ("members", "name"),
    [
        ({"city": "Douala", "quarter": "Akwa"}, "akwa"),
        ({"city": "Douala", "quarter": "Quartier AKWA"}, "akwa"),
        ({"city": "Yaoundé", "quarter": "NLONGKAK, YAOUNDE"}, "nlongkak"),
        ({"city": "Douala", "address": "Akwa, face à la poste"}, "akwa"),
        ({"city": "Yaoundé", "address": "Carrefour BASTOS"}, "bastos?"),
        ({"city": "Yaoundé", "address": "Carrefour LYCEE DE BIYEM - ASSI"}, "biyem assi?"),
        ({"address": "Rue des écoles, Akwa, Douala"}, "akwa"),
        ({"city": "Douala", "quarter": "Nulle part"}, ""),
        ({"quarter": "Akwa"}, ""),
    ],
)
def test_a_quarter_is_found_by_name(place: Place, known: Context, members: dict[str, object], name: str) -> None:
    cleaned = place(**members)
    found = quarter(cleaned, known)
    assert bool(found) == bool(name)
    assert f"[{name.removesuffix('?')}]" in found or not name
    assert found.endswith("?") == name.endswith("?")
    assert codes(cleaned) == (["quarter_unknown"] if members.get("quarter") == "Nulle part" else [])


def test_the_nearest_quarter_is_a_guess_and_only_when_near(place: Place, known: Context) -> None:
    city = known.gazetteer.city("Douala")
    assert city is not None
    latitude, longitude, pk = city.placed[0]
    near = place(lat=latitude + 0.0005, lon=longitude)
    assert (near.record.quarter_id, near.record.is_quarter_guessed) == (str(pk), True)
    assert place(lat=4.2, lon=9.9).record.quarter_id is None


def test_of_two_towns_of_a_name_the_region_decides() -> None:
    load_reference()
    edea = City.objects.get(slug="edea")
    north = Region.objects.get(slug="nord")
    City.objects.create(slug="edea-nord", region=north, name_fr="Édéa", name_en="Edea", latitude="9.1", longitude="13.5", population=5)
    gazetteer = Gazetteer({})
    for region, slug in (("", edea.slug), ("littoral", edea.slug), ("nord", "edea-nord"), ("sud", edea.slug)):
        city = gazetteer.city("EDEA", region)
        assert city is not None
        assert city.slug == slug


def test_a_country_without_reference_data_keeps_names_as_they_are(place: Place) -> None:
    cleaned = place(city="Tours", quarter="Centre", lat=47.4, lon=0.69, context__country="FR")
    assert (cleaned.record.city_id, cleaned.record.raw_place, codes(cleaned)) == (None, "Centre, Tours", [])
