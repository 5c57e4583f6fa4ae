"""A backup restores."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from apps.catalog.models import Region
from apps.catalog.services import reference
from ecosysteme import embedded
from ecosysteme.backup import back_up


@pytest.mark.xdist_group("operations")
@pytest.mark.django_db(transaction=True)
def test_it_works(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    (tmp_path / "media" / "images").mkdir(parents=True)
    (tmp_path / "media" / "images" / "a.webp").write_bytes(b"picture")
    reference.load_reference()
    target = tmp_path / "catalogue.dump"
    media = back_up(target)
    with tarfile.open(media) as archive:
        assert "media/images/a.webp" in archive.getnames()
    database = connection.settings_dict
    # As on a machine that has lost everything; --clean cannot take partitions away one by one.
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    subprocess.run(
        [
            str(embedded.postgres_client("pg_restore")), "--no-owner", "--exit-on-error",
            f"--host={database['HOST']}",
            f"--username={database['USER']}", f"--dbname={database['NAME']}", str(target),
        ],
        env={**os.environ, "PGPASSWORD": str(database["PASSWORD"])}, check=True,
    )  # fmt: skip
    assert Region.objects.get(slug="littoral").name_fr == "Littoral"
    assert not list(tmp_path.glob("*.part"))
