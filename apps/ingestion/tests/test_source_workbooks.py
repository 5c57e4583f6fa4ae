"""Workbooks: what people save, and what somebody may send instead."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from apps.ingestion.sources import UnreadableRow, workbooks
from apps.ingestion.sources.files import read_file

SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def save(*sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    del book[book.sheetnames[0]]
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Feuille {number}")
        for row in rows:
            sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def with_part(book: bytes, name: str, body: bytes) -> bytes:
    """The same workbook with another part in place of one, or besides."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, body)
    return out.getvalue()


def sheet_of(rows: str) -> bytes:
    head = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return f"{head}{rows}</sheetData></worksheet>".encode()


def inline(*texts: str) -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts) + "</row>"


GOOD = save([["Nom", "Ville"], ["Chez Awa", "Douala"]])


def read(folder: Path, body: bytes, *, columns: dict[str, str] | None = None) -> list[Any]:
    path = folder / "a.xlsx"
    path.write_bytes(body)
    return list(read_file(path, columns=columns))


def reasons(rows: list[Any]) -> list[str]:
    return [row.reason for row in rows if isinstance(row, UnreadableRow)]


def test_it_works(tmp_path: Path) -> None:
    when = dt.datetime(2026, 3, 1)  # noqa: DTZ001  sheets know no zones
    rows: list[list[Any]] = [
        ["Nom", "Tel", "Lat", "Ouverture", "Le", "Vrai"],
        ["Chez Awa", 677000001, 4.05, dt.time(8, 30), when, True],
        [None],
        ["B"],
    ]
    assert read(tmp_path, save(rows)) == [
        {"nom": "Chez Awa", "tel": "677000001", "lat": "4.05", "ouverture": "08:30", "le": "2026-03-01", "vrai": "True"},
        {"nom": "B"},
    ]


def test_a_telephone_in_scientific_notation(tmp_path: Path) -> None:
    rows = inline("nom", "tel") + '<row><c t="inlineStr"><is><t>A</t></is></c><c><v>2.37677000001E11</v></c></row>'
    assert read(tmp_path, with_part(GOOD, SHEET, sheet_of(rows))) == [{"nom": "A", "tel": "237677000001"}]


def test_formulas_are_never_evaluated(tmp_path: Path) -> None:
    """What a formula last gave is a value, even when it is wrong; one that was never calculated gives none; errors are none."""
    rows = (
        inline("nom", "a", "b", "c")
        + '<row><c t="inlineStr"><is><t>A</t></is></c><c><f>1+1</f><v>5</v></c><c><f>WEBSERVICE("http://x")</f></c>'
        + '<c t="e"><f>1/0</f><v>#DIV/0!</v></c><c t="inlineStr"><is><t>=cmd|\' /c calc\'!A0</t></is></c></row>'
    )
    assert read(tmp_path, with_part(GOOD, SHEET, sheet_of(rows))) == [{"nom": "A", "a": "5", "b": "", "c": ""}]


def test_columns_of_the_recipe_and_headers_that_say_little(tmp_path: Path) -> None:
    body = save([[None], ["Enseigne", "Tel", "Tel", None, "x"], ["A", "1", "2", "3", "4"]])
    assert reasons(read(tmp_path, body)) == ["no_column_name"]
    rows = read(tmp_path, body, columns={"name": "ENSEIGNE"})
    assert rows == [{"enseigne": "A", "tel": "1", "tel (3)": "2", "colonne 4": "3", "x": "4", "name": "A"}]


def test_the_first_sheet_that_is_shown(tmp_path: Path) -> None:
    book = Workbook()
    hidden = book[book.sheetnames[0]]
    hidden.append(["caché"])
    hidden.sheet_state = "hidden"
    shown = book.create_sheet("Liste")
    shown.append(["nom"])
    shown.append(["A"])
    packed = io.BytesIO()
    book.active = 1
    book.save(packed)
    assert read(tmp_path, packed.getvalue()) == [{"nom": "A"}]


