"""The form in which names are compared."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.gazetteer import fold


def _slowly(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c)).split())


def test_it_works() -> None:
    assert fold("  Éditions  de l’Œil – N°2 ") == "editions de l œil n 2"
    assert fold("Straße İstanbul ﬁn") == "strasse istanbul fin"
    assert fold("Đà Nẵng") == fold("Đa\u0300 Na\u0306\u0303ng")
    assert fold("") == ""


@given(st.text())
def test_characters_by_themselves_fold_as_the_whole_text(text: str) -> None:
    assert fold(text) == _slowly(text)
