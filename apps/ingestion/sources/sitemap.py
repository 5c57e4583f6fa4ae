"""Site maps (https://www.sitemaps.org/protocol.html): their pages, newest words first asked only when something changed."""

from __future__ import annotations

import datetime as dt
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import BytesIO

from lxml import etree

from apps.ingestion.sources import css, schema_org
from apps.ingestion.sources.pages import Fetch, Page, PageUnavailable, is_same_site
from apps.ingestion.sources.recipes import CssRecipe, SitemapRecipe
from apps.ingestion.sources.rows import Rows, UnreadableRow

XML = "application/xml,text/xml;q=0.9,text/plain;q=0.5,*/*;q=0.1"
DEPTH_MAX, FILES_MAX = 3, 50
# The protocol's bounds for one file.
URLS_MAX, UNPACKED_MAX = 50_000, 50_000_000


@dataclass(frozen=True)
class Listed:
    """A page of a site map, and when the site says that it changed."""

    url: str
    changed_at: dt.datetime | None


def read_site(start: str, recipe: SitemapRecipe, fetch: Fetch) -> Rows:
    """Rows of the listed pages. :raises PageUnavailable: there is no site map."""
    count = 0
    for listed in list_pages(start, fetch):
        if isinstance(listed, UnreadableRow):
            yield listed
            continue
        if not is_wanted(listed.url, recipe):
            continue
        if count == recipe.pages_max:
            return
        count += 1
        try:
            page = fetch(listed.url, changed_at=listed.changed_at)
        except PageUnavailable as error:
            if not error.is_final:
                raise
            yield UnreadableRow(error.reason, error.detail[:120], listed.url)
            continue
        if is_same_site(page.url, start):
            yield from read_listed(page, recipe)
        else:
            yield UnreadableRow("other_site", page.url[:120], listed.url)


def read_listed(page: Page, recipe: SitemapRecipe) -> Rows:
    """Rows of one page of the map."""
    if recipe.css is None:
        return schema_org.read_page(page, schema_org.recipe_of(recipe))
    merged: CssRecipe = CssRecipe(
        block=recipe.css.block, fields=recipe.css.fields, constants={**recipe.constants, **recipe.css.constants}, country=recipe.country
    )
    return css.read_page(page, merged)


def is_wanted(url: str, recipe: SitemapRecipe) -> bool:
    """Whether the recipe wants a page that is listed."""
    is_included = not recipe.include or any(fnmatchcase(url, pattern) for pattern in recipe.include)
    return is_included and not any(fnmatchcase(url, pattern) for pattern in recipe.exclude)


def list_pages(start: str, fetch: Fetch) -> Iterator[Listed | UnreadableRow]:
    """Pages of a site map and of those it names, of the same site, each once. :raises PageUnavailable: there is no first one."""
    waiting, read, known = [(start, 1)], set[str](), set[str]()
    while waiting:
        url, depth = waiting.pop(0)
        if url in read:
            continue
        read.add(url)
        try:
            page = fetch(url, accept=XML)
        except PageUnavailable as error:
            if url == start or not error.is_final:
                raise
            yield UnreadableRow(error.reason, error.detail[:120], url)
            continue
        for is_map, listed in _entries(page):
            if isinstance(listed, UnreadableRow):
                yield listed
            elif not is_same_site(listed.url, start):
                continue
            elif not is_map:
                if listed.url not in known:
                    known.add(listed.url)
                    yield listed
            elif depth == DEPTH_MAX or len(read) + len(waiting) >= FILES_MAX:
                yield UnreadableRow("too_many_maps", listed.url[:120], url)
            else:
                waiting.append((listed.url, depth + 1))


def _entries(page: Page) -> Iterator[tuple[bool, Listed | UnreadableRow]]:
    """What one file lists: (whether it is a map itself, its address)."""
    body = _unpacked(page.body)
    if body is None:
        yield False, UnreadableRow("file_damaged", "gzip", page.url)
        return
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        for line in body.decode("utf-8", errors="replace").splitlines()[:URLS_MAX]:
            if line.strip().startswith(("http://", "https://")):
                yield False, Listed(line.strip(), None)
        return
    count, location, changed = 0, "", ""
    try:
        # Entities are not resolved and nothing is loaded: a map is text of strangers.
        for _event, element in etree.iterparse(BytesIO(body), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False):
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name == "loc":
                location = (element.text or "").strip()
            elif name == "lastmod":
                changed = (element.text or "").strip()
            elif name in {"url", "sitemap"}:
                if location:
                    yield name == "sitemap", Listed(location[:2000], _moment(changed))
                    count += 1
                location, changed = "", ""
                element.clear()
            if count == URLS_MAX:
                return
    except etree.XMLSyntaxError as error:
        yield False, UnreadableRow("not_xml", str(error)[:120], page.url)


def _unpacked(body: bytes) -> bytes | None:
    """The file, unpacked when it is gzip, no longer than the protocol allows; None when it is damaged."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as packed:
            return packed.read(UNPACKED_MAX)
    except (OSError, EOFError, zlib.error):
        return None


def _moment(text: str) -> dt.datetime | None:
    """A date of the protocol (W3C), UTC when it has no zone."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
