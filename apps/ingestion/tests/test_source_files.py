"""Files: NDJSON, CSV, GeoJSON, OpenStreetMap extracts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.ingestion.sources import UnreadableRow
from apps.ingestion.sources.files import LINE_MAX_BYTES, read_file


def read(folder: Path, name: str, body: str | bytes, *, columns: dict[str, str] | None = None, kind: str = "file") -> list[Any]:
    path = folder / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return list(read_file(path, kind=kind, columns=columns))


def reasons(rows: list[Any]) -> list[str]:
    return [row.reason for row in rows if isinstance(row, UnreadableRow)]


def test_it_works(tmp_path: Path) -> None:
    lines = '{"name": "A"}\n\n{"name": "B", "lat": 4.05}\n'
    assert read(tmp_path, "a.ndjson", lines) == [{"name": "A"}, {"name": "B", "lat": 4.05}]
    assert read(tmp_path, "a.jsonl.gz", gzip.compress(lines.encode())) == [{"name": "A"}, {"name": "B", "lat": 4.05}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet(tmp_path: Path, delimiter: str) -> None:
    body = "\ufeff" + "\r\n".join(delimiter.join(line) for line in (["Nom", " Ville "], ['"Chez ""Awa"""', "Douala"], ["", ""], ["B"]))
    assert read(tmp_path, "a.csv", body) == [{"nom": 'Chez "Awa"', "ville": "Douala"}, {"nom": "B"}]


def test_columns_of_the_recipe(tmp_path: Path) -> None:
    body = "Enseigne;Tel\nA;677000001\n"
    assert reasons(read(tmp_path, "a.csv", body)) == ["no_column_name"]
    rows = read(tmp_path, "a.csv", body, columns={"name": "ENSEIGNE", "phone": "Tel"})
    assert rows == [{"enseigne": "A", "tel": "677000001", "name": "A", "phone": "677000001"}]


def test_formulas_stay_text(tmp_path: Path) -> None:
    body = 'name,phone\n"=HYPERLINK(""http://x"")",+237677000001\n=cmd|\'/c calc\'!A0,-1\n'
    assert read(tmp_path, "a.csv", body) == [
        {"name": '=HYPERLINK("http://x")', "phone": "+237677000001"},
        {"name": "=cmd|'/c calc'!A0", "phone": "-1"},
    ]


SQUARE = {"type": "Polygon", "coordinates": [[[9.0, 4.0], [10.0, 4.0], [10.0, 5.0], [9.0, 5.0], [9.0, 4.0]]]}
FEATURES: list[dict[str, Any]] = [
    {
        "type": "Feature",
        "id": 7,
        "properties": {"name": "A", "source_id": "own"},
        "geometry": {"type": "Point", "coordinates": [9.7, 4.05, 12]},
    },
    {"type": "Feature", "id": "b", "properties": {"name": "B"}, "geometry": SQUARE},
    {"type": "Feature", "properties": None, "geometry": None},
    {"type": "Feature", "properties": {"name": "C", "lat": 1}, "geometry": {"type": "Point", "coordinates": ["x", None]}},
]
ROWS = [
    {"name": "A", "source_id": "own", "lat": 4.05, "lon": 9.7},
    {"name": "B", "source_id": "b", "lat": 4.5, "lon": 9.5},
    {},
    {"name": "C", "lat": 1},
]


def test_geojson(tmp_path: Path) -> None:
    assert read(tmp_path, "a.geojson", json.dumps({"type": "FeatureCollection", "features": FEATURES})) == ROWS
    assert read(tmp_path, "a.geojsonl", "\n".join("\x1e" + json.dumps(one) for one in FEATURES)) == ROWS


def test_an_openstreetmap_extract(tmp_path: Path) -> None:
    body = """<osm version="0.6">
    <node id="1" version="1" lat="4.05" lon="9.7"><tag k="name" v="Exemple"/><tag k="amenity" v="pharmacy"/></node>
    <node id="2" version="1" lat="4.05" lon="9.7"><tag k="name" v="Banc"/><tag k="amenity" v="bench"/></node></osm>"""
    rows = read(tmp_path, "a.osm", body, kind="osm")
    assert [(row["source_id"], row["category"], row["lat"]) for row in rows] == [("n1", "amenity=pharmacy", 4.05)]
    assert reasons(read(tmp_path, "a.osm.pbf", b"nonsense", kind="osm")) == ["not_osm"]


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("a.txt", b"", ["unknown_format"]),
        ("a.ndjson", b'{"name": \n[1]\n', ["not_json"]),
        ("a.ndjson", b'{"name": "\xff"}\n', ["not_utf8"]),
        ("a.ndjson", b"[" * 5000, ["not_json"]),
        ("a.ndjson", b'{"name": "' + b"x" * LINE_MAX_BYTES + b'"}\n{"name": "B"}', ["line_too_long"]),
        ("a.csv", b"name\n\xe9t\xe9\n", ["not_utf8"]),
        ("a.csv", b'name\n"open\n', ["not_csv"]),
        ("a.csv", b"name\nA\x00B\n", []),
        ("a.csv", b"", []),
        ("a.geojson", b"[]", ["not_geojson"]),
        ("a.geojson", b'{"features": [1, {"type": "Feature"}]}', ["not_a_feature"]),
        ("a.geojson", b'{"features": ' + b"[" * 5000, ["not_geojson"]),
        ("a.ndjson.gz", b"not packed", ["not_json"]),
        ("a.ndjson.gz", gzip.compress(b'{"name": "A"}\n' * 1000, mtime=0)[:-20], ["file_damaged"]),
        ("a.ndjson.gz", b"\x1f\x8b\x08\x00" + b"\xff" * 50, ["file_damaged"]),
    ],
)
def test_bad_files_name_what_is_wrong(tmp_path: Path, name: str, body: bytes, expected: list[str]) -> None:
    assert reasons(read(tmp_path, name, body)) == expected


@settings(max_examples=50)
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.ndjson", "a.geojson", "a.csv.gz", "a.geojson.gz"]))
def test_any_bytes_are_rows_or_named(tmp_path_factory: pytest.TempPathFactory, body: bytes, name: str) -> None:
    for row in read(tmp_path_factory.getbasetemp(), name, body):
        assert not isinstance(row, UnreadableRow) or row.reason
