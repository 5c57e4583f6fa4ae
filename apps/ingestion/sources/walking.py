"""From a first page to the ones that follow it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol
from urllib.parse import urldefrag, urljoin

from selectolax.lexbor import LexborHTMLParser

from apps.ingestion.sources.pages import Fetch, Page, PageUnavailable, is_same_site
from apps.ingestion.sources.rows import UnreadableRow


class Walk(Protocol):
    """What of a recipe says where to go on."""

    @property
    def next_page(self) -> str | None:
        """Selector of the link to the next page."""
        ...

    @property
    def pages_max(self) -> int:
        """How many pages at most."""
        ...


def walk(start: str, recipe: Walk, fetch: Fetch) -> Iterator[Page | UnreadableRow]:
    """The first page and those that follow, of the same site, each once. A later page that is missing ends the walk as unreadable.

    :raises PageUnavailable: there is no first page.
    """
    seen: set[str] = set()
    url: str | None = start
    while url is not None and len(seen) < recipe.pages_max:
        seen.add(url)
        try:
            page = fetch(url)
        except PageUnavailable as error:
            if url == start or not error.is_final:
                raise
            yield UnreadableRow(error.reason, error.detail[:120], url)
            return
        if not is_same_site(page.url, start):
            yield UnreadableRow("other_site", page.url[:120], url)
            return
        yield page
        url = following(page, recipe.next_page)
        if url is not None and (url in seen or not is_same_site(url, start)):
            return


def following(page: Page, selector: str | None) -> str | None:
    """Where the link to the next page leads."""
    if selector is None:
        return None
    link = LexborHTMLParser(page.text).css_first(selector)
    reference = (link.attributes.get("href") or "").strip() if link is not None else ""
    if not reference or reference.startswith(("#", "javascript:")):
        return None
    try:
        return urldefrag(urljoin(page.url, reference)).url
    except ValueError:
        return None
