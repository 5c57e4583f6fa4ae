"""Commands of ingestion with files and options that they cannot use: the cause and the remedy, never a traceback."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.catalog.models import Resource
from apps.ingestion.models import Batch, RawRecord

pytestmark = pytest.mark.django_db

PAIRS = "a,b,label\n"
COMMANDS = ("import_places", "import_osm", "score_pairs")


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_file_is_named(tmp_path: Path, command: str) -> None:
    for path, why in ((tmp_path / "missing.csv", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(CommandError, match=rf"{path.name}.*{why}"):
            call_command(command, str(path))
    assert not Batch.objects.exists()


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize("name", ["places.csv", "places.ndjson", "places.ndjson.gz"])
def test_an_empty_file_of_places_says_so(tmp_path: Path, name: str) -> None:
    for content in (b"", gzip.compress(b"")):
        err, out = StringIO(), StringIO()
        call_command("import_places", str(written(tmp_path, name, content)), stdout=out, stderr=err)
        assert "holds no rows" in err.getvalue()
        assert "created=0 updated=0 unchanged=0 rejected=0" in out.getvalue()


NO_PAIRS: dict[str, tuple[bytes | str, str]] = {
    "empty": (b"", "the file is empty"),
    "header alone": (PAIRS, "no pairs"),
    "another header": ("a,b\n1,2\n", "header must be a,b,label"),
    "not UTF-8": (b"\x9b\xff\x00", "not a text in UTF-8"),
    "not gzip": (b"\x1f\x8b" + bytes(40), "compression"),
    "another label": (PAIRS + "1,2,maybe\n", "line 2"),
    "cut gzip": (gzip.compress((PAIRS + "1,2,same\n").encode())[:-9], "ended before"),
    "a field without end": (PAIRS + '"' + "x" * 1_100_000 + '",2,same\n', "field"),
}


@pytest.mark.parametrize(("content", "why"), NO_PAIRS.values(), ids=NO_PAIRS)
def test_a_file_that_holds_no_pairs_is_named(tmp_path: Path, content: bytes | str, why: str) -> None:
    path = written(tmp_path, "pairs.csv", content)
    with pytest.raises(CommandError, match=rf"pairs\.csv.*{why}"):
        call_command("score_pairs", str(path))
    with pytest.raises(CommandError, match=rf"pairs\.csv.*{why}"):
        call_command("learn_matching", "--labels", str(path), "--records", str(path))


def test_records_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    pairs = written(tmp_path, "pairs.csv", PAIRS + "osm:1,osm:2,same\n")
    for content, why in ((b"\xff\xfe", "not a text in UTF-8"), (b"[1, 2]\n", "line 1"), (gzip.compress(b"{}")[:-5], "ended before")):
        records = written(tmp_path, "records.ndjson", content)
        with pytest.raises(CommandError, match=rf"records\.ndjson.*{why}"):
            call_command("score_pairs", str(pairs), "--records", str(records))


@pytest.mark.usefixtures("reference")
def test_a_name_or_content_that_says_nothing_leaves_no_batch(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 12
    with pytest.raises(CommandError, match=r"expected a name in \.ndjson"):
        call_command("import_places", str(written(tmp_path, "places.bin", noise)))
    for content in (noise, b""):
        with pytest.raises(CommandError, match="not a readable OpenStreetMap extract"):
            call_command("import_osm", str(written(tmp_path, "places.osm.pbf", content)))
    assert not Batch.objects.exists()


@pytest.mark.parametrize("command", ["import_places", "import_osm"])
@pytest.mark.parametrize("country", ["FR", "XX", "Cameroun", ""])
def test_a_country_that_we_do_not_know_is_refused_with_those_we_do(tmp_path: Path, command: str, country: str) -> None:
    with pytest.raises(CommandError, match=rf"no reference data .* for {country}; known: CM"):
        call_command(command, f"--country={country}", str(tmp_path / "places.ndjson"))


@pytest.mark.usefixtures("reference")
def test_a_country_may_be_written_small(tmp_path: Path) -> None:
    place = {"source_id": "1", "name": "Pharmacie du Marché", "category": "pharmacie", "lat": 4.05, "lon": 9.7}
    call_command("import_places", "--country=cm", str(written(tmp_path, "places.ndjson", json.dumps(place))), stdout=StringIO())
    assert str(Resource.objects.get().country_id) == "CM"


@pytest.mark.usefixtures("reference")
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=600), name=st.sampled_from(["places.csv", "places.ndjson", "places.geojson"]))
def test_no_bytes_stop_an_import(tmp_path: Path, content: bytes, name: str) -> None:
    RawRecord.objects.all().delete()
    out = StringIO()
    call_command("import_places", str(written(tmp_path, name, content)), stdout=out, stderr=StringIO())
    assert "rejected=" in out.getvalue()


@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize("content", [b"\x00\x01,\x00\n", b"name\x00;x\x00\n\x00\n", "\ud800".encode("utf-16", "surrogatepass")])
def test_what_no_column_can_hold_is_a_reason_that_can_be_stored(tmp_path: Path, content: bytes) -> None:
    call_command("import_places", str(written(tmp_path, "places.csv", content)), stdout=StringIO(), stderr=StringIO())
    assert Batch.objects.get().state == "done"
