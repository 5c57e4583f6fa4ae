"""NDJSON and CSV, plain or gzip, read line by line so that memory does not grow with the file."""

from __future__ import annotations

import codecs
import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from apps.catalog.sources import UnreadableRow

LINE_MAX_BYTES = 1_000_000


class UnknownFormat(ValueError):
    """The file's name does not say NDJSON or CSV."""


def read_rows(path: Path, stream: IO[bytes]) -> Iterator[tuple[int, dict[str, Any] | UnreadableRow]]:
    """Rows of an NDJSON or CSV stream, by the file's name; a damaged end of a gzip file is the last unreadable row.

    :raises UnknownFormat: neither `.ndjson`/`.jsonl` nor `.csv` (with or without `.gz`).
    """
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".ndjson", ".jsonl")):
        reader = _read_ndjson(stream)
    elif name.endswith(".csv"):
        reader = _read_csv(stream)
    else:
        raise UnknownFormat(f"{path.name}: expected a name in .ndjson, .jsonl or .csv, with or without .gz")
    number = 0
    try:
        for number, row in reader:
            yield number, row
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        yield number + 1, UnreadableRow("file_damaged", str(error)[:120])


def _read_ndjson(stream: IO[bytes]) -> Iterator[tuple[int, dict[str, Any] | UnreadableRow]]:
    decode = msgspec.json.Decoder().decode
    number = 0
    while line := _read_line(stream, is_first=number == 0):
        number += 1
        if len(line) > LINE_MAX_BYTES:
            yield number, UnreadableRow("line_too_long", "")
            continue
        if not line.strip():
            continue
        try:
            line.decode("utf-8")
            yield number, decode(line)
        except UnicodeDecodeError:
            yield number, UnreadableRow("not_utf8", "")
        except (msgspec.DecodeError, RecursionError) as error:
            yield number, UnreadableRow("not_json", str(error)[:120])


def _read_line(stream: IO[bytes], *, is_first: bool) -> bytes:
    """The next line, without the mark that some programs write first; of one too long only the beginning."""
    line = stream.readline(LINE_MAX_BYTES + 1)
    end = line
    while len(end) > LINE_MAX_BYTES and not end.endswith(b"\n"):
        end = stream.readline(LINE_MAX_BYTES + 1)
    return line.removeprefix(codecs.BOM_UTF8) if is_first else line


class _CsvLines:
    """Lines for Python's csv module. Unlike a generator it can refuse one line and go on with the next."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.number = stream, 0

    def __iter__(self) -> _CsvLines:
        return self

    def __next__(self) -> str:
        line = _read_line(self.stream, is_first=self.number == 0)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > LINE_MAX_BYTES:
            raise csv.Error("line too long")
        return line.decode("utf-8", errors="replace")


def _read_csv(stream: IO[bytes]) -> Iterator[tuple[int, dict[str, Any] | UnreadableRow]]:
    # A field may be as long as a line of NDJSON; Python's default is 131,072 characters.
    csv.field_size_limit(LINE_MAX_BYTES)
    lines = _CsvLines(stream)
    header = next((line for line in lines if line.strip()), "")
    if not header:
        return
    # A French spreadsheet writes semicolons.
    delimiter = max(",;\t", key=header.count)
    names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter))]
    if "name" not in names:
        yield lines.number, UnreadableRow("no_column_name", header.strip()[:120])
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
