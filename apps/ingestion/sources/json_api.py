"""A JSON API that lists entries, answer after answer."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import msgspec

from apps.ingestion.sources.pages import Fetch, Page, PageUnavailable, is_same_site
from apps.ingestion.sources.recipes import JsonApiRecipe, completed
from apps.ingestion.sources.rows import ROWS_MAX, Rows, UnreadableRow, shortened

JSON = "application/json"


def read_api(start: str, recipe: JsonApiRecipe, fetch: Fetch) -> Rows:
    """Rows of all answers. :raises PageUnavailable: there is no first one."""
    url: str | None = start if recipe.page_parameter is None else _numbered(start, recipe.page_parameter, recipe.first_page)
    seen: set[str] = set()
    while url is not None and url not in seen and len(seen) < recipe.pages_max:
        seen.add(url)
        try:
            page = fetch(url, accept=JSON)
        except PageUnavailable as error:
            if len(seen) == 1 or not error.is_final:
                raise
            yield UnreadableRow(error.reason, error.detail[:120], url)
            return
        count = 0
        for row in read_answer(page, recipe):
            count += not isinstance(row, UnreadableRow)
            yield row
        url = _next(page, recipe, number=recipe.first_page + len(seen), is_empty=count == 0, start=start)


def read_answer(page: Page, recipe: JsonApiRecipe) -> Rows:
    """Rows of one answer."""
    try:
        document = msgspec.json.decode(page.body)
        items = at_path(document, recipe.items)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield UnreadableRow("not_json", str(error)[:120], page.url)
        return
    if not isinstance(items, list):
        yield UnreadableRow("no_list", recipe.items or type(items).__name__, page.url)
        return
    for item in items[:ROWS_MAX]:
        if isinstance(item, dict):
            row = {name: _plain(at_path(item, path)) for name, path in recipe.fields.items()}
            yield completed({name: value for name, value in row.items() if value not in (None, "")}, recipe, page_url=page.url)
        else:
            yield UnreadableRow("not_an_object", type(item).__name__, page.url)
    if len(items) > ROWS_MAX:
        yield UnreadableRow("too_many_rows", str(len(items)), page.url)


def at_path(value: Any, path: str) -> Any:
    """What stands at `address.city` or `phones.0`; None when nothing does."""
    for part in filter(None, path.split(".")):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.lstrip("-").isdecimal() and -len(value) <= int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _plain(value: Any) -> Any:
    """A text or number as it is; a list of them joined; anything else as JSON text."""
    if isinstance(value, str):
        return shortened(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return shortened("; ".join(map(str, value)))
    return shortened(json.dumps(value, ensure_ascii=False))


def _next(page: Page, recipe: JsonApiRecipe, *, number: int, is_empty: bool, start: str) -> str | None:
    if is_empty:
        return None
    if recipe.page_parameter is not None:
        return _numbered(start, recipe.page_parameter, number)
    reference = at_path(msgspec.json.decode(page.body), recipe.next) if recipe.next else None
    if not isinstance(reference, str) or not reference:
        return None
    try:
        url = urljoin(page.url, reference)
    except ValueError:
        return None
    return url if is_same_site(url, start) else None


def _numbered(url: str, parameter: str, number: int) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != parameter]
    return urlunsplit(parts._replace(query=urlencode([*query, (parameter, str(number))])))
