"""Files of labelled pairs and of the records they name, for commands."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO, cast

from django.core.management.base import CommandError

from apps.core.packed_files import open_counted
from apps.ingestion.evaluation import LabelledPair, MalformedPairs, read_pairs, reference_of
from apps.ingestion.selectors.labelled import stored_records

Record = Mapping[str, object]


def known_records(pairs: Sequence[LabelledPair], paths: Iterable[Path]) -> dict[str, Record]:
    """The records of the pairs by reference: given in the pair, else of the files, else stored. Those not known are left out.

    :raises CommandError: a file cannot be read.
    """
    given = {side.ref: side.record for pair in pairs for side in (pair.a, pair.b) if side.record is not None}
    wanted = {side.ref for pair in pairs for side in (pair.a, pair.b)} - given.keys()
    found: dict[str, Record] = {**given, **_read_records(paths, wanted)}
    found.update(stored_records(wanted - found.keys()))
    return found


@contextlib.contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    stream, raw = open_counted(path)
    with raw, io.TextIOWrapper(cast("io.BufferedReader", stream), encoding="utf-8", newline="") as text:
        yield text


def read_pair_file(path: Path) -> list[LabelledPair]:
    """Pairs of a CSV file, gzipped or not.

    :raises CommandError: it cannot be read.
    """
    try:
        with _text(path) as lines:
            return list(read_pairs(lines))
    except (OSError, EOFError, UnicodeDecodeError, MalformedPairs) as error:
        raise CommandError(f"{path}: {error}") from error


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
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise CommandError(f"{path}: {error}") from error
        except (ValueError, AttributeError) as error:
            raise CommandError(f"{path}, line {number}: not a JSON object") from error
    return found
