"""From the kind of a source to what reads it."""

from __future__ import annotations

from apps.ingestion.choices import SourceKind
from apps.ingestion.sources import css, json_api, schema_org, sitemap
from apps.ingestion.sources.pages import Fetch, Page
from apps.ingestion.sources.recipes import CssRecipe, JsonApiRecipe, Recipe, SchemaOrgRecipe, SitemapRecipe
from apps.ingestion.sources.rows import Rows, UnreadableRow
from apps.ingestion.sources.sitemap import Listed

# Kinds whose address is a file as a whole; the others are read page by page.
FILE_KINDS = frozenset({SourceKind.FILE, SourceKind.OSM})
PAGE_KINDS = frozenset({SourceKind.SCHEMA_ORG, SourceKind.CSS, SourceKind.SITEMAP, SourceKind.JSON_API})


def read_pages(url: str, recipe: Recipe, fetch: Fetch) -> Rows:
    """Rows of every page. :raises PageUnavailable: the first one is not there, or the site wants to be left alone."""
    match recipe:
        case SchemaOrgRecipe():
            return schema_org.read_pages(url, recipe, fetch)
        case CssRecipe():
            return css.read_pages(url, recipe, fetch)
        case SitemapRecipe():
            return sitemap.read_site(url, recipe, fetch)
        case JsonApiRecipe():
            return json_api.read_api(url, recipe, fetch)
    raise ValueError(f"{type(recipe).__name__} is not read page by page")


def read_one_page(url: str, recipe: Recipe, fetch: Fetch) -> Rows:
    """Rows of one page, for a trial; of a site map the first wanted page. :raises PageUnavailable: it is not there."""
    match recipe:
        case SchemaOrgRecipe():
            return schema_org.read_page(fetch(url), recipe)
        case CssRecipe():
            return css.read_page(fetch(url), recipe)
        case JsonApiRecipe():
            return json_api.read_answer(fetch(url, accept=json_api.JSON), recipe)
        case SitemapRecipe():
            return _read_first_listed(url, recipe, fetch)
    raise ValueError(f"{type(recipe).__name__} is not read page by page")


def _read_first_listed(url: str, recipe: SitemapRecipe, fetch: Fetch) -> Rows:
    for one in sitemap.list_pages(url, fetch):
        if isinstance(one, UnreadableRow):
            yield one
        elif isinstance(one, Listed) and sitemap.is_wanted(one.url, recipe):
            page: Page = fetch(one.url)
            yield from sitemap.read_listed(page, recipe)
            return


def needs_browser(recipe: Recipe) -> tuple[bool, str | None]:
    """Whether pages are opened in a browser, and what it waits for."""
    if isinstance(recipe, SchemaOrgRecipe | CssRecipe | SitemapRecipe):
        return recipe.browser, recipe.wait_for
    return False, None
