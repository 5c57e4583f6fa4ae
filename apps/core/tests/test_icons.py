"""Drawings taken from Lucide."""

from __future__ import annotations

import pytest

from apps.core.icons import ICONS, NoSuchIcon, shapes


def test_it_works() -> None:
    """Paths are joined; other shapes stay."""
    assert shapes("utensils").count("<path") == 1
    assert "<circle" in shapes("search")


def test_a_joined_path_keeps_relative_starts_where_they_were() -> None:
    """A path may begin with `m`, absolute when it stands alone: joined to another it must say so."""
    assert "M18 19l1-7-6 1" in shapes("accessibility")


@pytest.mark.parametrize("name", sorted(ICONS))
def test_every_icon_that_code_chooses_exists(name: str) -> None:
    assert shapes(name)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(NoSuchIcon):
        shapes("pas-une-icone")
