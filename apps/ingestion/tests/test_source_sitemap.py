"""Site maps, and the pages they list."""

from __future__ import annotations

import datetime as dt
import gzip
from typing import Any

import pytest

from apps.ingestion.sources import PageUnavailable, UnreadableRow, sitemap
from apps.ingestion.sources.recipes import SitemapRecipe, read_recipe
from apps.ingestion.sources.sitemap import Listed, list_pages, read_site
from apps.ingestion.tests.saved_pages import SITE, SavedPages, split

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
HOTEL = '<div itemscope itemtype="https://schema.org/Hotel"><b itemprop="name">{0}</b><i itemprop="telephone">67700000{0}</i></div>'


def urls(*entries: str) -> str:
    return f"{HEAD}<urlset {XMLNS}>{''.join(f'<url><loc>{SITE}{one}</loc></url>' for one in entries)}</urlset>"


def index(*entries: str) -> str:
    return f"{HEAD}<sitemapindex {XMLNS}>{''.join(f'<sitemap><loc>{SITE}{one}</loc></sitemap>' for one in entries)}</sitemapindex>"


def recipe(**members: Any) -> SitemapRecipe:
    made = read_recipe("sitemap", members)
    assert isinstance(made, SitemapRecipe)
    return made


def test_it_works() -> None:
    fetch = SavedPages({
        "/sitemap.xml": index("/a.xml.gz", "/b.xml"),
        "/a.xml.gz": gzip.compress(urls("/hotel/1", "/hotel/2", "/about").encode()),
        "/b.xml": urls("/hotel/2", "/hotel/gone", "/hotel/private"),
        "/hotel/1": HOTEL.format(1), "/hotel/2": HOTEL.format(2),
    })  # fmt: skip
    rows, unreadable = split(read_site(f"{SITE}/sitemap.xml", recipe(include=["*/hotel/*"], exclude=["*private"]), fetch))
    assert [row["name"] for row in rows] == ["1", "2"]
    assert unreadable == [UnreadableRow("http_404", "", f"{SITE}/hotel/gone")]
    assert "/about" not in fetch.asked


def test_the_day_of_change_is_told() -> None:
    first, second = (f"<url><loc> {SITE}/{n} </loc><lastmod>{day}</lastmod></url>" for n, day in ((1, "2026-11-01"), (2, "soon")))
    body = f"{HEAD}<urlset {XMLNS}>{first}{second}</urlset>"
    assert list(list_pages(f"{SITE}/m.xml", SavedPages({"/m.xml": body}))) == [
        Listed(f"{SITE}/1", dt.datetime(2026, 11, 1, tzinfo=dt.UTC)),
        Listed(f"{SITE}/2", None),
    ]


def test_pages_read_by_selectors() -> None:
    made = recipe(css={"block": "main", "fields": {"name": "h1"}, "constants": {"category": "hôtel"}}, constants={"city": "Kribi"})
    fetch = SavedPages({"/m.xml": urls("/1"), "/1": "<main><h1>Exemple</h1></main>"})
    assert list(read_site(f"{SITE}/m.xml", made, fetch)) == [
        {"name": "Exemple", "city": "Kribi", "category": "hôtel", "source_url": f"{SITE}/1"}
    ]


def test_a_plain_list() -> None:
    fetch = SavedPages({"/m.txt": f"{SITE}/1\n\nnot an address\n{SITE}/2\n"})
    assert [one.url for one in list_pages(f"{SITE}/m.txt", fetch) if isinstance(one, Listed)] == [f"{SITE}/1", f"{SITE}/2"]


def test_pages_of_other_sites_are_left_out() -> None:
    body = f"{HEAD}<urlset {XMLNS}><url><loc>https://169.254.169.254/</loc></url><url><loc>file:///etc/passwd</loc></url></urlset>"
    assert list(list_pages(f"{SITE}/m.xml", SavedPages({"/m.xml": body}))) == []


def test_maps_in_a_circle_end() -> None:
    fetch = SavedPages({"/m.xml": index("/n.xml", "/m.xml"), "/n.xml": index("/m.xml", "/o.xml"), "/o.xml": index("/p.xml")})
    assert [type(one) for one in list_pages(f"{SITE}/m.xml", fetch)] == [UnreadableRow]
    assert fetch.asked == ["/m.xml", "/n.xml", "/o.xml"]


def test_no_more_pages_than_the_recipe_allows() -> None:
    fetch = SavedPages({"/m.xml": urls(*[f"/{n}" for n in range(10)]), **{f"/{n}": HOTEL.format(n) for n in range(10)}})
    assert len(list(read_site(f"{SITE}/m.xml", recipe(pages_max=3), fetch))) == 3


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "body",
    [
        f'{HEAD}<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><urlset {XMLNS}><url><loc>{SITE}/&l9;</loc></url></urlset>',
        f'{HEAD}<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><urlset {XMLNS}><url><loc>{SITE}/&f;</loc></url></urlset>',
        f"{HEAD}<urlset>" + "<a>" * 5000,
        "<" * 1000,
        "<html><body>Not found</body></html>",
        "\x00",
        "",
        b"\x1f\x8b damaged",
        gzip.compress(b"<urlset>" * 100, mtime=0)[:-9],
    ],
)
def test_a_poisoned_map_stops_nothing(body: str | bytes) -> None:
    for one in list_pages(f"{SITE}/m.xml", SavedPages({"/m.xml": body})):
        assert isinstance(one, UnreadableRow) or "root:" not in one.url


def test_a_map_that_unpacks_without_bound_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "UNPACKED_MAX", 1000)
    fetch = SavedPages({"/m.xml": gzip.compress(urls(*[f"/{n}" for n in range(1000)]).encode())})
    listed = list(list_pages(f"{SITE}/m.xml", fetch))
    assert len(listed) < 20
    assert isinstance(listed[-1], UnreadableRow)


def test_without_a_map_there_is_nothing() -> None:
    with pytest.raises(PageUnavailable):
        list(list_pages(f"{SITE}/m.xml", SavedPages({})))
