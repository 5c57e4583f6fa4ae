"""How numbers, money, dates, hours and phones are written in both languages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils import translation

from apps.core.money import format_xaf
from apps.core.templatetags import eco

DOUALA = dt.timezone(dt.timedelta(hours=1))


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [(None, "", ""), (0, "0", "0"), (999, "999", "999"), (12480, "12\u202f480", "12,480"), (1234.5, "1\u202f234,5", "1,234.5")]
    + [(-1500, "-1\u202f500", "-1,500"), (1_000_000, "1\u202f000\u202f000", "1,000,000"), (5.0, "5", "5")],
)
def test_number(value: float | None, french: str, english: str) -> None:
    with translation.override("fr"):
        assert eco.number(value) == french
    with translation.override("en"):
        assert eco.number(value) == english


def test_decimal_keeps_its_digits() -> None:
    with translation.override("fr"):
        assert [eco.decimal(4.7), eco.decimal(5), eco.decimal(4.256, 2), eco.decimal(None)] == ["4,7", "5,0", "4,26", ""]
    with translation.override("en"):
        assert eco.decimal(4.7) == "4.7"


def test_money_has_spaces_that_do_not_break() -> None:
    with translation.override("fr"):
        assert eco.money_xaf(5000) == "5\u202f000\u202fF\u202fCFA"
        assert format_xaf(5000, nbsp="\u00a0") == "5\u00a0000\u00a0F\u00a0CFA"
        assert eco.money_xaf(None) == ""
    with translation.override("en"):
        assert eco.money_xaf(1_250_000) == "1,250,000\u202fF\u202fCFA"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+237670000000", "6 70 00 00 00"),
        ("+237233420000", "2 33 42 00 00"),
        ("+33142685300", "+33 1 42 68 53 00"),
        ("117", "117"),
        ("pas un numéro", "pas un numéro"),
        ("", ""),
        (None, ""),
    ],
)
def test_phone_is_grouped_as_people_read_it(stored: str | None, shown: str) -> None:
    assert eco.phone_national(stored) == shown.replace(" ", "\u00a0" if shown[:1] in "+26" else " ")


@pytest.mark.parametrize(
    ("metres", "french", "english"),
    [(None, "", ""), (7, "7 m", "7 m"), (434, "430 m", "430 m"), (999.4, "1000 m", "1000 m"), (1120, "1,1 km", "1.1 km")]
    + [(2000, "2 km", "2 km"), (12_400, "12 km", "12 km"), (1_234_000, "1\u202f234 km", "1,234 km")],
)
def test_distance(metres: float | None, french: str, english: str) -> None:
    with translation.override("fr"):
        assert eco.distance(metres) == french.replace(" ", "\u00a0")
    with translation.override("en"):
        assert eco.distance(metres) == english.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        ("11:00", "11\u00a0h", "11:00"),
        ("08:30", "8\u00a0h\u00a030", "08:30"),
        ("00:00", "minuit", None),
        ("24:00", "minuit", None),
        (dt.time(18, 5), "18\u00a0h\u00a005", "18:05"),
        (dt.datetime(2026, 11, 22, 21, 0, tzinfo=dt.UTC), "22\u00a0h", "22:00"),
        (None, "", ""),
        ("", "", ""),
    ],
)
def test_hour(value: str | dt.time | dt.datetime | None, french: str, english: str | None) -> None:
    with translation.override("fr"):
        assert eco.hour(value) == french
    if english is not None:
        with translation.override("en"):
            assert eco.hour(value) == english


def test_date_reads_what_the_api_writes() -> None:
    with translation.override("fr"):
        assert eco.date_short("2026-11-22") == "22\u00a0nov.\u00a02026"
        assert eco.date_short("2026-11-22T23:30:00Z") == "23\u00a0nov.\u00a02026"
        assert eco.date_short(dt.datetime(2026, 2, 3, 12, 0, tzinfo=DOUALA)) == "3\u00a0fév.\u00a02026"
        assert eco.date_short("bientôt") == eco.date_short(None) == ""
    with translation.override("en"):
        assert eco.date_short(dt.date(2026, 11, 22)) == "22\u00a0Nov\u00a02026"


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [(0, "0 o", "0 B"), (999, "999 o", "999 B"), (390_000, "390 Ko", "390 kB"), (2_400_000, "2,4 Mo", "2.4 MB")]
    + [(999_999, "1,0 Mo", "1.0 MB"), (25_000_000, "25 Mo", "25 MB"), (3_000_000_000, "3,0 Go", "3.0 GB"), (None, "", "")],
)
def test_bytes_size(size: int | None, french: str, english: str) -> None:
    with translation.override("fr"):
        assert eco.bytes_size(size) == french.replace(" ", "\u00a0")
    with translation.override("en"):
        assert eco.bytes_size(size) == english.replace(" ", "\u00a0")


def test_a_cover_depends_on_the_slug_alone_and_all_faces_are_used() -> None:
    faces = {eco.cover_classes(f"fiche-{n}") for n in range(600)}
    assert eco.cover_classes("saveurs-du-wouri") == eco.cover_classes("saveurs-du-wouri")
    assert faces == {f"cv-{palette} mo-{motif}" for palette in "abcdefg" for motif in range(1, 6)}


def test_an_icon_is_decorative_and_its_name_is_escaped() -> None:
    html = Template("{% load eco %}{% icon name 'mr-2' %}").render(Context({"name": '"><script>'}))
    assert 'class="i mr-2" aria-hidden="true"' in html
    assert "<script>" not in html


def test_a_drawing_that_lucide_does_not_have_becomes_a_tag() -> None:
    fallback = eco.drawing("tag")
    assert eco.drawing("pas-une-icone") == eco.drawing(None) == eco.drawing("../../etc") == fallback
    assert eco.drawing("utensils") != fallback
