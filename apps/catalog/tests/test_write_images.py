"""Pictures over HTTP: decoded, cleaned, sized, bounded."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.catalog.models import Resource, ResourceImage
from apps.catalog.services import images, reference
from apps.catalog.services.resource_input import read_input
from apps.catalog.services.resources import create_resource
from apps.core.clock import now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    reference.load_reference()


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner@example.com", "a long password", name="Owner")


@pytest.fixture
def resource(owner: User) -> Resource:
    data = read_input({"name": "Atelier", "category": "couture", "city": "douala"}, language="fr", is_new=True)
    return create_resource(owner=owner, data=data, at=now())


@pytest.fixture
def client(owner: User) -> Client:
    logged_in = Client()
    logged_in.force_login(owner)
    return logged_in


def picture(form: str = "JPEG", size: tuple[int, int] = (900, 600), colour: str = "green", **options: Any) -> bytes:
    """A picture file."""
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, form, **options)
    return output.getvalue()


def upload(client: Client, resource: Resource, content: bytes, name: str = "photo.jpg", **more: str) -> Any:
    """Send a file as a form does."""
    return client.post(f"/api/v1/api-resources/{resource.pk}/images", {"file": SimpleUploadedFile(name, content), **more})


def files() -> list[str]:
    """Every stored file."""
    root = Path(default_storage.location)  # type: ignore[attr-defined]  # the test's storage is a folder
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_it_works(client: Client, resource: Resource, form: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    exif[0x8825] = {1: "N", 2: (4.0, 3.0, 0.0)}
    answer = upload(client, resource, picture(form, exif=exif), alt_text="Vitrine")
    assert answer.status_code == 201, answer.content
    image = ResourceImage.objects.get()
    assert (image.state, image.is_primary, image.alt_text) == ("pending", True, "Vitrine")
    images.make_renditions(image_id=image.pk, at=now())
    image.refresh_from_db()
    assert image.state == "ready"
    assert sorted(image.renditions, key=int) == ["160", "320", "640"]
    assert image.renditions["320"]["bytes"] <= images.CARD_MAX_BYTES
    for name in files():
        stored = (Path(default_storage.location) / name).read_bytes()  # type: ignore[attr-defined]  # a folder
        assert b"Secret camera" not in stored
        assert not Image.open(io.BytesIO(stored)).getexif()
    detail = json.loads(client.get(f"/api/v1/api-resources/{resource.pk}").content)
    assert detail["images"][0]["srcset"].count("w") >= 3
    assert detail["image"]["alt"] == "Vitrine"


def test_the_location_of_a_new_picture_shows_its_state(client: Client, resource: Resource) -> None:
    location = upload(client, resource, picture("JPEG"))["Location"]
    image = ResourceImage.objects.get()
    assert client.get(location).json()["state"] == "pending"
    assert Client().get(location).status_code == 404, "nothing to show yet"
    images.make_renditions(image_id=image.pk, at=now())
    shown = client.get(location).json()
    assert (shown["id"], shown["state"]) == (str(image.pk), "ready")
    assert shown in client.get(location.rsplit("/", 1)[0]).json()["data"]
    assert client.get(f"/api/v1/api-resources/{resource.pk}/images/{resource.pk}").status_code == 404


def test_strangers_and_nobody_add_nothing(resource: Resource) -> None:
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger@example.com", "a long password", name="Stranger"))
    assert upload(Client(), resource, picture()).status_code == 401
    assert upload(stranger, resource, picture()).status_code == 404, "it is not published: he does not see it"
    assert files() == []


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it has 900 million pixels."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a picture at all, but long enough to be one" * 10, "JPEG, PNG"),
        (picture()[:600], "JPEG, PNG"),
        (bomb(), "40 millions"),
        (picture(size=(20, 20)), "trop petite"),
        (b"", "JPEG, PNG"),
        (b"GIF89a" + b"\0" * 200, "JPEG, PNG"),
    ],
)
def test_what_is_not_a_whole_picture_is_refused(client: Client, resource: Resource, content: bytes, words: str) -> None:
    answer = upload(client, resource, content)
    assert answer.status_code == 422, answer.content
    assert words in json.loads(answer.content)["detail"]
    assert not ResourceImage.objects.exists()
    assert files() == []


def test_forty_megabytes_are_refused(client: Client, resource: Resource) -> None:
    answer = upload(client, resource, b"\xff\xd8" + b"x" * 40_000_000)
    assert answer.status_code == 413
    problem = json.loads(answer.content)
    assert (problem["code"], problem["title"]) == ("body_too_large", "Envoi trop volumineux")
    assert "10 Mo" in problem["detail"]
    assert files() == []


def test_the_same_file_twice_is_one_picture(client: Client, resource: Resource) -> None:
    upload(client, resource, picture())
    assert upload(client, resource, picture()).status_code == 201
    assert ResourceImage.objects.count() == 1
    assert len([name for name in files() if name.startswith("originals/")]) == 1


def test_a_free_entry_has_five_photos(client: Client, resource: Resource) -> None:
    for number in range(5):
        assert upload(client, resource, picture(size=(100 + number, 100))).status_code == 201
    answer = upload(client, resource, picture(size=(200, 100)))
    assert answer.status_code == 409
    assert json.loads(answer.content)["code"] == "too_many_images"
    assert len([name for name in files() if name.startswith("originals/")]) == 5


def test_there_is_always_one_primary(client: Client, resource: Resource) -> None:
    upload(client, resource, picture(colour="red"))
    upload(client, resource, picture(colour="blue"), is_primary="true")
    first, second = ResourceImage.objects.order_by("order_index")
    assert (first.is_primary, second.is_primary) == (False, True)
    path = f"/api/v1/api-resources/{resource.pk}/images"
    client.patch(f"{path}/{first.pk}", json.dumps({"is_primary": True, "alt_text": "Façade"}), content_type="application/json")
    assert ResourceImage.objects.get(is_primary=True) == first
    assert client.delete(f"{path}/{first.pk}").status_code == 204
    assert ResourceImage.objects.get().is_primary
    assert client.delete(f"{path}/{first.pk}").status_code == 204, "safe to repeat"


def test_sizes_can_be_made_again_and_a_broken_original_is_said(client: Client, resource: Resource) -> None:
    upload(client, resource, picture())
    image = ResourceImage.objects.get()
    (Path(default_storage.location) / str(image.file.name)).write_bytes(b"broken")  # type: ignore[attr-defined]  # a folder
    images.make_renditions(image_id=image.pk, at=now())
    image.refresh_from_db()
    assert image.state == "failed"
    images.make_renditions(image_id=image.pk, at=now())
    assert json.loads(client.get(f"/api/v1/api-resources/{resource.pk}").content)["image"] is None
