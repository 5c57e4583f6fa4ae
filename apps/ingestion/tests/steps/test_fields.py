"""Names of fields, and what is absent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.ingestion.steps import Cleaned, fields
from apps.ingestion.steps.notes import Notes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ({"name": "Bar", "phone": "", "website": None}, {"name": "Bar"}),
        ({"Name": "Bar", "Phone Number": "1", "ADRESSE": "x"}, {"name": "Bar", "phone": "1", "address": "x"}),
        ({"lon": 9.7, "lat": 4.0}, {"longitude": 9.7, "latitude": 4.0}),
        ({"lng": 9.7, "latitude": 4.0}, {"longitude": 9.7, "latitude": 4.0}),
        ({"longitude": 1, "lon": 2}, {"longitude": 2}),
        ({"city": "Inconnu", "quarter": " - ", "region": "N/A", "email": "null"}, {}),
        ({"extra": {}, "attributes": []}, {}),
        ({"name": "Bar", "slug": "bar", "updated_at": "x", "_id": 3}, {"name": "Bar"}),
        ({1: "x", "name": 0}, {"name": 0}),
    ],
)
def test_it_works(raw: dict[object, object], found: dict[str, object]) -> None:
    assert fields.read(raw, Notes()) == found


def test_unknown_fields_are_named_once() -> None:
    notes = Notes()
    assert fields.read({"name": "Bar", "stars": 5, "owner": "x"}, notes) == {"name": "Bar"}
    assert [(warning.field, warning.code, warning.detail) for warning in notes.warnings] == [("", "unknown_fields", "stars, owner")]


def test_every_name_of_ours_belongs_to_one_group_or_none() -> None:
    grouped = [name for names in fields.GROUPS.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) <= set(fields.NAMES)
    theirs = [name for names in fields.NAMES.values() for name in names]
    assert len(theirs) == len(set(theirs))


def test_contacts_of_our_own_form_and_whatsapp_hints(place: Callable[..., Cleaned]) -> None:
    record = place(
        contacts=[
            {"kind": "phone", "value": "+237677987075", "is_whatsapp": True},
            {"kind": "email", "value": "a@b.cm"},
            {"kind": "website", "value": "https://b.cm"},
            {"kind": "pigeon", "value": "x"},
            "?",
        ]
    ).record
    assert (record.phones, record.whatsapp) == (("+237677987075",), ("+237677987075",))
    assert (record.email, record.website) == ("a@b.cm", "https://b.cm")
    record = place(contacts=[{"kind": "email", "value": "a@b.cm"}], context__allowed_fields=frozenset({"phones"})).record
    assert record.email == ""
    record = place(phone="222 23 35 78", whatsapp="677 98 70 75", website="https://wa.me/237699000001").record
    assert record.phones == ("+237222233578", "+237677987075", "+237699000001")
    assert record.whatsapp == ("+237677987075", "+237699000001")
    assert record.website == ""


def test_attributes_come_from_words_tags_and_the_category(place: Callable[..., Cleaned]) -> None:
    cleaned = place(attributes=["wifi", "jacuzzi"], extra={"wheelchair": "yes"}, category="pharmacie de garde")
    assert cleaned.record.attributes == ("accessible", "on_duty", "wifi")
    assert [(warning.field, warning.code, warning.detail) for warning in cleaned.warnings] == [("attributes", "unknown_value", "jacuzzi")]


def test_a_description_goes_to_its_language(place: Callable[..., Cleaned]) -> None:
    record = place(description="A quiet hotel near the beach.", description_fr="Un hôtel calme.").record
    assert (record.description_fr, record.description_en) == ("Un hôtel calme.", "A quiet hotel near the beach.")
