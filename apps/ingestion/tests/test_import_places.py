"""`import_places`: files of others, idempotent, never dying on a bad row."""

from __future__ import annotations

import csv
import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.catalog.models import Resource, ResourceCard
from apps.catalog.services import deletion, moderation
from apps.catalog.services.resource_input import read_input
from apps.catalog.services.resources import update_resource
from apps.catalog.tests.test_admin import edit
from apps.core.clock import now
from apps.ingestion.tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def place(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A good row."""
    return factories.place(number, id=f"test:{number}", source="test", category="amenity=pharmacy") | changes


def run(path: Path) -> dict[str, int]:
    """Import a file; the counts of the closing line."""
    out = StringIO()
    call_command("import_places", str(path), stdout=out, stderr=StringIO())
    counts = dict(part.split("=") for part in out.getvalue().strip().splitlines()[-1].split())
    assert float(counts.pop("seconds")) >= 0
    return {name: int(value) for name, value in counts.items()}


def ndjson(tmp_path: Path, *rows: object, name: str = "places.ndjson") -> Path:
    """A file of rows; a str is written as it is."""
    path = tmp_path / name
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def counts(created: int = 0, updated: int = 0, unchanged: int = 0, rejected: int = 0) -> dict[str, int]:
    """What the closing line says."""
    return {"created": created, "updated": updated, "unchanged": unchanged, "rejected": rejected}


def test_it_works(tmp_path: Path) -> None:
    path = ndjson(tmp_path, place(opening_hours="Mo-Fr 08:00-18:00; Sa 22:00-02:00"))
    assert run(path) == counts(created=1)
    resource = Resource.objects.get(source="test", source_id="1")
    assert (resource.status, resource.category and resource.category.slug, resource.quarter and resource.quarter.name) == (
        "active", "pharmacies", "Akwa",
    )  # fmt: skip
    assert list(resource.contacts.values_list("kind", "value", "is_primary")) == [("phone", "+237699000001", True)]
    assert resource.hours.count() == 6
    assert ResourceCard.objects.filter(resource=resource).count() == 2
    assert resource.provenance.get(field="category").raw_value == "amenity=pharmacy"


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = ndjson(tmp_path, place(1), place(2))
    assert run(path) == counts(created=2)
    assert run(path) == counts(unchanged=2)
    assert set(Resource.objects.values_list("version", flat=True)) == {1}


def test_a_changed_row_updates_its_entry_and_card(tmp_path: Path) -> None:
    run(ndjson(tmp_path, place(1), place(2)))
    assert run(ndjson(tmp_path, place(1, name="Pharmacie Neuve", phone="699 00 00 02"), place(2))) == counts(updated=1, unchanged=1)
    resource = Resource.objects.get(source_id="1")
    assert (resource.name, resource.version) == ("Pharmacie Neuve", 2)
    assert [contact.value for contact in resource.contacts.all()] == ["+237699000002"]
    card = ResourceCard.objects.get(resource=resource, language="fr")
    assert b"Pharmacie Neuve" in bytes(card.body)
    assert card.version == 2


def test_the_same_row_twice_in_a_file_is_counted_twice_and_written_once(tmp_path: Path) -> None:
    assert run(ndjson(tmp_path, place(1), place(1), place(1, name="Autre nom"))) == counts(created=1, unchanged=1, updated=1)
    assert Resource.objects.get().name == "Autre nom"


def test_many_rows_of_one_entry_are_written_once_and_counted_each(
    tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The last one wins, for the statements of one row."""

    def differing(count: int) -> Path:
        return ndjson(tmp_path, *(place(1, name=f"Nom {count} {number}") for number in range(count)))

    assert run(differing(1)) == counts(created=1)
    # What a connection asks for once, such as types of columns, is known from here on.
    assert run(differing(3)) == counts(updated=3)
    with CaptureQueriesContext(connection) as two:
        assert run(differing(2)) == counts(updated=2)
    with django_assert_num_queries(len(two)):
        assert run(differing(300)) == counts(updated=300)
    resource = Resource.objects.get()
    assert (resource.name, resource.version) == ("Nom 300 299", 4)
    back_and_forth = [place(1, name=name) for name in ("Autre", "Nom 300 299")]
    assert run(ndjson(tmp_path, *back_and_forth)) == counts(updated=2)
    assert run(ndjson(tmp_path, place(2), place(2), place(2, name="Autre"), place(2))) == counts(created=1, unchanged=1, updated=2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{not json", "not_json"),
        ('["a", "list"]', "not_an_object"),
        (place(name=""), "name_missing"),
        (place(name="   "), "name_missing"),
        (place(name="<script>alert(1)</script>"), "name_has_html"),
        (place(name="x" * 201), "name_too_long"),
        (place(lat=0, lon=0), "position_zero"),
        (place(lat=9.70, lon=4.05), "position_swapped"),
        (place(lat=48.85, lon=2.35), "position_outside"),
        (place(lat=400, lon=9), "position_impossible"),
        (place(lat=4.05, lon=None), "position_half_given"),
        (place(lat="NaN", lon=9.7), "position_half_given"),
        (place(lat="nord", lon=9.7), "position_not_a_number"),
        (place(name={"fr": "Pharmacie"}), "name_not_text"),
        (place(name=["Pharmacie"]), "name_not_text"),
        ("[" * 100_000, "not_json"),
        ('{"name": ' + "9" * 5000 + "}", "not_json"),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason(tmp_path: Path, row: object, reason: str) -> None:
    path = ndjson(tmp_path, row, place(2))
    err = StringIO()
    call_command("import_places", str(path), stdout=StringIO(), stderr=err)
    assert f"row 1: {reason}" in err.getvalue()
    assert list(Resource.objects.values_list("source_id", flat=True)) == ["2"]


def test_bytes_that_are_not_utf8_are_one_rejected_row(tmp_path: Path) -> None:
    path = tmp_path / "places.ndjson"
    path.write_bytes(b'{"name": "\xff\xfe"}\n' + json.dumps(place(2)).encode() + b"\n")
    assert run(path) == counts(created=1, rejected=1)


def test_a_bad_field_is_dropped_and_the_row_stays(tmp_path: Path) -> None:
    row = place(
        phone="12", email="not an address", website="javascript:alert(1)", opening_hours="quand il fait beau", category="objet volant"
    )
    assert run(ndjson(tmp_path, row)) == counts(created=1)
    resource = Resource.objects.get()
    assert not resource.contacts.exists()
    assert resource.hours_kind == "unknown"
    assert resource.category is not None
    assert resource.category.slug == "autres"
    dropped = dict(resource.provenance.filter(confidence=0).values_list("field", "raw_value"))
    assert dropped == {"phone": "12", "email": "not an address", "website": "javascript:alert(1)", "hours": "quand il fait beau"}
    assert resource.provenance.get(field="category").raw_value == "objet volant"


def test_a_row_without_place_waits_for_moderation(tmp_path: Path) -> None:
    run(ndjson(tmp_path, place(lat=None, lon=None, city="Inconnu", quarter="")))
    resource = Resource.objects.get()
    assert (resource.status, resource.published_at) == ("pending", None)
    assert not ResourceCard.objects.exists()


def test_a_position_alone_finds_its_town(tmp_path: Path) -> None:
    run(ndjson(tmp_path, place(city="", quarter="", lat=3.87, lon=11.52)))
    resource = Resource.objects.get()
    assert resource.city is not None
    assert resource.city.slug == "yaounde"


def test_mojibake_and_old_phones_are_repaired(tmp_path: Path) -> None:
    run(ndjson(tmp_path, place(name="HÃ´pital de la PaixÃ©", phone="77 12 34 56")))
    resource = Resource.objects.get()
    assert resource.name == "Hôpital de la Paixé"
    assert [contact.value for contact in resource.contacts.all()] == ["+237677123456"]


def test_csv_and_gzip_are_read(tmp_path: Path) -> None:
    path = tmp_path / "places.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(place()))
        writer.writeheader()
        writer.writerows([place(1), place(2, lat="", lon="")])
    assert run(path) == counts(created=2)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_plain_csv_file_of_a_spreadsheet_is_read(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "places.csv"
    lines = [
        ["\ufeffSource ", "SOURCE_ID", "Name", "Category", "Lat", "Lon", "Ignored"],
        [],
        ["test", "1", '"Banque\r\n""Une"""', "amenity=bank", "4.05", "9.7", "x"],
        ["test", "2", "Trop court"],
        ["test", "3", "Trop long", "amenity=bank", "3.87", "11.5", "x", "y", "z"],
        ["test", "4", "latin \xe9", "amenity=bank", "4.05", "9.7", "x"],
        ["test", "5", "NUL\x00ici", "amenity=bank", "5.47", "10.42", "x"],
        ["test", "6", "x" * 1_100_000],
        ["test", "7", '"Sans fin', "amenity=bank"],
    ]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    path.write_bytes(text.encode().replace("\xe9".encode(), b"\xe9"))
    err = StringIO()
    call_command("import_places", str(path), stdout=StringIO(), stderr=err)
    assert {row.source_id: row.name for row in Resource.objects.all()} == {
        "1": 'Banque "Une"', "2": "Trop court", "3": "Trop long", "5": "NUL ici",
    }  # fmt: skip
    assert [line.split(" (")[0] for line in err.getvalue().splitlines()] == ["row 7: not_utf8", "row 9: not_csv", "row 10: not_csv"]


def test_a_csv_file_without_header_says_so(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text("test,1,Banque,amenity=bank,4.05,9.7\n" * 3)
    assert run(path) == counts(rejected=1)
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"\xef\xbb\xbf\r\n")
    assert run(empty) == counts()


def test_a_byte_order_mark_and_empty_lines_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "places.ndjson"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(place(1)).encode() + b"\r\n\r\n  \r\n" + json.dumps(place(2)).encode())
    assert run(path) == counts(created=2)


def test_a_line_that_is_too_long_is_one_rejected_row(tmp_path: Path) -> None:
    assert run(ndjson(tmp_path, place(1, description="x" * 3_000_000), place(2))) == counts(created=1, rejected=1)


def test_an_identity_that_a_whole_file_repeats_is_one_entry(tmp_path: Path) -> None:
    # As many as Python's stack is deep, in one batch.
    assert run(ndjson(tmp_path, *[place(1)] * 998, place(1, name="Le dernier"))) == counts(created=1, unchanged=997, updated=1)
    assert Resource.objects.get().name == "Le dernier"


def test_fields_of_other_types_cost_the_field_not_the_row(tmp_path: Path) -> None:
    row = place(
        name=1234, phone=["699 00 00 01", 677000002], category={"a": 1}, opening_hours={"mo": "8-12"}, extra={"a": "x\x00y"}, description=7,
        quarter=["Akwa"], source_url=5, address=None, website=True,
    )  # fmt: skip
    assert run(ndjson(tmp_path, row, place(2, extra="text"), place(3, name="RTL \u202e evil"))) == counts(created=3)
    resource = Resource.objects.get(source_id="1")
    assert (resource.name, resource.metadata, resource.hours_kind) == ("1234", {}, "unknown")
    assert [contact.value for contact in resource.contacts.all()] == ["+237699000001", "+237677000002"]
    assert Resource.objects.get(source_id="3").name == "RTL evil"


def test_a_row_that_only_the_database_refuses_is_rejected_alone(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE api_resources ADD CONSTRAINT of_this_test CHECK (name <> %s)", [place(5)["name"]])
    path = ndjson(tmp_path, *(place(number) for number in range(1, 12)))
    assert run(path) == counts(created=10, rejected=1)
    assert run(path) == counts(unchanged=10, rejected=1)
    assert ResourceCard.objects.filter(language="fr").count() == 10
    again = ndjson(tmp_path, place(5, name="Avant"), place(6), place(5, name="Entre"), place(5))
    assert run(again) == counts(created=1, updated=1, unchanged=1, rejected=1)
    assert Resource.objects.get(source_id="5").name == "Entre", "the last one that can be stored"


def test_a_damaged_gzip_file_keeps_what_came_before(tmp_path: Path) -> None:
    whole = gzip.compress(("\n".join(json.dumps(place(n)) for n in range(1, 400)) + "\n").encode())
    path = tmp_path / "places.ndjson.gz"
    path.write_bytes(whole[: len(whole) - 20])
    result = run(path)
    assert result["rejected"] == 1
    assert result["created"] > 0


def test_what_staff_deleted_or_suspended_stays_so(tmp_path: Path) -> None:
    run(ndjson(tmp_path, place(1), place(2)))
    at = now()
    deletion.delete_resource(resource_id=Resource.objects.get(source_id="1").pk, at=at)
    moderation.suspend_resource(resource_id=Resource.objects.get(source_id="2").pk, actor=None, reason="forbidden", at=at)
    assert run(ndjson(tmp_path, place(1, name="Encore"), place(2, name="Encore"))) == counts(unchanged=2)
    assert not ResourceCard.objects.exists()


def test_what_an_owner_wrote_is_not_overwritten(tmp_path: Path) -> None:
    run(ndjson(tmp_path, place(1)))
    resource = Resource.objects.get()
    data = read_input({"name": "Nom du propriétaire", "phone": "+237 699 00 00 09"}, language="fr", is_new=False, resource_type="business")
    update_resource(resource_id=resource.pk, data=data, at=now(), expected_versions=None)
    assert run(ndjson(tmp_path, place(1, name="Nom du fichier", address="Rue Neuve", phone="699 00 00 02"))) == counts(updated=1)
    resource.refresh_from_db()
    assert (resource.name, resource.address_line1) == ("Nom du propriétaire", "Rue Neuve")
    assert resource.contacts.get(is_primary=True).value == "+237699000009"


def test_what_staff_wrote_in_the_admin_is_not_overwritten(tmp_path: Path, client: Client) -> None:
    run(ndjson(tmp_path, place(1, opening_hours="Mo-Fr 08:00-18:00")))
    resource = Resource.objects.get()
    client.force_login(User.objects.create_superuser("staff@example.com", "a long password", name="Staff"))
    monday, phone = resource.hours.get(day_of_week=1), resource.contacts.get()
    rows = [
        ("hours", {"#": 0, "id": monday.pk, "day_of_week": 1, "open_time": "09:00", "close_time": "17:00"}),
        ("contacts", {"#": 0, "id": phone.pk, "kind": "phone", "value": "+237699000009", "is_primary": "on", "order_index": 0}),
    ]
    answer = edit(client, resource, *rows, name="Nom de l’équipe", latitude="4.06", longitude="9.71")
    assert answer.status_code == 302, answer.context["errors"]
    assert set(resource.provenance.filter(locked_by_owner=True).values_list("field", "source")) == {
        ("name", "staff"), ("position", "staff"), ("hours", "staff"), ("contacts", "staff"),
    }  # fmt: skip
    changed = place(1, name="Nom du fichier", address="Rue Neuve", phone="699 00 00 02", lat=4.01, opening_hours="24/7")
    assert run(ndjson(tmp_path, changed)) == counts(updated=1)
    resource.refresh_from_db()
    assert (resource.name, float(resource.latitude or 0), resource.hours_kind) == ("Nom de l’équipe", 4.06, "weekly")
    assert resource.address_line1 == "Rue Neuve", "what staff left alone follows its source"
    assert resource.contacts.get().value == "+237699000009"
    assert str(resource.hours.get(day_of_week=1).open_time) == "09:00:00"
    assert run(ndjson(tmp_path, changed)) == counts(unchanged=1)


def test_a_missing_file_and_an_unknown_format_name_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Give the path"):
        call_command("import_places", str(tmp_path / "nothing.ndjson"))
    path = tmp_path / "places.ods"
    path.write_bytes(b"PK")
    with pytest.raises(CommandError, match=r"expected a name in \.ndjson"):
        call_command("import_places", str(path))


def test_a_row_that_names_no_source_is_known_by_what_it_says(tmp_path: Path) -> None:
    path = ndjson(tmp_path, {"name": "Sans source", "category": "amenity=bank", "city": "Douala"})
    assert run(path) == counts(created=1)
    assert run(path) == counts(unchanged=1)
