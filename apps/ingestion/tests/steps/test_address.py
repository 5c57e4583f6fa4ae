"""Addresses taken apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.ingestion.steps import Cleaned

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "line", "landmark", "po_box", "phones"),
    [
        ("12 rue Joffre", "12 rue Joffre", "", "", ()),
        ("37 - 39 rue Joffre (RD976)", "37 - 39 rue Joffre (RD976)", "", "", ()),
        ("BP 1234 Douala", "", "", "BP 1234 Douala", ()),
        ("B.P. 12, Rue Joffre", "Rue Joffre", "", "BP 12", ()),
        ("P.O. Box 63 Buea, Molyko", "Molyko", "", "BP 63 Buea", ()),
        ("Boîte postale : 4048 face mairie", "", "face mairie", "BP 4048", ()),
        ("face à la poste", "", "face à la poste", "", ()),
        ("Rue Joffre, à côté de la BGFI Bank", "Rue Joffre", "à côté de la BGFI Bank", "", ()),
        ("Rue Joffre face pharmacie", "Rue Joffre", "face pharmacie", "", ()),
        ("Derrière le stade, Carrefour Total", "", "Derrière le stade, Carrefour Total", "", ()),
        ("opposite Total filling station", "", "opposite Total filling station", "", ()),
        ("Mile 2, near the beach", "Mile 2", "near the beach", "", ()),
        ("300m après USINE DES EAUX", "", "300m après USINE DES EAUX", "", ()),
        ("entrée Lycée", "", "entrée Lycée", "", ()),
        ("Avenue du 20 Mai", "Avenue du 20 Mai", "", "", ()),
        ("Surface commerciale B", "Surface commerciale B", "", "", ()),
        ("699 98 82 36", "", "", "", ("+237699988236",)),
        ("Siantou Supérieur699 83 81 06", "Siantou Supérieur", "", "", ("+237699838106",)),
        ("Face Légion, Tél : 677 89 57 58 / 222 24 14 16", "", "Face Légion", "", ("+237677895758", "+237222241416")),
        (":", "", "", "", ()),
        ("Cameroun", "", "", "", ()),
    ],
)
def test_it_works(place: Callable[..., Cleaned], text: str, line: str, landmark: str, po_box: str, phones: tuple[str, ...]) -> None:
    record = place(address=text).record
    assert (record.address_line1, record.landmark, record.po_box, record.phones) == (line, landmark, po_box, phones)


def test_what_is_the_town_or_the_quarter_is_no_address(place: Callable[..., Cleaned]) -> None:
    record = place(city="Yaoundé", address="MONTESQUIEU COLLEGE - MVOG ADA, Yaoundé").record
    assert record.address_line1 == "MONTESQUIEU COLLEGE"
    assert (bool(record.quarter_id), record.is_quarter_guessed) == (True, False)


def test_members_of_their_own_come_before_what_the_line_says(place: Callable[..., Cleaned]) -> None:
    record = place(address="BP 1 face mairie", po_box="BP 7 Kribi", landmark="au port", address_line2="Étage 2").record
    assert (record.po_box, record.landmark, record.address_line1) == ("BP 7 Kribi", "au port", "Étage 2")
