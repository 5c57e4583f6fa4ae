"""Places that pages declare in JSON-LD or microdata, with the words of https://schema.org/LocalBusiness."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urldefrag, urljoin

import extruct

from apps.ingestion.sources.pages import Fetch, Page
from apps.ingestion.sources.recipes import Recipe, SchemaOrgRecipe, SitemapRecipe, completed
from apps.ingestion.sources.rows import ROWS_MAX, TEXT_MAX, Rows, UnreadableRow, shortened
from apps.ingestion.sources.schema_org_hours import opening_hours
from apps.ingestion.sources.walking import walk

# What has a name and an address without being a place of its own.
NOT_PLACES = frozenset({
    "Person", "PostalAddress", "Event", "Product", "Offer", "Article", "NewsArticle", "BlogPosting", "WebSite", "WebPage", "WebApplication",
    "Review", "Country", "City", "State", "AdministrativeArea", "JobPosting", "ImageObject", "Brand", "BreadcrumbList", "ItemList",
})  # fmt: skip
# A place is known by one of these beside its name.
SIGNS = ("address", "geo", "telephone", "openingHours", "openingHoursSpecification", "hasMap")
# Members in which places stand inside other things.
INSIDE = (
    "@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "location", "about", "containsPlace", "department",
    "subOrganization", "branchOf", "hasPart",
)  # fmt: skip
DEPTH_MAX = 8
KEPT = ("priceRange", "servesCuisine", "paymentAccepted", "currenciesAccepted", "foundingDate", "legalName", "alternateName", "starRating")
ID_MAX = 200


def read_pages(start: str, recipe: SchemaOrgRecipe, fetch: Fetch) -> Rows:
    """Rows of the first page and those that follow. :raises PageUnavailable: there is no first page."""
    for page in walk(start, recipe, fetch):
        if isinstance(page, Page):
            yield from read_page(page, recipe)
        else:
            yield page


def recipe_of(recipe: SitemapRecipe) -> SchemaOrgRecipe:
    """The part of a site map's recipe that says how its pages are read."""
    return SchemaOrgRecipe(types=recipe.types, constants=recipe.constants, country=recipe.country)


def read_page(page: Page, recipe: SchemaOrgRecipe) -> Rows:
    """Rows of one page, one a place; a page without any has none."""
    try:
        found = extruct.extract(page.text, base_url=page.url, syntaxes=["json-ld", "microdata"], uniform=True, errors="ignore")
        nodes = list(_places(found, recipe.types))
    except (ValueError, TypeError, RecursionError) as error:
        # What a page says may be anything; extruct raises what its parsers do.
        yield UnreadableRow("page_damaged", f"{type(error).__name__}: {error}"[:120], page.url)
        return
    for node in nodes[:ROWS_MAX]:
        yield _row(node, page, recipe, is_alone=len(nodes) == 1)
    if len(nodes) > ROWS_MAX:
        yield UnreadableRow("too_many_rows", str(len(nodes)), page.url)


def _places(found: dict[str, Any], types: list[str]) -> Iterator[dict[str, Any]]:
    known: set[str] = set()
    for node in _nodes([found.get("json-ld"), found.get("microdata")], 0):
        mine = _types(node)
        name = _text(node.get("name"))
        is_wanted = bool(mine & set(types)) if types else not mine & NOT_PLACES and any(node.get(sign) for sign in SIGNS)
        # The same place is often declared in both forms.
        key = f"{name.casefold()}|{_text(_first(node.get('telephone')))}|{_text(_address(node).get('streetAddress'))}"
        if name and is_wanted and key not in known:
            known.add(key)
            yield node


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > DEPTH_MAX:
        return
    if isinstance(value, list):
        for one in value:
            yield from _nodes(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in INSIDE:
            if name in value:
                yield from _nodes(value[name], depth + 1)


def _row(node: dict[str, Any], page: Page, recipe: Recipe, *, is_alone: bool) -> dict[str, Any]:
    address, geo = _address(node), _object(node.get("geo"))
    url = _url(node.get("url"), page.url)
    row = {
        "source_id": _identity(node, page, url, is_alone=is_alone),
        "name": _text(node.get("name")),
        "description": _text(node.get("description")),
        "category": ", ".join(sorted(_types(node) - {"LocalBusiness", "Organization", "Place"})) or _text(node.get("category")),
        "lat": geo.get("latitude") or node.get("latitude"),
        "lon": geo.get("longitude") or node.get("longitude"),
        "address": _text(address.get("streetAddress")) or _text(node.get("address") if isinstance(node.get("address"), str) else ""),
        "city": _text(address.get("addressLocality")),
        "region": _text(address.get("addressRegion")),
        "phone": _joined(node.get("telephone")) or _joined([one.get("telephone") for one in _objects(node.get("contactPoint"))]),
        "email": _text(_first(node.get("email"))).removeprefix("mailto:"),
        "website": url if url and url != page.url else _url(_first(node.get("sameAs")), page.url),
        "opening_hours": opening_hours(node),
        "po_box": _text(address.get("postOfficeBoxNumber")),
        **{f"extra.{name}": _joined(node.get(name)) for name in KEPT},
    }
    return completed({name: value for name, value in row.items() if value not in (None, "")}, recipe, page_url=page.url)


def _identity(node: dict[str, Any], page: Page, url: str, *, is_alone: bool) -> str:
    """What stays the same at the next reading: its own id, its own page, or its name on this page."""
    own = _text(node.get("@id")) or _text(node.get("identifier"))
    identity = urljoin(page.url, own) if own.startswith(("#", "/")) else own
    if not identity:
        identity = url if url and urldefrag(url).url != urldefrag(page.url).url else page.url
        if not is_alone or not url:
            identity = page.url if is_alone else f"{identity}#{_text(node.get('name'))}"
    if len(identity) <= ID_MAX:
        return identity
    return hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _types(node: dict[str, Any]) -> set[str]:
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return {name.rpartition("/")[2].rpartition("#")[2] for name in names if isinstance(name, str)}


def _address(node: dict[str, Any]) -> dict[str, Any]:
    return _object(node.get("address"))


def _object(value: Any) -> dict[str, Any]:
    return next(iter(_objects(value)), {})


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _first(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def _text(value: Any) -> str:
    """The words of a value: a text, a number, an object's value or name, the first of several."""
    for _step in range(4):
        if isinstance(value, list):
            value = _first(value)
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("name") or value.get("@id")
        else:
            break
    return shortened(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _joined(value: Any) -> str:
    texts = [_text(one) for one in (value if isinstance(value, list) else [value])]
    return "; ".join(dict.fromkeys(filter(None, texts)))[:TEXT_MAX]


def _url(value: Any, page_url: str) -> str:
    reference = _text(value)
    try:
        url = urljoin(page_url, reference) if reference else ""
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) else ""
