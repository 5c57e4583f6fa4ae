"""`steps.clean`: one record through all steps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.ingestion.steps import Cleaned, Context, Refused, clean

pytestmark = pytest.mark.django_db
Place = Callable[..., Cleaned]


def codes(cleaned: Cleaned) -> list[tuple[str, str]]:
    """Field and code of each warning."""
    return [(warning.field, warning.code) for warning in cleaned.warnings]


def test_it_works(known: Context) -> None:
    cleaned = clean(
        {
            "id": "annuaire:7", "name": "PHARMACIE HERMES ", "category": "pharmacie", "city": "Yaounde", "quarter": "Emana",
            "address": "Face BOULANGERIE NEZATI_EMANA 677 98 70 75, BP 1234 Yaoundé", "phone": "243 64 11 81", "email": "", "website": None,
            "opening_hours": "Mo-Fr 08:00-18:00", "description": "Ouverte tous les jours, même le dimanche.", "lat": 3.9, "lon": 11.51,
            "source_url": "https://annuaire.example/7",
        },
        known,
    )  # fmt: skip
    record = cleaned.record
    assert (cleaned.origin, cleaned.identity) == ("annuaire", "7")
    assert record.name == "PHARMACIE HERMES"
    assert known.gazetteer.category_slugs[record.category_id or ""] == "pharmacies"
    assert record.phones == ("+237243641181", "+237677987075")
    assert (record.po_box, record.address_line1) == ("BP 1234 Yaoundé", "")
    assert record.landmark == "Face BOULANGERIE NEZATI"
    assert known.gazetteer.cities_by_id[record.city_id or ""].slug == "yaounde"
    assert record.quarter_id
    assert not record.is_city_guessed
    assert not record.is_quarter_guessed
    assert (record.department, record.region) == ("mfoundi", "centre")
    assert record.hours == dict.fromkeys(range(1, 6), (("08:00", "18:00"),))
    assert (record.description_fr, record.description_en) == ("Ouverte tous les jours, même le dimanche.", "")
    assert cleaned.warnings == []
    assert {"text", "phones", "address", "category", "place", "language"} <= {step.name for step in cleaned.steps}


@pytest.mark.parametrize(
    ("raw", "field", "code"),
    [
        (None, "", "not_an_object"),
        (["name"], "", "not_an_object"),
        ({}, "name", "name_missing"),
        ({"name": "  "}, "name", "name_missing"),
        ({"name": "Inconnu"}, "name", "name_missing"),
        ({"name": ["x"]}, "name", "name_not_text"),
        ({"name": True}, "name", "name_not_text"),
        ({"name": "<b>Bar</b>"}, "name", "name_has_html"),
        ({"name": "&lt;script&gt;alert(1)&lt;/script&gt;"}, "name", "name_has_html"),
        ({"name": "x" * 201}, "name", "name_too_long"),
        ({"name": "Bar", "lat": 4.0}, "position", "position_half_given"),
        ({"name": "Bar", "lat": 0, "lon": 0}, "position", "position_zero"),
        ({"name": "Bar", "lat": 9.7, "lon": 4.05}, "position", "position_swapped"),
        ({"name": "Bar", "lat": 48.8, "lon": 2.3}, "position", "position_outside"),
        ({"name": "Bar", "lat": 95, "lon": 2.3}, "position", "position_impossible"),
        ({"name": "Bar", "lat": "nord", "lon": 2.3}, "position", "position_not_a_number"),
        ({"name": "Bar", "source": "s" * 61, "source_id": "1"}, "source", "source_too_long"),
        ({"name": "Bar", "source_id": "1" * 201}, "source_id", "source_too_long"),
    ],
)
def test_what_cannot_be_an_entry_is_refused_with_its_reason(known: Context, raw: object, field: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        clean(raw, known)
    assert (refused.value.reason.field, refused.value.reason.code) == (field, code)


def test_a_source_fills_only_what_it_may(place: Place) -> None:
    cleaned = place(email="a@b.cm", phone="699 00 00 01", city="Douala", context__allowed_fields=frozenset({"city", "category"}))
    assert (cleaned.record.email, cleaned.record.phones) == ("", ())
    assert cleaned.record.city_id
    assert ("email", "not_allowed") in codes(cleaned)
    assert not [step for step in cleaned.steps if "699" in step.before + step.after]