CELLS = "".join(f"<c><v>{number}</v></c>" for number in range(70_000))
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "not_a_workbook", id="empty"),
        pytest.param(b"\xd0\xcf\x11\xe0" + b"\0" * 600, "not_a_workbook", id="xls-or-password"),
        pytest.param(GOOD[: len(GOOD) // 2], "not_a_workbook", id="cut"),
        pytest.param(with_part(GOOD, SHEET, BOMB), "workbook_not_plain", id="entities"),
        pytest.param(with_part(GOOD, SHEET, OUTSIDE), "workbook_not_plain", id="outside-entity"),
        pytest.param(with_part(GOOD, SHEET, BOMB.decode().encode("utf-16")), "workbook_not_plain", id="entities-in-utf16"),
        pytest.param(with_part(GOOD, SHEET, b"<worksheet><sheetData><row>"), "not_a_workbook", id="xml-cut"),
        pytest.param(with_part(GOOD, SHEET, b"\xff\xfe<<<"), "not_a_workbook", id="no-xml"),
        pytest.param(with_part(GOOD, "xl/workbook.xml", b"<workbook/>"), "not_a_workbook", id="no-sheets"),
        pytest.param(with_part(GOOD, "xl/media/a.bin", b"\0" * 30_000_000), "workbook_packed_too_well", id="zip-bomb"),
        pytest.param(
            with_part(GOOD, SHEET, sheet_of("<row>" + "<row>" * 3)), "not_a_workbook", id="row-in-a-row",
        ),
        pytest.param(with_part(GOOD, SHEET, sheet_of(f"<row>{CELLS}</row>")), "row_too_large", id="wide-row"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_one_unreadable_row(tmp_path: Path, body: bytes, reason: str) -> None:
    assert reasons(read(tmp_path, body)) == [reason]


def test_numbers_that_python_refuses(tmp_path: Path) -> None:
    """5,000 digits: the reading ends there, and says so; nothing is raised."""
    rows = inline("nom", "n") + inline("A") + f"<row><c><v>{'9' * 5000}</v></c></row>"
    found = read(tmp_path, with_part(GOOD, SHEET, sheet_of(rows)))
    assert found[0] == {"nom": "A"}
    assert reasons(found) == ["not_a_workbook"]


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "ROWS_MAX", 3)
    found = read(tmp_path, save([["nom"], *([f"n{number}"] for number in range(5))]))
    assert [row["nom"] for row in found[:-1]] == ["n0", "n1", "n2"]
    assert reasons(found) == ["too_many_rows"]
    wide = read(tmp_path, save([["nom", *(f"c{number}" for number in range(200))], ["A", *range(200)]]))
    assert len(wide[0]) == workbooks.COLUMNS_MAX
    monkeypatch.setattr(workbooks, "UNPACKED_MAX", 100)
    assert reasons(read(tmp_path, GOOD)) == ["workbook_too_large"]


def test_one_long_text_in_every_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells share texts: a megabyte of workbook could stand for gigabytes."""
    monkeypatch.setattr(workbooks, "UNPACKED_MAX", 2_000_000)
    text = "x" * workbooks.CELL_MAX
    found = read(tmp_path, save([["nom"], *([text] for _number in range(100))]))
    assert reasons(found) == ["workbook_too_large"]
    assert len(found) < 70


def test_row_numbers_far_away_and_rows_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = inline("nom") + '<row r="1048576"><c t="inlineStr"><is><t>A</t></is></c></row><row r="999999999999"><c><v>1</v></c></row>'
    assert read(tmp_path, with_part(GOOD, SHEET, sheet_of(rows))) == [{"nom": "A"}]
    monkeypatch.setattr(workbooks, "SHEET_ROWS_MAX", 1000)
    assert reasons(read(tmp_path, with_part(GOOD, SHEET, sheet_of("<row r='1'/>" * 1001)))) == ["too_many_rows"]


def test_elements_outside_of_rows_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "AROUND_MAX_BYTES", 100_000)
    strings = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + b"<si/>" * 60_000 + b"</sst>"
    assert reasons(read(tmp_path, with_part(GOOD, STRINGS, strings))) == ["workbook_too_large"]
    rows = "".join(inline(f"n{number}") for number in range(20_000))
    assert len(read(tmp_path, with_part(GOOD, SHEET, sheet_of(inline("nom") + rows)))) == 20_000


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Four times the rows take hardly more: what is left of one that was read is an empty element."""
    peaks = [peak_of(tmp_path / "a.xlsx", rows) for rows in (1_000, 4_000)]
    assert peaks[1] - peaks[0] < 500_000


def peak_of(path: Path, rows: int) -> int:
    lines = (inline(f"{row}", hashlib.shake_256(str(row).encode()).hexdigest(250)) for row in range(rows))
    path.write_bytes(with_part(GOOD, SHEET, sheet_of(inline("nom", "texte") + "".join(lines))))
    tracemalloc.start()
    assert sum(1 for _row in read_file(path)) == rows
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
