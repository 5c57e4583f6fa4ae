"""What reads a file, a page, a site map or a JSON API, one kind a module. Each yields raw rows in the names of the import schema.

Readers know no table and open no connection: they are given `Fetch`, which is polite and checked. What they cannot read they yield as
an `UnreadableRow` and go on; only an address without which there is nothing to read raises `PageUnavailable`.
"""

from apps.ingestion.sources.pages import Fetch, Page, PageUnavailable
from apps.ingestion.sources.rows import Rows, UnreadableRow

__all__ = ["Fetch", "Page", "PageUnavailable", "Rows", "UnreadableRow"]
