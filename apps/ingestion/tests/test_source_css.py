"""Entries found by the selectors of a recipe."""

from __future__ import annotations

import pytest

from apps.ingestion.sources import PageUnavailable, UnreadableRow, css
from apps.ingestion.sources.recipes import CssRecipe, read_recipe
from apps.ingestion.tests.saved_pages import SITE, SavedPages, page, split

LISTING = """<div class="business-item"><h3 class="business-name"> Boulangerie\n  de l’Exemple </h3>
<span class="business-phone">677 00 00 01</span><span class="business-phone">699 00 00 02</span>
<a class="business-website" href="https://exemple.example/">site</a><a class="more" href="/fiche/7">Voir</a>
<span class="rooms">12</span></div>
<div class="business-item"><h3 class="business-name">Garage<b>Exemple</b></h3><a class="call" href="tel:+237677000003">Appeler</a></div>"""
RECIPE = read_recipe(
    "css",
    {
        "block": ".business-item",
        "fields": {
            "name": ".business-name",
            "phone": {"select": ".business-phone, .call", "all": True},
            "website": {"select": ".business-website", "attribute": "href"},
            "source_url": {"select": ".more", "attribute": "href"},
            "extra.rooms": ".rooms",
        },
        "constants": {"city": "Douala"},
        "next_page": "a.next",
    },
)
assert isinstance(RECIPE, CssRecipe)
recipe: CssRecipe = RECIPE


def test_it_works() -> None:
    rows, unreadable = split(css.read_page(page(LISTING), recipe))
    assert unreadable == []
    assert rows == [
        {
            "name": "Boulangerie de l’Exemple", "phone": "677 00 00 01; 699 00 00 02", "website": "https://exemple.example/",
            "source_url": f"{SITE}/fiche/7", "city": "Douala", "extra": {"rooms": "12"},
        },
        {"name": "Garage Exemple", "phone": "Appeler", "source_url": f"{SITE}/page", "city": "Douala"},
    ]  # fmt: skip


def test_an_attribute_of_the_block_itself_and_a_telephone_link() -> None:
    own = read_recipe(
        "css",
        {"block": "li", "fields": {"name": "b", "source_id": {"attribute": "data-id"}, "phone": {"select": "a", "attribute": "href"}}},
    )
    assert isinstance(own, CssRecipe)
    rows, _unreadable = split(css.read_page(page('<li data-id=" 42 "><b>A</b><a href="tel:+237677000003">x</a></li>'), own))
    assert rows == [{"name": "A", "source_id": "42", "phone": "+237677000003", "source_url": f"{SITE}/page"}]


def test_a_page_that_changed_its_form_is_told() -> None:
    assert list(css.read_page(page("<p>Nouveau site</p>"), recipe)) == [UnreadableRow("no_blocks", ".business-item", f"{SITE}/page")]


def test_next_pages_end_in_a_circle_and_where_one_is_missing() -> None:
    fetch = SavedPages({"/1": LISTING + '<a class="next" href="2">', "/2": LISTING + '<a class="next" href="/1">'})
    rows, unreadable = split(css.read_pages(f"{SITE}/1", recipe, fetch))
    assert (len(rows), unreadable, fetch.asked) == (4, [], ["/1", "/2"])
    fetch = SavedPages({"/1": LISTING + '<a class="next" href="/gone">'})
    rows, unreadable = split(css.read_pages(f"{SITE}/1", recipe, fetch))
    assert (len(rows), unreadable) == (2, [UnreadableRow("http_404", "", f"{SITE}/gone")])


def test_without_a_first_page_there_is_nothing() -> None:
    with pytest.raises(PageUnavailable):
        list(css.read_pages(f"{SITE}/none", recipe, SavedPages({})))


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://[", "//[::1"])
def test_links_that_are_none(href: str) -> None:
    rows, _unreadable = split(
        css.read_page(page(f'<div class="business-item"><p class="business-name">A</p><a class="more" href="{href}">'), recipe)
    )
    assert rows == [{"name": "A", "source_url": f"{SITE}/page", "city": "Douala"}]


def test_a_poisoned_page_is_cut_short() -> None:
    rows, unreadable = split(
        css.read_page(page('<i class="business-item"><b class="business-name">' + "x" * 50_000 + "</b></i>" * 1), recipe)
    )
    assert len(rows[0]["name"]) == 10_000
    many = page('<i class="business-item"><b class="business-name">A</b></i>' * 6000)
    rows, unreadable = split(css.read_page(many, recipe))
    assert (len(rows), [one.reason for one in unreadable]) == (5000, ["too_many_rows"])
    rows, _unreadable = split(css.read_page(page("<div class='business-item'>" * 3000), recipe))
    assert len(rows) == 3000


@pytest.mark.parametrize(
    ("body", "content_type", "name"),
    [
        ("Boulangerie “Été”".encode("cp1252"), "text/html", "Boulangerie “Été”"),
        ("Été".encode("latin-1"), "text/html; charset=iso-8859-1", "Été"),
        ("Été".encode(), "text/html", "Été"),
        (b"\xff\xfe" + '<div class="business-item"><b class="business-name">Été</b></div>'.encode("utf-16-le"), "text/html", "Été"),
        (b"\x80\x81\x00A", "text/html; charset=utf-8", None),
        ("Été".encode(), "text/html; charset=nonsense", "Été"),
    ],
)
def test_pages_in_other_encodings(body: bytes, content_type: str, name: str | None) -> None:
    whole = body if body.startswith(b"\xff") else b'<div class="business-item"><b class="business-name">' + body + b"</b></div>"
    rows, _unreadable = split(css.read_page(page(whole, content_type=content_type), recipe))
    assert len(rows) == 1
    assert name is None or rows[0]["name"] == name
