"""`manage.py` as it is typed."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def empty_database(transactional_db: None) -> Iterator[str]:  # noqa: ARG001  CREATE DATABASE needs its own transaction
    """The address of a database without a table."""
    name = f"empty_{uuid.uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    given = connection.settings_dict
    host, port = quote(str(given["HOST"]), safe=""), f":{given['PORT']}" if given["PORT"] else ""
    yield f"postgres://{quote(given['USER'])}:{quote(given['PASSWORD'])}@{host}{port}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_database_without_tables_names_the_remedy(empty_database: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": empty_database, "REDIS_URL": settings.REDIS_URL, "SEARCH": "postgres"}
    environment["DJANGO_SETTINGS_MODULE"] = "ecosysteme.settings.local"
    found = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "find_duplicates"], env=environment, cwd=tmp_path, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert found.returncode == 1
    assert "Run `python manage.py migrate` first" in found.stderr
    assert "Traceback" not in found.stderr
