"""Display names: what scrapers glued to them comes off, legal forms stay."""

from __future__ import annotations

import pytest

from apps.ingestion.steps import names
from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.record import Refused


def apart(name: str, *, city: str = "", category: str = "pharmacie") -> tuple[str, str, list[str]]:
    """Name, address and phones (or what is wrong with them)."""
    found, rest, mentions = names.take_apart(name, city=city, category=category, country="CM", notes=Notes())
    return found, rest, [mention.number or mention.code for mention in mentions]


@pytest.mark.parametrize(
    ("name", "city", "found"),
    [
        ("Ets Kamga & Fils Sarl", "", ("Ets Kamga & Fils Sarl", "", [])),
        ("PHARMACIE DE MBANGA33 49 16 15Mbanga:", "Mbanga", ("PHARMACIE DE MBANGA", "", ["+237233491615"])),
        ("PHARMACIE DE GAROUA 22 27 24 78 Garoua:", "Garoua", ("PHARMACIE DE GAROUA", "", ["+237222272478"])),
        ("PHARMACIE AIDA 22 28 57 70 BAFIA", "Bafia", ("PHARMACIE AIDA", "", ["+237222285770"])),
        (
            "PHARMACIE EXTREME NORD22 29 12 40Maroua: Quartier Kakatare",
            "Maroua",
            ("PHARMACIE EXTREME NORD", "Quartier Kakatare", ["+237222291240"]),
        ),
        (
            "PHARMACIE NOTRE DAME DES VICTOIRES 243 064 244Douala: Carrefour WILLIAMS ANDEM",
            "Douala",
            ("PHARMACIE NOTRE DAME DES VICTOIRES", "Carrefour WILLIAMS ANDEM", ["+237243064244"]),
        ),
        (
            "PHARMACIE SALVATION 33 32 25 45 Buea: 33 32 30 88",
            "Buea",
            ("PHARMACIE SALVATION", "", ["+237233322545", "+237233323088"]),
        ),
        ("PHARMACIE DE TOUBORO 699 36 92Touboro:", "Touboro", ("PHARMACIE DE TOUBORO", "", ["phone_incomplete"])),
        ("NOBLE PHARMACY 33 05 23 95 Bamenda:", "Bamenda", ("NOBLE PHARMACY", "", ["phone_doubtful"])),
        ("PHARMACIE DE MELONGMelong:", "Melong", ("PHARMACIE DE MELONG", "", [])),
        (
            "Exposition « La Renaissance à Loches : architectures »",
            "Loches",
            ("Exposition « La Renaissance à Loches : architectures »", "", []),
        ),
        ("010PHARMACIE ARC", "Douala", ("PHARMACIE ARC", "", [])),
        ("3D Print 237", "", ("3D Print 237", "", [])),
        ("699 00 00 01", "", ("699 00 00 01", "", [])),
        ("ETOUDI d'", "", ("Pharmacie d'ETOUDI", "", [])),
        ("GRACE de la", "", ("Pharmacie de la GRACE", "", [])),
        ("20 MAI du", "", ("Pharmacie du 20 MAI", "", [])),
        ("PHARMACIE DU", "", ("PHARMACIE DU", "", [])),
        ("7 COLLINES", "", ("7 COLLINES", "", [])),
    ],
)
def test_it_works(name: str, city: str, found: tuple[str, str, list[str]]) -> None:
    assert apart(name, city=city) == found
    assert apart(found[0]) == (found[0], "", [])


def test_an_article_behind_stays_where_it_is_no_pharmacy() -> None:
    assert apart("Chez Paul le", category="restaurant")[0] == "Chez Paul le"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "name_missing"),
        ("", "name_missing"),
        ("---", "name_missing"),
        ("\u200b", "name_missing"),
        ("N/A", "name_missing"),
        ("x" * 201, "name_too_long"),
        ("x" * 5000, "name_too_long"),
        ({"fr": "Bar"}, "name_not_text"),
        ("<img src=x onerror=alert(1)>", "name_has_html"),
        ("Bar</b>", "name_has_html"),
        ("Bar <script", "name_has_html"),
        ("&amp;lt;b&amp;gt;Bar", "name_has_html"),
        ('=HYPERLINK("http://x.cm")', "name_is_formula"),
    ],
)
def test_what_is_no_name_is_refused(value: object, code: str) -> None:
    with pytest.raises(Refused) as refused:
        names.read(value, Notes())
    assert refused.value.reason.code == code


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Marché &amp;amp;apos;B&amp;amp;apos;", "Marché 'B'"),
        ("CENTRE MEDICAL DE NZIOU<<MPUMA NWET>>", "CENTRE MEDICAL DE NZIOU«MPUMA NWET»"),
        (237, "237"),
        ("Bar 5 < 6", "Bar 5 < 6"),
        ("Ecole\u00a0Privée", "Ecole Privée"),
    ],
)
def test_what_is_a_name_is_repaired(value: object, name: str) -> None:
    assert names.read(value, Notes()) == name
