"""Entries that stand as blocks on pages, found by CSS selectors of a recipe."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from apps.ingestion.sources.pages import Fetch, Page
from apps.ingestion.sources.recipes import CssField, CssRecipe, completed
from apps.ingestion.sources.rows import ROWS_MAX, Rows, UnreadableRow, shortened
from apps.ingestion.sources.walking import walk

ADDRESSES = frozenset({"href", "src", "action", "data-href"})


def read_pages(start: str, recipe: CssRecipe, fetch: Fetch) -> Rows:
    """Rows of the first page and those that follow. :raises PageUnavailable: there is no first page."""
    for page in walk(start, recipe, fetch):
        if isinstance(page, Page):
            yield from read_page(page, recipe)
        else:
            yield page


def read_page(page: Page, recipe: CssRecipe) -> Rows:
    """Rows of one page, one a block; a page without any is unreadable: the site may have changed its form."""
    blocks = LexborHTMLParser(page.text).css(recipe.block)
    if not blocks:
        yield UnreadableRow("no_blocks", recipe.block[:120], page.url)
    for block in blocks[:ROWS_MAX]:
        row = {name: _value(block, part, page.url) for name, part in recipe.fields.items()}
        yield completed({name: value for name, value in row.items() if value}, recipe, page_url=page.url)
    if len(blocks) > ROWS_MAX:
        yield UnreadableRow("too_many_rows", str(len(blocks)), page.url)


def _value(block: LexborNode, part: str | CssField, page_url: str) -> str:
    field = CssField(select=part) if isinstance(part, str) else part
    nodes: list[Any] = block.css(field.select) if field.select else [block]
    found = []
    for node in nodes[: 50 if field.all else 1]:
        if field.attribute:
            text = (node.attributes.get(field.attribute) or "").strip()
            if text and field.attribute in ADDRESSES and not text.startswith(("tel:", "mailto:")):
                text = _joined(page_url, text)
            text = text.removeprefix("tel:").removeprefix("mailto:")
        else:
            text = node.text(separator=" ", strip=True)
        if text := shortened(text):
            found.append(text)
    return field.separator.join(found)


def _joined(page_url: str, reference: str) -> str:
    try:
        address = urljoin(page_url, reference)
    except ValueError:
        return ""
    return address if address.startswith(("http://", "https://")) else ""
