"""NDJSON, CSV, workbooks and GeoJSON, plain or gzip, read row by row so that memory does not grow with the file."""

from __future__ import annotations

import codecs
import csv
import gzip
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import msgspec

from apps.core.packed_files import open_counted
from apps.ingestion.choices import SourceKind
from apps.ingestion.sources.osm import read_osm
from apps.ingestion.sources.rows import Rows, UnreadableRow
from apps.ingestion.sources.workbooks import WorkbookRefused, read_workbook

LINE_MAX_BYTES = 1_000_000
# GeoJSON is one object as a whole, and read as one.
GEOJSON_MAX_BYTES = 200_000_000
NAME_MAX = 60
NAMES = frozenset({"name", "name_fr", "nom", "title"})
_LINES, _TABLES, _WORKBOOK = (".ndjson", ".jsonl", ".geojsonl"), (".csv", ".tsv"), ".xlsx"
_DELIMITERS = ",;\t|"
NumberedRows = Iterator[tuple[int, dict[str, Any] | UnreadableRow]]


class UnknownFormat(ValueError):
    """The file's name does not say what it is."""


def read_file(path: Path, *, kind: str = SourceKind.FILE, columns: Mapping[str, str] | None = None) -> Rows:
    """Rows of a file by its name, or of an OpenStreetMap extract by `kind`. What cannot be read at all is one unreadable row."""
    if kind == SourceKind.OSM:
        try:
            yield from (place for _number, place in read_osm(path))
        except RuntimeError as error:
            yield UnreadableRow("not_osm", str(error)[:120])
        return
    stream, raw = open_counted(path)
    with raw, stream:
        try:
            for _number, row in read_rows(path, stream, columns=columns):
                yield row
        except UnknownFormat as error:
            yield UnreadableRow("unknown_format", str(error)[:120])


def is_known(name: str) -> bool:
    """Whether a file of this name is read."""
    return name.lower().removesuffix(".gz").endswith((*_LINES, *_TABLES, _WORKBOOK, ".geojson"))


def read_rows(
    path: Path, stream: IO[bytes], *, columns: Mapping[str, str] | None = None, encoding: str = "utf-8", needs_name: bool = True
) -> NumberedRows:
    """Numbered rows of a stream, by the file's name; a damaged end of a gzip file is the last unreadable row. Fails at once or never.

    :param columns: our names of columns to the file's, where they differ.
    :param encoding: of CSV. :param needs_name: whether a table without a column for names is one unreadable row.
    :raises UnknownFormat: none of `.ndjson`, `.jsonl`, `.geojsonl`, `.csv`, `.tsv`, `.geojson` (with or without `.gz`), `.xlsx`.
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(_LINES):
        reader = _read_ndjson(stream)
    elif name.endswith(_TABLES):
        reader = _read_csv(stream, _Names(columns or {}, is_needed=needs_name), encoding)
    elif name.endswith(_WORKBOOK):
        reader = _read_workbook(stream, _Names(columns or {}, is_needed=needs_name))
    elif name.endswith(".geojson"):
        reader = _read_geojson(stream)
    else:
        raise UnknownFormat(f"{path.name}: expected a name in .ndjson, .jsonl, .csv or .geojson, with or without .gz, or in .xlsx")
    return _until_damaged(reader, columns)


def _until_damaged(reader: NumberedRows, columns: Mapping[str, str] | None) -> NumberedRows:
    number = 0
    try:
        for number, row in reader:
            yield number, _renamed(row, columns) if columns and isinstance(row, dict) else row
    except (EOFError, gzip.BadGzipFile, zlib.error, OSError) as error:
        yield number + 1, UnreadableRow("file_damaged", str(error)[:120])


def _renamed(row: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    given = {name.casefold(): value for name, value in row.items()}
    return row | {ours: given[theirs.casefold()] for ours, theirs in columns.items() if theirs.casefold() in given}


def _read_ndjson(stream: IO[bytes]) -> NumberedRows:
    decode = msgspec.json.Decoder().decode
    number = 0
    while line := _read_line(stream, is_first=number == 0):
        number += 1
        if len(line) > LINE_MAX_BYTES:
            yield number, UnreadableRow("line_too_long", "")
            continue
        # RFC 8142 puts a record separator before each feature.
        line = line.strip().lstrip(b"\x1e")
        if not line:
            continue
        try:
            line.decode("utf-8")
            row = decode(line)
        except UnicodeDecodeError:
            yield number, UnreadableRow("not_utf8", "")
        except (msgspec.DecodeError, RecursionError) as error:
            yield number, UnreadableRow("not_json", str(error)[:120])
        else:
            yield number, _feature(row) if isinstance(row, dict) and row.get("type") == "Feature" else row


def _read_geojson(stream: IO[bytes]) -> NumberedRows:
    body = stream.read(GEOJSON_MAX_BYTES + 1)
    if len(body) > GEOJSON_MAX_BYTES:
        yield 1, UnreadableRow("file_too_large", str(GEOJSON_MAX_BYTES))
        return
    try:
        collection = msgspec.json.decode(body.removeprefix(codecs.BOM_UTF8), type=_Collection)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield 1, UnreadableRow("not_geojson", str(error)[:120])
        return
    for number, raw in enumerate(collection.features, start=1):
        try:
            feature = msgspec.json.decode(raw, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield number, UnreadableRow("not_a_feature", str(error)[:120])
        else:
            yield number, _feature(feature)


class _Collection(msgspec.Struct):
    features: list[msgspec.Raw]


def _feature(feature: Mapping[str, Any]) -> dict[str, Any]:
    """Its properties, with its id and the middle of its bounding box."""
    properties = feature.get("properties")
    row = dict(properties) if isinstance(properties, dict) else {}
    if feature.get("id") not in (None, ""):
        row.setdefault("source_id", feature["id"])
    geometry = feature.get("geometry")
    points = list(_points(geometry.get("coordinates"), 0)) if isinstance(geometry, dict) else []
    if points and not {"lat", "latitude"} & row.keys():
        longitudes, latitudes = zip(*points, strict=True)
        row |= {"lat": (min(latitudes) + max(latitudes)) / 2, "lon": (min(longitudes) + max(longitudes)) / 2}
    return row


def _points(value: Any, depth: int) -> Iterator[tuple[float, float]]:
    if not isinstance(value, list) or depth > 4:
        return
    if len(value) >= 2 and all(isinstance(one, int | float) and not isinstance(one, bool) for one in value[:2]):
        yield value[0], value[1]
        return
    for one in value:
        yield from _points(one, depth + 1)


def _read_line(stream: IO[bytes], *, is_first: bool) -> bytes:
    """The next line, without the mark that some programs write first; of one too long only the beginning."""
    line = stream.readline(LINE_MAX_BYTES + 1)
    end = line
    while len(end) > LINE_MAX_BYTES and not end.endswith(b"\n"):
        end = stream.readline(LINE_MAX_BYTES + 1)
    return line.removeprefix(codecs.BOM_UTF8) if is_first else line


class _CsvLines:
    """Lines for Python's csv module. Unlike a generator it can refuse one line and go on with the next."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self.stream, self.encoding, self.number = stream, encoding, 0

    def __iter__(self) -> _CsvLines:
        return self

    def __next__(self) -> str:
        line = _read_line(self.stream, is_first=self.number == 0)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > LINE_MAX_BYTES:
            raise csv.Error("line too long")
        return line.decode(self.encoding, errors="replace")


