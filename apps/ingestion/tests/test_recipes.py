"""Recipes as staff writes them: each mistake is named with its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingestion.choices import SourceKind
from apps.ingestion.sources.recipes import CssRecipe, Recipe, RecipeInvalid, read_recipe

CSS = {"block": ".item", "fields": {"name": "h2"}}


def test_it_works() -> None:
    recipe = read_recipe("css", {**CSS, "country": "CM", "delay_s": 2})
    assert isinstance(recipe, CssRecipe)
    assert (recipe.block, recipe.pages_max, recipe.delay_s) == (".item", 100, 2.0)
    for kind in SourceKind.values:
        if kind not in {"css", "json_api"}:
            assert isinstance(read_recipe(kind, {}), Recipe)


@pytest.mark.parametrize(
    ("kind", "data", "place"),
    [
        ("css", {}, "–"),
        ("css", {"block": ".a"}, "–"),
        ("css", {**CSS, "fields": {"phone": ".p"}}, "fields"),
        ("css", {**CSS, "fields": {"name": "h2", "telefone": ".p"}}, "fields.telefone"),
        ("css", {**CSS, "fields": {"name": 7}}, "fields[...]"),
        ("css", {**CSS, "fields": {"name": {"selector": "h2"}}}, "fields[...]"),
        ("css", {**CSS, "block": "..item"}, "block"),
        ("css", {**CSS, "fields": {"name": "h2["}}, "fields.name"),
        ("css", {**CSS, "next_page": "a:::b"}, "next_page"),
        ("css", {**CSS, "pages_max": 0}, "pages_max"),
        ("css", {**CSS, "pages_max": "ten"}, "pages_max"),
        ("css", {**CSS, "delay_s": 0}, "delay_s"),
        ("css", {**CSS, "country": "Cameroun"}, "country"),
        ("css", {**CSS, "constants": {"wrong": "x"}}, "constants.wrong"),
        ("css", {**CSS, "surprise": 1}, "–"),
        ("css", [], "–"),
        ("css", None, "–"),
        ("sitemap", {"css": {"block": "..", "fields": {"name": "b"}}}, "css.block"),
        ("sitemap", {"css": {**CSS, "browser": True}}, "css"),
        ("json_api", {"fields": {"name": "n"}, "next": "a", "page_parameter": "p"}, "page_parameter"),
        ("json_api", {"fields": {"name": "n"}, "page_parameter": "p q"}, "page_parameter"),
        ("json_api", {"fields": {}}, "fields"),
        ("file", {"columns": {"nam": "Nom"}}, "columns.nam"),
    ],
)
def test_mistakes_have_a_place(kind: str, data: Any, place: str) -> None:
    with pytest.raises(RecipeInvalid) as refusal:
        read_recipe(kind, data)
    assert place in [where for where, _said in refusal.value.errors]
    assert all(str(said) for _where, said in refusal.value.errors)


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["block", "fields", "name", "css", "next", "items"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.sampled_from(SourceKind.values), _anything)
def test_anything_is_a_recipe_or_named_wrong(kind: str, data: Any) -> None:
    errors: list[Any] = []
    recipe: Recipe | None = None
    try:
        recipe = read_recipe(kind, data)
    except RecipeInvalid as refusal:
        errors = refusal.errors
    assert (recipe is None) == bool(errors)
