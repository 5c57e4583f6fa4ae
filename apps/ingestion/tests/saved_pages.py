"""Pages that a test wrote, as readers get them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from apps.ingestion.sources import Page, PageUnavailable, Rows, UnreadableRow
from apps.ingestion.sources.pages import HTML

SITE = "https://annuaire.example"


class SavedPages:
    """A `Fetch` over a table of addresses; remembers what was asked."""

    def __init__(self, pages: Mapping[str, str | bytes], *, content_type: str = "text/html; charset=utf-8") -> None:
        self._pages = {f"{SITE}{path}": body.encode() if isinstance(body, str) else body for path, body in pages.items()}
        self._content_type = content_type
        self.asked: list[str] = []

    def __call__(self, url: str, *, accept: str = HTML, changed_at: dt.datetime | None = None) -> Page:  # noqa: ARG002  the protocol's
        """The page. :raises PageUnavailable: not in the table."""
        self.asked.append(url.removeprefix(SITE))
        if url not in self._pages:
            raise PageUnavailable(url, "http_404")
        return Page(url, self._pages[url], self._content_type)


def page(body: str | bytes, *, content_type: str = "text/html; charset=utf-8") -> Page:
    """One page of the site."""
    return Page(f"{SITE}/page", body.encode() if isinstance(body, str) else body, content_type)


def split(rows: Rows) -> tuple[list[dict[str, Any]], list[UnreadableRow]]:
    """What was read, and what could not be."""
    every = list(rows)
    return [row for row in every if isinstance(row, dict)], [row for row in every if isinstance(row, UnreadableRow)]
