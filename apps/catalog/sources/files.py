"""NDJSON and CSV, plain or gzip, read line by line so that memory does not grow with the file."""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from apps.catalog.sources import UnreadableRow

LINE_MAX_BYTES = 1_000_000


class UnknownFormat(ValueError):
    """The file's name does not say NDJSON or CSV."""


def open_counted(path: Path) -> tuple[IO[bytes], IO[bytes]]:
    """The decoded stream, and the raw one whose `tell()` says how far the reading is."""
    raw = path.open("rb")
    is_gzip = raw.peek(2)[:2] == b"\x1f\x8b"
    stream: IO[bytes] = gzip.GzipFile(fileobj=raw) if is_gzip else raw  # type: ignore[assignment]  # it reads as IO[bytes]
    return stream, raw


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
    while line := stream.readline(LINE_MAX_BYTES + 1):
        number += 1
        if len(line) > LINE_MAX_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(LINE_MAX_BYTES)
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


def _read_csv(stream: IO[bytes]) -> Iterator[tuple[int, dict[str, Any] | UnreadableRow]]:
    # A field may be as long as a line of NDJSON; Python's default is 131,072 characters.
    csv.field_size_limit(min(LINE_MAX_BYTES, sys.maxsize))
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    reader = csv.DictReader(text)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, UnreadableRow("not_csv", str(error)[:120])
            continue
        if any("\ufffd" in str(value) for value in row.values()):
            yield reader.line_num, UnreadableRow("not_utf8", "")
        else:
            yield reader.line_num, {key: value for key, value in row.items() if key is not None and value is not None}