class _Names:
    """The header of a table."""

    def __init__(self, columns: Mapping[str, str], *, is_needed: bool) -> None:
        self._ours, self._is_needed = columns.get("name", "").strip().lower(), is_needed

    def read(self, cells: Sequence[str]) -> list[str]:
        """Names of columns; one that comes again, or says nothing, is told apart by its place."""
        names: list[str] = []
        for place, cell in enumerate(cells, start=1):
            name = " ".join(cell.lower().split())[:NAME_MAX] or f"colonne {place}"
            names.append(name if name not in names else f"{name} ({place})")
        return names

    def is_missing(self, names: Collection[str]) -> bool:
        """Whether there is no column for names."""
        return self._is_needed and not NAMES & set(names) and self._ours not in names


def _read_csv(stream: IO[bytes], header: _Names, encoding: str) -> NumberedRows:
    # A field may be as long as a line of NDJSON; Python's default is 131,072 characters.
    csv.field_size_limit(LINE_MAX_BYTES)
    lines = _CsvLines(stream, encoding)
    try:
        first = next((line for line in lines if line.strip()), "")
        # A French spreadsheet writes semicolons.
        delimiter = max(_DELIMITERS, key=first.count)
        names = header.read(next(csv.reader([first], delimiter=delimiter))) if first else []
    except (csv.Error, StopIteration) as error:
        yield lines.number, UnreadableRow("not_csv", str(error)[:120])
        return
    if not first:
        return
    if header.is_missing(names):
        yield lines.number, UnreadableRow("no_column_name", first.strip()[:120])
        return
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield lines.number, UnreadableRow("not_csv", str(error)[:120])
            continue
        if any("\ufffd" in value for value in values):
            yield lines.number, UnreadableRow("not_utf8", "")
        elif any(value.strip() for value in values):
            yield lines.number, dict(zip(names, values, strict=False))


def _read_workbook(stream: IO[bytes], header: _Names) -> NumberedRows:
    names: list[str] = []
    number = 0
    try:
        for number, values in read_workbook(stream):
            if names:
                yield number, dict(zip(names, values, strict=False))
                continue
            names = header.read(values)
            if header.is_missing(names):
                yield number, UnreadableRow("no_column_name", ", ".join(names)[:120])
                return
    except WorkbookRefused as error:
        yield number + 1, UnreadableRow(error.reason, error.detail)
