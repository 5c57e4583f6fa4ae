"""E-mail addresses and web sites."""

from __future__ import annotations

import pytest

from apps.ingestion.steps import contacts
from apps.ingestion.steps.notes import Notes


@pytest.mark.parametrize(
    ("text", "found", "codes"),
    [
        ("info@hotel.cm", "info@hotel.cm", []),
        ("ELITE@YAHOO.FR", "ELITE@yahoo.fr", []),
        ("mailto:info@hotel.cm?subject=x", "info@hotel.cm", []),
        ("nom (at) site.cm", "nom@site.cm", []),
        ("nom [arobase] site [point] cm", "nom@site.cm", []),
        ("ecolecasadelchico @ gmail.com.", "ecolecasadelchico@gmail.com", []),
        ("<Info> info@hotel.cm", "info@hotel.cm", []),
        ("a@x.cm / b@y.cm", "a@x.cm", ["email_further"]),
        ("mauvais@, bon@x.cm", "bon@x.cm", ["email_invalid"]),
        ("pas une adresse", "", ["email_invalid"]),
        ("contact@example.com", "", ["email_placeholder"]),
        ("", "", []),
    ],
)
def test_it_works(text: str, found: str, codes: list[str]) -> None:
    notes = Notes()
    assert contacts.read_email(text, notes) == found
    assert [warning.code for warning in notes.warnings] == codes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://www.hotel.cm/chambres?id=3", "https://www.hotel.cm/chambres?id=3"),
        ("HTTP://Hotel.CM/", "http://hotel.cm"),
        ("www.hotel.cm", "http://www.hotel.cm"),
        ("http:/hotel.cm", "http://hotel.cm"),
        ("http//hotel.cm", "http://hotel.cm"),
        ("facebook.com/hotel.douala", "http://facebook.com/hotel.douala"),
        ("https://hotel.cm:443/a?utm_source=x&p=1&fbclid=y#top", "https://hotel.cm/a?p=1"),
        ("voir www.hotel.cm; www.autre.cm", "http://www.hotel.cm"),
        ("https://hotel.cm/a?session=" + "x" * 300, "https://hotel.cm/a"),
        ("javascript:alert(1)", ""),
        ("ftp://hotel.cm", ""),
        ("http://localhost/", ""),
        ("http://192.168.0.1/", ""),
        ("http://user:pass@hotel.cm", ""),
        ("https://example.com", ""),
        ("hotel", ""),
        ("http://", ""),
        ("http://[::1", ""),
    ],
)
def test_a_web_site_can_be_opened(text: str, found: str) -> None:
    notes = Notes()
    assert contacts.read_website(text, notes) == found
    assert [warning.code for warning in notes.warnings] == ([] if found else ["website_invalid"])
    assert contacts.read_website(found, Notes()) == found


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://wa.me/237677987075?text=bonjour", "+237677987075"),
        ("https://api.whatsapp.com/send?phone=237677987075", "+237677987075"),
        ("wa.me/33612132706", "+33612132706"),
        ("https://wa.me/12", ""),
        ("https://hotel.cm", ""),
    ],
)
def test_a_whatsapp_link_is_a_number(url: str, number: str) -> None:
    assert contacts.whatsapp_number(url, "CM") == number
