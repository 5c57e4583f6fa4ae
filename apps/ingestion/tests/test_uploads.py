"""Files that staff uploads: columns, a trial that leaves nothing, the import."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.catalog.models import Resource
from apps.core.exceptions import Conflict
from apps.core.models import OutboxEvent
from apps.ingestion.choices import BatchState, UploadState
from apps.ingestion.forms import COLUMN_WORDS
from apps.ingestion.models import Batch, CategoryWord, RawRecord, Source, Upload
from apps.ingestion.services import batches, uploads
from apps.ingestion.services.sources import pause_source
from apps.ingestion.sources.columns import COLUMN_FIELDS, guess, to_record
from apps.ingestion.sources.recipes import FIELDS
from apps.ingestion.tests.factories import make_source
from apps.ingestion.tests.test_source_workbooks import save

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HEADER = "Raison sociale;Activité;Téléphone 1;Téléphone 2;Ville;Latitude;Longitude;Code;Note"
LINES = [
    "Pharmacie de l’Étoile;pharmacie;699 00 00 01;;Douala;4,05;9,7;P1;a",
    "Pharmacie du Soleil;pharmacie;699 00 00 02;677 00 00 03;Douala;4,06;9,71;P2;",
    ";pharmacie;699 00 00 04;;Douala;4,07;9,72;P3;",
    "Pharmacie Loin;pharmacie;;;Douala;48,85;2,35;P4;",
]


@pytest.fixture
def user() -> User:
    return make_user(is_staff=True, is_superuser=True)


@pytest.fixture
def staff(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def sheet(lines: list[str] = LINES) -> str:
    return "\r\n".join([HEADER, *lines])


def send(staff: Client, source: Source, body: bytes, *, name: str = "liste.csv") -> Any:
    path = reverse("admin:ingestion_source_upload", args=[source.pk])
    return staff.post(path, {"file": SimpleUploadedFile(name, body)})


def page(upload: Upload) -> str:
    return reverse("admin:ingestion_upload_change", args=[upload.pk])


def chosen(upload: Upload, **changes: str) -> dict[str, str]:
    """What the form would send as it stands, with some columns changed."""
    mapping = {**upload.mapping, **changes}
    return {"action": "try", **{f"c{place}": mapping[column["name"]] for place, column in enumerate(upload.columns)}}


def tried(staff: Client, upload: Upload, **changes: str) -> Upload:
    response = staff.post(page(upload), chosen(upload, **changes))
    assert response.status_code == 302, response.content.decode()
    uploads.try_out(upload_id=upload.pk)
    upload.refresh_from_db()
    return upload


def words(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())


def test_it_works(staff: Client) -> None:
    """A sheet as a French Windows saves it: columns guessed, a trial that leaves nothing, the import, the same file again."""
    source = make_source()
    assert send(staff, source, sheet().replace("’", "'").encode("cp1252")).status_code == 302
    upload = Upload.objects.get()
    assert upload.encoding == "cp1252"
    assert [upload.mapping[column["name"]] for column in upload.columns] == [
        "name",
        "category",
        "phone",
        "phone",
        "city",
        "lat",
        "lon",
        "source_id",
        "",
    ]
    html = words(staff.get(page(upload)))
    assert "raison sociale" in html
    assert "Pharmacie de l&#x27;Étoile" in html
    upload = tried(staff, upload, note="extra")
    assert (upload.state, upload.rows) == (UploadState.CHECKED, 4)
    assert upload.counts == {"created": 2, "rejected": 2}
    assert [(one["row"], one["reasons"][0]["code"]) for one in upload.refused] == [(4, "name_missing"), (5, "position_outside")]
    assert not Resource.objects.exists()
    assert not Batch.objects.exists()
    assert not RawRecord.objects.exists()
    html = words(staff.get(page(upload)))
    assert "2 créés 2 refusés" in html
    assert "2 lignes seraient refusées" in html
    assert staff.post(page(upload), {"action": "take"}).status_code == 302
    batch = Batch.objects.get()
    assert batches.work_off(batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.received, batch.created, batch.rejected) == (4, 2, 2)
    assert "4 lignes sur 4" in words(staff.get(page(upload)))
    two = Resource.objects.get(name="Pharmacie du Soleil")
    assert sorted(two.contacts.values_list("value", flat=True)) == ["+237677000003", "+237699000002"]
    assert RawRecord.objects.get(identity="P1").clean["extra"] == {"note": "a"}

    changed = [LINES[0].replace("699 00 00 01", "699 00 00 09"), *LINES[1:]]
    send(staff, source, sheet(changed).encode())
    again = Upload.objects.get(batch=None)
    assert again.mapping["note"] == "extra"
    assert tried(staff, again).counts == {"updated": 1, "unchanged": 1, "rejected": 2}


def test_a_workbook(staff: Client) -> None:
    source = make_source()
    rows: list[list[Any]] = [["Nom", "Catégorie", "Tel", "Ville", "GPS"], ["Pharmacie Un", "pharmacie", 699000001, "Douala", "4.05, 9.70"]]
    send(staff, source, save(rows), name="Liste 2026.XLSX")
    upload = tried(staff, Upload.objects.get())
    assert upload.counts == {"created": 1}
    staff.post(page(upload), {"action": "take"})
    batches.work_off(batch_id=Batch.objects.get().pk)
    entry = Resource.objects.get()
    assert (entry.name, float(entry.latitude or 0), entry.contacts.get().value) == ("Pharmacie Un", 4.05, "+237699000001")


def test_a_trial_leaves_no_trace(staff: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    source = make_source()
    send(staff, source, sheet([LINES[0].replace("pharmacie;", "mot inconnu;")]).encode())
    upload = Upload.objects.get()
    staff.post(page(upload), chosen(upload))
    told = OutboxEvent.objects.count()
    with django_capture_on_commit_callbacks() as callbacks:
        uploads.try_out(upload_id=upload.pk)
    assert callbacks == []
    assert OutboxEvent.objects.count() == told
    assert not CategoryWord.objects.exists()
    upload.refresh_from_db()
    assert "category_unmapped" in upload.remarks


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0", "Un ancien .xls s’enregistre en .xlsx."),
        ("a.pdf", b"%PDF", "Fichiers lus"),
        ("a.xlsx", b"PK\x03\x04 no", "not_a_workbook"),
        ("a.csv", b"nom;ville\r\n", "n’a que son en-tête"),
        ("a.csv", b"\r\n\r\n", "n’a que son en-tête"),
        ("a.ndjson", b"[1]\n", "not_an_object"),
        ("a.geojson", b"{", "not_geojson"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00broken", "file_damaged"),
    ],
)
def test_what_is_no_table_is_not_kept(staff: Client, name: str, body: bytes, said: str) -> None:
    response = send(staff, make_source(), body, name=name)
    assert response.status_code == 200
    assert said in words(response)
    assert not Upload.objects.exists()


def test_a_gzip_bomb(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "DECODED_MAX_BYTES", 2_000_000)
    response = send(staff, make_source(), gzip.compress(b"nom\n" + b"a\n" * 2_000_000), name="a.csv.gz")
    assert "trop grand une fois décomprimé" in words(response)


def test_too_many_rows(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "ROWS_MAX", 3)
    send(staff, make_source(), sheet().encode())
    upload = tried(staff, Upload.objects.get())
    assert upload.state == UploadState.FAILED
    assert "partagez-le" in words(staff.get(page(upload)))


def test_every_unreadable_line_is_answered_for(staff: Client) -> None:
    send(staff, make_source(), b'{"name": "A", "city": "Douala"}\n{"name": \nnull\n', name="a.ndjson")
    upload = tried(staff, Upload.objects.get())
    assert upload.counts["rejected"] == 2
    assert "not_json" in upload.refused[0]["text"]
    staff.post(page(upload), {"action": "take"})
    batches.work_off(batch_id=Batch.objects.get().pk)
    assert Batch.objects.get().rejected == 2


def test_one_column_gives_the_names(staff: Client) -> None:
    send(staff, make_source(), sheet().encode())
    upload = Upload.objects.get()
    response = staff.post(page(upload), chosen(upload, **{"raison sociale": ""}))
    assert "Dites quelle colonne donne le nom." in words(response)
    response = staff.post(page(upload), {**chosen(upload), "c3": "status"})
    assert response.status_code == 200
    upload.refresh_from_db()
    assert upload.state == UploadState.NEW


def test_nothing_is_imported_untried_twice_or_from_a_closed_source(staff: Client, user: User) -> None:
    source, at = make_source(), timezone.now()
    send(staff, source, sheet().encode())
    upload = Upload.objects.get()
    staff.post(page(upload), {"action": "take"})
    assert not Batch.objects.exists()
    upload = tried(staff, upload)
    assert uploads.take(upload_id=upload.pk, user=user, at=at) == uploads.take(upload_id=upload.pk, user=user, at=at)
    with pytest.raises(Conflict):
        uploads.choose(upload_id=upload.pk, mapping=upload.mapping, is_full=False, at=at)
    pause_source(source_id=source.pk, reason="essai", at=at)
    assert "Cette source est en pause" in words(send(staff, source, sheet().encode()))


def test_a_worker_that_died_is_followed_by_another(staff: Client) -> None:
    send(staff, make_source(), sheet().encode())
    upload = Upload.objects.get()
    staff.post(page(upload), chosen(upload))
    at = timezone.now()
    assert uploads.waiting(at=at) == [upload.pk]
    Upload.objects.update(lease_until=at + dt.timedelta(minutes=1), rows=3)
    assert uploads.waiting(at=at) == []
    assert uploads.try_out(upload_id=upload.pk) is None
    with pytest.raises(Conflict):
        uploads.choose(upload_id=upload.pk, mapping=upload.mapping, is_full=False, at=at)
    Upload.objects.update(lease_until=at - dt.timedelta(seconds=1))
    assert uploads.waiting(at=at) == [upload.pk]
    uploads.try_out(upload_id=upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.rows) == (UploadState.CHECKED, 4)


def test_files_end_with_the_import_or_after_a_week(staff: Client, user: User, django_capture_on_commit_callbacks: Any) -> None:
    held = storages["private"]
    send(staff, make_source(), sheet().encode())
    upload = tried(staff, Upload.objects.get())
    names = [str(upload.file.name), str(upload.lines.name)]
    assert all(held.exists(name) for name in names)
    with django_capture_on_commit_callbacks(execute=True):
        uploads.take(upload_id=upload.pk, user=user, at=timezone.now())
    assert not any(held.exists(name) for name in names)

    send(staff, make_source(), sheet().encode())
    other = Upload.objects.get(batch=None)
    Upload.objects.filter(pk=other.pk).update(created_at=timezone.now() - dt.timedelta(days=8))
    assert uploads.prune(at=timezone.now()) == 1
    assert not held.exists(str(other.file.name))
    assert staff.get(page(other)).status_code == 200
    Upload.objects.filter(pk=other.pk).update(created_at=timezone.now() - dt.timedelta(days=91))
    assert uploads.prune(at=timezone.now()) == 1
    assert Upload.objects.get() == upload


def test_a_full_list_marks_what_it_does_not_hold(staff: Client) -> None:
    source = make_source()
    send(staff, source, sheet().encode())
    upload = Upload.objects.get()
    staff.post(page(upload), {**chosen(upload), "is_full": "on"})
    uploads.try_out(upload_id=upload.pk)
    staff.post(page(upload), {"action": "take"})
    batch = Batch.objects.get()
    assert batch.is_full
    assert (batch.state, batch.sent_by.split(" · ")[1]) == (BatchState.QUEUED, "liste.csv")


def test_strangers_are_turned_away(client: Client) -> None:
    source = make_source()
    client.force_login(make_user())
    assert send(client, source, sheet().encode()).status_code == 302
    client.force_login(make_user(is_staff=True))
    assert send(client, source, sheet().encode()).status_code == 403
    upload = Upload.objects.create(source=source, name="a.csv", created_at=timezone.now())
    assert client.get(page(upload)).status_code == 403
    assert not Upload.objects.exclude(pk=upload.pk).exists()


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        (["NOM", "Type d’établissement", "BP", "E-mail", "Site web"], ["name", "category", "po_box", "email", "website"]),
        (["phone_number", "Tel. 2", "Téléphone (3)", "contact"], ["phone", "phone", "phone", "phone"]),
        (["name", "nom"], ["name", ""]),
        (["lat", "lng", "opening_hours", "external_id"], ["lat", "lon", "opening_hours", "source_id"]),
        (["Chiffre d’affaires", "colonne 2"], ["", ""]),
    ],
)
def test_columns_are_guessed_by_their_names(names: list[str], fields: list[str]) -> None:
    assert list(guess(names, {}).values()) == fields


def test_what_was_decided_before_comes_first() -> None:
    assert guess(["Nom", "Enseigne"], {"nom": "", "enseigne": "name"}) == {"Nom": "", "Enseigne": "name"}
    assert guess(["Nom"], {"nom": "no such field"}) == {"Nom": "name"}


def test_every_field_can_be_chosen() -> None:
    assert set(COLUMN_FIELDS) >= FIELDS
    assert set(COLUMN_WORDS) == set(COLUMN_FIELDS)


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5), st.sampled_from([*COLUMN_FIELDS, "", "extra"])), max_size=6))
def test_any_row_becomes_a_record(cells: list[tuple[str, str, str]]) -> None:
    record = to_record({name: value for name, value, _field in cells}, {name: field for name, _value, field in cells})
    assert json.dumps(record)
    assert set(record) <= {*COLUMN_FIELDS, "extra"}
