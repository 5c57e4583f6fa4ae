"""Files of labelled pairs and of the records they name, for commands."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO, cast

from django.core.management.base import CommandError

from apps.catalog.exceptions import ReferenceMissing
from apps.core.packed_files import open_counted
from apps.ingestion.evaluation import LabelledPair, MalformedPairs, read_pairs, reference_of
from apps.ingestion.selectors.labelled import RawProfiles, stored_records

Record = Mapping[str, object]
_UNREADABLE = (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error)


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not a text in UTF-8, plain or packed by gzip"
    strerror = getattr(error, "strerror", None)
    return f"{strerror}. Give the path of a file that can be read." if strerror else str(error)


def known_records(pairs: Sequence[LabelledPair], paths: Iterable[Path]) -> dict[str, Record]:
    """The records of the pairs by reference: given in the pair, else of the files, else stored. Those not known are left out.

    :raises CommandError: a file cannot be read.
    """
    given = {side.ref: side.record for pair in pairs for side in (pair.a, pair.b) if side.record is not None}
    wanted = {side.ref for pair in pairs for side in (pair.a, pair.b)} - given.keys()
    found: dict[str, Record] = {**given, **_read_records(paths, wanted)}
    found.update(stored_records(wanted - found.keys()))
    return found


def raw_profiles() -> RawProfiles:
    """What makes profiles of raw records. :raises CommandError: the places and categories of the project were never loaded."""
    try:
        return RawProfiles()
    except ReferenceMissing as error:
        raise CommandError(str(error.detail)) from error


@contextlib.contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    stream, raw = open_counted(path)
    with raw, io.TextIOWrapper(cast("io.BufferedReader", stream), encoding="utf-8", newline="") as text:
        yield text


def read_pair_file(path: Path) -> list[LabelledPair]:
    """Pairs of a CSV file, gzipped or not.

    :raises CommandError: it cannot be read, or holds none.
    """
    try:
        with _text(path) as lines:
            pairs = list(read_pairs(lines))
    except (*_UNREADABLE, MalformedPairs) as error:
        raise CommandError(f"{path}: {_why(error)}") from error
    if not pairs:
        raise CommandError(f"{path}: no pairs, only the header")
    return pairs


def _read_records(paths: Iterable[Path], wanted: set[str]) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for path in paths:
        number = 0
        try:
            with _text(path) as lines:
                for line in lines:
                    number += 1
                    if not line.strip():
                        continue
                    record = json.loads(line)
                    for reference in {reference_of(record), str(record.get("id") or "")} & wanted:
                        found[reference] = record
        except _UNREADABLE as error:
            raise CommandError(f"{path}: {_why(error)}") from error
        except (ValueError, AttributeError) as error:
            raise CommandError(f"{path}, line {number}: not a JSON object") from error
    return found
