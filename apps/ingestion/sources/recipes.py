"""Recipes: how a source is read, as staff writes them in JSON. Checked when they are saved, each mistake with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from apps.ingestion.choices import SourceKind

FIELDS = frozenset({
    "source_id", "source_url", "name", "name_en", "description", "category", "lat", "lon", "address", "po_box", "quarter", "city", "region",
    "phone", "whatsapp", "email", "website", "opening_hours",
})  # fmt: skip
EXTRA = "extra."
PAGES_MAX = 20_000
Pages = Annotated[int, msgspec.Meta(ge=1, le=PAGES_MAX)]
Selector = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Path = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class RecipeInvalid(Exception):
    """`errors` are (place in the recipe, what is wrong there)."""

    def __init__(self, errors: list[tuple[str, str | Promise]]) -> None:
        super().__init__("; ".join(f"{place}: {said}" for place, said in errors))
        self.errors = errors


class _Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A member that nothing reads is a mistake of spelling."""


class Recipe(_Strict, frozen=True, kw_only=True):
    """What every kind knows. `country` is where positions must lie, `constants` what all rows say, `delay_s` the least pause."""

    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] = "CM"
    constants: dict[str, str] = {}
    delay_s: Annotated[float, msgspec.Meta(ge=0.1, le=120)] | None = None
    # The name of what the site asks us to show, which stands in the environment.
    credential: Annotated[str, msgspec.Meta(pattern="^[A-Z][A-Z0-9_]{0,40}$")] | None = None


class _Walk(Recipe, frozen=True, kw_only=True):
    """Pages that are followed. `browser` opens them in Chromium and waits until `wait_for` is there."""

    next_page: Selector | None = None
    pages_max: Pages = 100
    browser: bool = False
    wait_for: Selector | None = None


class SchemaOrgRecipe(_Walk, frozen=True, kw_only=True):
    """Places that pages declare. `types` limits them to some schema.org types."""

    types: list[str] = []


class CssField(_Strict, frozen=True, kw_only=True):
    """One field of a block: the text of what `select` finds (the block itself when empty), or its `attribute`; of `all`, joined."""

    select: Annotated[str, msgspec.Meta(max_length=300)] = ""
    attribute: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    all: bool = False
    separator: str = "; "


class CssRecipe(_Walk, frozen=True, kw_only=True):
    """Entries that stand as blocks on a page. A field is a selector, or an object (`CssField`)."""

    block: Selector
    fields: dict[str, Selector | CssField]


class SitemapRecipe(Recipe, frozen=True, kw_only=True):
    """Pages that a site map lists, those that match a pattern of `include` and none of `exclude` (`*` stands for anything).

    Read by `css` when it is given, else as pages with schema.org.
    """

    include: list[str] = []
    exclude: list[str] = []
    pages_max: Pages = 1000
    browser: bool = False
    wait_for: Selector | None = None
    types: list[str] = []
    css: CssRecipe | None = None


class JsonApiRecipe(Recipe, frozen=True, kw_only=True):
    """A list in an answer (`items`, a path such as `data.items`; empty: the answer itself), and where its rows have what.

    The next answer is at the address that stands at `next`, or has the next number in the parameter `page_parameter`.
    """

    items: Annotated[str, msgspec.Meta(max_length=300)] = ""
    fields: dict[str, Path]
    next: Path | None = None
    page_parameter: Annotated[str, msgspec.Meta(pattern="^[A-Za-z_][A-Za-z0-9_.\\[\\]-]{0,40}$")] | None = None
    first_page: int = 1
    pages_max: Pages = 100


class FileRecipe(Recipe, frozen=True, kw_only=True):
    """A file to fetch. `columns` renames: our name to the file's."""

    columns: dict[str, str] = {}


_KINDS: dict[str, type[Recipe]] = {
    SourceKind.SCHEMA_ORG: SchemaOrgRecipe,
    SourceKind.CSS: CssRecipe,
    SourceKind.SITEMAP: SitemapRecipe,
    SourceKind.JSON_API: JsonApiRecipe,
    SourceKind.FILE: FileRecipe,
    SourceKind.OSM: Recipe,
    SourceKind.PUSH: Recipe,
}


def read_recipe(kind: str, data: object) -> Recipe:
    """The recipe of a source of this kind. :raises RecipeInvalid: it cannot work, and why."""
    try:
        recipe = msgspec.convert(data, _KINDS[kind], strict=True)
    except msgspec.ValidationError as error:
        raise RecipeInvalid([_place(str(error))]) from error
    errors = [*_field_errors("constants", recipe.constants), *_selector_errors(recipe, "")]
    if isinstance(recipe, SitemapRecipe) and recipe.css is not None:
        errors += [*_field_errors("css.fields", recipe.css.fields), *_selector_errors(recipe.css, "css.")]
        if recipe.css.next_page or recipe.css.browser:
            errors.append(("css", _("Dans un plan de site, les pages suivantes et le navigateur se règlent hors de « css ».")))
    if isinstance(recipe, CssRecipe | JsonApiRecipe):
        errors += _field_errors("fields", recipe.fields)
        if "name" not in recipe.fields and "name" not in recipe.constants:
            errors.append(("fields", _("Le champ « name » manque.")))
    if isinstance(recipe, JsonApiRecipe) and recipe.next and recipe.page_parameter:
        errors.append(("page_parameter", _("Donnez « next » ou « page_parameter », pas les deux.")))
    if isinstance(recipe, FileRecipe):
        errors += _field_errors("columns", recipe.columns)
    if errors:
        raise RecipeInvalid(errors)
    return recipe


def _place(text: str) -> tuple[str, str | Promise]:
    """`Expected … - at `$.fields.name`` as place and words."""
    said, _dash, place = text.partition(" - at ")
    return place.strip("`").removeprefix("$").removeprefix(".") or "–", said


def _field_errors(place: str, fields: Mapping[str, Any]) -> list[tuple[str, str | Promise]]:
    return [
        (f"{place}.{name}", _("Ce champ n’existe pas. Les champs : %(names)s, et extra.…") % {"names": ", ".join(sorted(FIELDS))})
        for name in fields
        if name not in FIELDS and not (name.startswith(EXTRA) and len(name) > len(EXTRA))
    ]


def _selector_errors(recipe: Recipe, prefix: str) -> list[tuple[str, str | Promise]]:
    found = [(name, getattr(recipe, name, None)) for name in ("block", "next_page", "wait_for")]
    if isinstance(recipe, CssRecipe):
        found += [(f"fields.{name}", part if isinstance(part, str) else part.select) for name, part in recipe.fields.items()]
    return [
        (f"{prefix}{place}", _("« %(selector)s » n’est pas un sélecteur CSS.") % {"selector": selector})
        for place, selector in found
        if selector and not _is_selector(selector)
    ]


def _is_selector(text: str) -> bool:
    try:
        LexborHTMLParser("<p></p>").css(text)
    except (SelectolaxError, ValueError):
        return False
    return True


def completed(row: dict[str, Any], recipe: Recipe, *, page_url: str) -> dict[str, Any]:
    """A row with its page and the constants of the recipe; members `extra.…` become an object. What the row says itself comes first."""
    said = {**{name: value for name, value in recipe.constants.items() if not row.get(name)}, **row}
    whole = {name: value for name, value in said.items() if not name.startswith(EXTRA)}
    extra = {name.removeprefix(EXTRA): value for name, value in said.items() if name.startswith(EXTRA) and value not in (None, "")}
    if extra:
        whole["extra"] = extra
    if not whole.get("source_url"):
        whole["source_url"] = page_url
    return whole
