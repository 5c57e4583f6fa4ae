"""Words written as they are heard."""

from __future__ import annotations

import pytest

from apps.search.selectors.sounds import Sounds, sound


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("farmacie", "pharmacie"), ("farmacy", "pharmacy"), ("kincaillerie", "quincaillerie"), ("coifeur", "coiffeur"), ("otel", "hotel"),
        ("restorant", "restaurant"), ("boulanjerie", "boulangerie"), ("plonbier", "plombier"), ("dantiste", "dentiste"),
        ("eglize", "eglise"), ("asurance", "assurance"), ("mikrofinance", "microfinance"), ("kathedrale", "cathedrale"),
        ("universiter", "universite"), ("mekanicien", "mecanicien"), ("klinik", "clinique"), ("ekole", "ecole"), ("garaje", "garage"),
        ("bancke", "banque"), ("mosker", "mosquee"), ("optisien", "opticien"), ("yaoundai", "yaounde"), ("baffoussam", "bafoussam"),
    ],
)  # fmt: skip
def test_it_works(heard: str, written: str) -> None:
    assert [word.form for word in Sounds([written, "soudeur", "fromagerie"]).alike(heard, limit=4)] == [written]


def test_the_one_that_is_written_most_alike_comes_first() -> None:
    assert [word.form for word in Sounds(["banque", "bank"]).alike("banke", limit=2)] == ["bank", "banque"]


@pytest.mark.parametrize("form", ["", "ab", "eau", "2017", "a1b2", "hhhhhh", "x" * 40, "ßßßß", "的的的的"])
def test_anything_has_an_answer(form: str) -> None:
    assert Sounds(["pharmacie"]).alike(form, limit=4) == []


def test_different_words_stay_different() -> None:
    words = ["pharmacie", "parfumerie", "patisserie", "papeterie", "pressing", "poissonnerie", "police", "plage", "piscine"]
    assert len({sound(word) for word in words}) == len(words)
