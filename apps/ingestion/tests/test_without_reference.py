"""A database whose places and categories were never loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.core.process_cache import clear_process_caches
from apps.ingestion.models import Batch
from apps.ingestion.tests.factories import make_source, make_source_key, send

pytestmark = pytest.mark.django_db
RECORD = {"name": "Pharmacie du Marché", "category": "pharmacie", "lat": 4.05, "lon": 9.7}


def test_commands_name_the_remedy(tmp_path: Path) -> None:
    places, pairs = tmp_path / "places.ndjson", tmp_path / "pairs.csv"
    places.write_text(json.dumps(RECORD))
    quoted = '"' + json.dumps(RECORD).replace('"', '""') + '"'
    pairs.write_text(f"a,b,label\n{quoted},{quoted},same\n")
    for command, path in (("import_places", places), ("score_pairs", pairs)):
        with pytest.raises(CommandError, match=r"manage\.py load_reference"):
            call_command(command, str(path))
    assert not Batch.objects.exists()


def test_a_call_is_told_to_come_back(client: Client) -> None:
    clear_process_caches()
    response = send(client, make_source_key(make_source()), RECORD)
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert not Batch.objects.exists()
