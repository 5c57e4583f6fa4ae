"""Decoding and repair of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingestion.steps import text
from apps.ingestion.steps.notes import Notes

# Many suites share the machine: how long drawing takes says nothing.


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Bonjour", "Bonjour"),
        ("  Chez   Marie\n& fils ", "Chez Marie & fils"),
        ("YaoundÃ© 1er", "Yaoundé 1er"),
        ("HÃ´pital Lâ€™Espoir", "Hôpital L’Espoir"),
        ("PrivÃ© LaÃ¯c / LayÂ ", "Privé Laïc / Lay"),
        ("caf√©", "café"),
        ("Marche&amp;amp;amp;apos;B&amp;apos;", "Marche'B'"),
        ("&#233;cole &eacute;t&eacute;", "école été"),
        ("Sante\u0301", "Santé"),
        ("Centre de Santé\u00a0Integre", "Centre de Santé Integre"),
        ("Phar\u200bma\u202ecie\u00ad", "Pharmacie"),
        ("a\u200db", "ab"),
        ("سلام\u200cها", "سلام\u200cها"),
        ("Bar\x00Le\x07Coin", "Bar Le Coin"),
        ("Bar\ud800", "Bar"),
        ("École «L’Excellence» – œuvre", "École «L’Excellence» – œuvre"),
        ("Chez <<Maman>>", "Chez «Maman»"),
        ("AT&T & Co", "AT&T & Co"),
        ("<b>Gras</b> et <script>alert(1)</script>fin", "Gras et fin"),
        ("&lt;script&gt;x()&lt;/script&gt;rien", "rien"),
        ("5 < 6 et 7 > 3", "5 < 6 et 7 > 3"),
        ("Inconnu", ""),
        ("\x00n/a ", ""),
    ],
)
def test_it_works(raw: str, clean: str) -> None:
    notes = Notes()
    assert text.read_line(raw, "city", 200, notes) == clean
    assert notes.warnings == []
    assert [(step.name, step.field) for step in notes.steps] == ([("text", "city")] if clean not in {"", raw} else [])


def test_a_description_keeps_its_paragraphs() -> None:
    raw = "<p>Un  hôtel&nbsp;calme.</p><p>Piscine<br>et bar</p>\r\n\r\n\r\n<ul><li>Wi-Fi</li></ul><style>p{}</style>"
    assert text.read_paragraphs(raw, "description", 500, Notes()) == "Un hôtel calme.\nPiscine\net bar\n\nWi-Fi"


def test_a_text_too_long_ends_at_a_word_with_a_warning() -> None:
    notes = Notes()
    assert text.read_paragraphs("mot long " * 20, "description", 30, notes) == "mot long mot long mot long…"
    assert text.read_line("x" * 300, "email", 10, notes) == "x" * 10
    assert [(warning.field, warning.code) for warning in notes.warnings] == [("description", "too_long"), ("email", "too_long")]


@pytest.mark.parametrize(
    ("value", "clean", "codes"),
    [
        (7, "7", []), (4.5, "4.5", []), (["a", "b", 3], "a; b; 3", []), (None, "", []), (True, "", ["wrong_type"]),
        ({"a": 1}, "", ["wrong_type"]), ([["a"]], "", ["wrong_type"]), (10**300, "", ["wrong_type"]),
        ("SAR de Ngaound�r�", "SAR de Ngaound�r�", ["damaged_text"]),
    ],
)  # fmt: skip
def test_other_types_are_text_or_a_reason(value: object, clean: str, codes: list[str]) -> None:
    notes = Notes()
    assert text.read_line(value, "city", 100, notes) == clean
    assert [warning.code for warning in notes.warnings] == codes


@pytest.mark.parametrize(
    ("data", "decoded"),
    [
        ("Santé".encode(), "Santé"),
        ("Santé".encode("utf-8-sig"), "Santé"),
        ("Santé".encode("cp1252"), "Santé"),
        ("Santé".encode("utf-16"), "Santé"),
        (b"\xff\xfe\x00", "�"),
        (b"\x81", "�"),
    ],
)
def test_bytes_without_a_declared_encoding(data: bytes, decoded: str) -> None:
    assert text.decode(data) == decoded


@given(raw=st.text(max_size=60))
def test_repair_is_stable_and_shows_what_it_is(raw: str) -> None:
    clean = text.read_line(raw, "city", 200, Notes())
    assert text.read_line(clean, "city", 200, Notes()) == clean
    assert "\x00" not in clean
    assert "\u202e" not in clean
    assert not text.has_markup(clean)
