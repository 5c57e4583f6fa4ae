"""Workbooks (.xlsx), read as a stream: values as they were saved, formulas never evaluated, every size bounded before it is believed.

openpyxl keeps the elements of what it reads in memory, so that a small file can hold more than a worker has. Therefore the archive
is looked through first: what it unpacks to, how far, whether its XML is plain, and how large its rows are.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import IO, Any, Final

from openpyxl import load_workbook

PARTS_MAX, UNPACKED_MAX, RATIO_MAX = 2_000, 200_000_000, 100
# Below this nobody minds how well a part was packed.
RATIO_FROM = 1_000_000
# Of one row, and of a part outside of rows (texts that cells share stand there): each element takes sixteen times its bytes in memory.
ROW_MAX_BYTES, AROUND_MAX_BYTES = 1_000_000, 32_000_000
# What Excel itself can hold, empty rows included; so many of them may say something.
SHEET_ROWS_MAX, ROWS_MAX, COLUMNS_MAX, CELL_MAX = 1_048_576, 200_000, 100, 32_767
_BLOCK, _OVERLAP = 1 << 18, 4096
_ROW_TAG: Final = re.compile(rb"<(/?)(?:[A-Za-z_][\w.-]{0,30}:)?row(?=[\s>/])([^<>]{0,2000})>")
# Errors that a formula left.
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!", "#CALC!"})


class WorkbookRefused(Exception):
    """A stable word, and what was found."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


def read_workbook(stream: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Rows of the first sheet that is shown, with their numbers there; blank ones are left out. A formula gives what it last gave.

    :raises WorkbookRefused: it is none, or too large; rows before the place where that shows were given.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            _look_through(archive)
        stream.seek(0)
        with warnings.catch_warnings():
            # It warns about parts of a workbook that it does not know, which are none of our business.
            warnings.simplefilter("ignore")
            yield from _rows(stream)
    except WorkbookRefused:
        raise
    except zipfile.BadZipFile as error:
        raise WorkbookRefused("not_a_workbook", str(error)[:120]) from error
    except (OSError, MemoryError):
        raise
    except Exception as error:  # a part that is not as openpyxl expects it makes it raise whatever it stumbles over
        raise WorkbookRefused("not_a_workbook", f"{type(error).__name__}: {error}"[:120]) from error


def _look_through(archive: zipfile.ZipFile) -> None:
    """Refuse what unpacks to more than we hold. A part never gives more bytes than its entry says: zipfile stops there."""
    parts = archive.infolist()
    if len(parts) > PARTS_MAX:
        raise WorkbookRefused("workbook_too_large", f"{len(parts)} parts")
    if (unpacked := sum(part.file_size for part in parts)) > UNPACKED_MAX:
        raise WorkbookRefused("workbook_too_large", f"{unpacked} > {UNPACKED_MAX} bytes")
    for part in parts:
        if part.file_size > RATIO_FROM and part.file_size > RATIO_MAX * max(1, part.compress_size):
            raise WorkbookRefused("workbook_packed_too_well", f"{part.file_size // max(1, part.compress_size)}:1 > {RATIO_MAX}:1")
        if part.filename.lower().endswith((".xml", ".rels")):
            with archive.open(part) as body:
                _look_through_part(body)


def _look_through_part(body: IO[bytes]) -> None:
    """XML without declarations, in a form of ASCII, whose rows and the rest around them are small enough to be held as elements."""
    known, seen, row_begun, in_rows, rows = b"", 0, -1, 0, 0
    while block := body.read(_BLOCK):
        text = known + block
        offset = seen - len(known)
        if b"\x00" in block:
            raise WorkbookRefused("workbook_not_plain", "UTF-16")
        if b"<!" in text:
            raise WorkbookRefused("workbook_not_plain", "<!")
        done = 0
        for tag in _ROW_TAG.finditer(text):
            done = tag.end()
            if tag[1]:
                if row_begun >= 0:
                    in_rows += _row_size(row_begun, offset + tag.end())
                row_begun = -1
            else:
                rows += 1
                if row_begun >= 0:
                    raise WorkbookRefused("not_a_workbook", "row in a row")
                if not tag[2].endswith(b"/"):
                    row_begun = offset + tag.start()
        seen += len(block)
        if row_begun >= 0:
            _row_size(row_begun, seen)
        if rows > SHEET_ROWS_MAX:
            raise WorkbookRefused("too_many_rows", f"> {SHEET_ROWS_MAX}")
        if seen - in_rows - (seen - row_begun if row_begun >= 0 else 0) > AROUND_MAX_BYTES:
            raise WorkbookRefused("workbook_too_large", f"> {AROUND_MAX_BYTES} bytes outside of rows")
        # A tag may be cut by the end of a block.
        known = text[max(done, len(text) - _OVERLAP) :]


def _row_size(begun: int, end: int) -> int:
    if end - begun > ROW_MAX_BYTES:
        raise WorkbookRefused("row_too_large", f"> {ROW_MAX_BYTES} bytes")
    return end - begun


def _rows(stream: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    try:
        sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
        if sheet is None:
            raise WorkbookRefused("not_a_workbook", "no sheet")
        count = length = 0
        for number, cells in enumerate(sheet.iter_rows(max_row=SHEET_ROWS_MAX, max_col=COLUMNS_MAX, values_only=True), start=1):
            if cells.count(None) == len(cells) or not any(values := [_text(cell) for cell in cells]):
                continue
            count += 1
            # Texts that cells share are many times as long when each cell has its own.
            length += sum(map(len, values))
            if count > ROWS_MAX + 1:
                raise WorkbookRefused("too_many_rows", f"> {ROWS_MAX}")
            if length > UNPACKED_MAX:
                raise WorkbookRefused("workbook_too_large", f"> {UNPACKED_MAX} characters")
            while values and not values[-1]:
                values.pop()
            yield number, values
    finally:
        book.close()


def _text(value: Any) -> str:
    """As people write it: a telephone that a sheet took for a number has no decimals, hours no seconds."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value in _ERRORS else value[:CELL_MAX].strip()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    return value.isoformat("minutes") if isinstance(value, dt.time) else str(value)[:CELL_MAX]
