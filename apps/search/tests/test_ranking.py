"""The rules of docs/decisions/0008-ranking.md, one by one, on rows that differ in nothing else."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.tests.factories import AT
from apps.search.analysis import forms
from apps.search.documents import Texts
from apps.search.packing import word_key
from apps.search.selectors.groups import BY_ALIAS, BY_FAMILY, BY_NAME, BY_SYNONYM, Kind, WordGroup
from apps.search.selectors.packed import PackedRow
from apps.search.selectors.ranking import WEIGHTS, Asked, Ranked, rank

HERE = (4.05, 9.7)
NUMBERS = itertools.count(1)
QUARTER = uuid.UUID(int=7)


def entry(
    name: str, *, filed: Iterable[str] = (), area: Iterable[str] = (), text: Iterable[str] = (), **row: Any
) -> tuple[uuid.UUID, PackedRow]:
    """A row of the index, complete to a half, a year old, nowhere. :param filed: names of its category."""
    texts = Texts(names=[name], categories=filed, areas=area, texts=text)
    values = {
        "packed": texts.packed(), "plan_rank": 0, "quality": 50, "published_at": AT - dt.timedelta(days=365), "latitude": None,
        "longitude": None, "category": 1, "city": None, "quarter": None, **row,
    }  # fmt: skip
    return uuid.UUID(int=next(NUMBERS)), PackedRow(**values)


def word(form: str, kind: Kind = Kind.FORM, *, of: str = "", **more: Any) -> WordGroup:
    """A word of the query; `of` is what it stands for in another way than by its own form."""
    group = WordGroup(form, 0, len(form), df=10, **more)
    group.add(of or form, kind)
    return group


def ranked(query: str, *entries: tuple[uuid.UUID, PackedRow], groups: Sequence[WordGroup] | None = None, **asked: Any) -> list[Ranked]:
    given_groups = [word(form) for form in forms(query)] if groups is None else groups
    question = Asked(given_groups, [word_key(form) for form in forms(query)], 1_000, AT, **asked)
    return rank(question, dict(entries))


def order(query: str, *entries: tuple[uuid.UUID, PackedRow], **more: Any) -> list[int]:
    """Places of the entries, as given, in the final order."""
    place = {pk: number for number, (pk, _row) in enumerate(entries)}
    return [place[one.id] for one in ranked(query, *entries, **more)]


def score(query: str, one: tuple[uuid.UUID, PackedRow], **more: Any) -> float:
    return ranked(query, one, **more)[0].score


BEST: Mapping[str, Any] = {"quality": 100, "published_at": AT, "latitude": HERE[0], "longitude": HERE[1], "category": 9}


def test_it_works() -> None:
    assert order("garage bonanjo", entry("Atelier", text=["garage à bonanjo"]), entry("Garage Bonanjo"), entry("Garage Kamga")) == [1, 0, 2]


# Rule 1


def test_the_whole_name_comes_before_everything() -> None:
    rival = entry("Étoile Étoile du Nord", filed=["étoile"], area=["étoile"], text=["étoile " * 5], plan_rank=2, **BEST)
    star = [word("etoile")]
    star[0].mean([9], BY_NAME)
    assert order("étoile", rival, entry("Étoile", quality=0, latitude=10.0, longitude=14.0), groups=star, point=HERE) == [1, 0]


def test_then_the_name_without_its_little_words() -> None:
    rival = entry("Garage du Pont Neuf", quality=100, published_at=AT)
    assert order("garage pont", rival, entry("Garage du Pont", quality=0), entry("Garage Pont", quality=0)) == [2, 1, 0]


# Rules 2 and 3


def test_all_the_words_come_before_some_of_them() -> None:
    some = entry("Garage Garage", filed=["garage"], **BEST)
    assert order("garage bonanjo", some, entry("Atelier", text=["Près du garage, à Bonanjo."], quality=0)) == [1, 0]


def test_words_as_typed_come_before_corrections() -> None:
    group = word("ndonga")
    group.add("ndongo", Kind.CORRECTION)
    corrected, typed = entry("Ndongo", **BEST), entry("Atelier", text=["chez Ndonga"], quality=0)
    assert order("ndonga", corrected, typed, groups=[group]) == [1, 0]


# Rule 4: words


def test_fields_weigh_name_then_category_then_place_then_text() -> None:
    held = [
        entry("Kamga fils et associés", text=["pont"]),
        entry("Kamga", area=["pont"]),
        entry("Kamga", filed=["pont"]),
        entry("Kamga pont sud"),
    ]
    assert order("pont", *held) == [3, 2, 1, 0]


def test_ways_to_hold_a_word_weigh_form_stem_synonym_completion_correction() -> None:
    assert list(WEIGHTS.kinds) == sorted(WEIGHTS.kinds, reverse=True)
    scores = [
        score("mot", entry("Kamga mot juste"), groups=[word("autre", kind, of="mot")]) for kind in Kind if kind is not Kind.CORRECTION
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_a_rare_word_weighs_more_than_a_frequent_one() -> None:
    frequent, rare = word("hotel"), word("zingana")
    frequent.df, rare.df = 900, 2
    entries = entry("Hôtel du lac"), entry("Auberge Zingana")
    assert order("hotel zingana", *entries, groups=[frequent, rare]) == [1, 0]


def test_repeating_a_word_soon_stops_helping() -> None:
    once, often = (score("pont", entry("Kamga", text=[" ".join(["pont"] * times + ["sable"] * 30)])) for times in (1, 30))
    assert once < often < score("pont", entry("Kamga pont sud est"))


def test_being_what_the_word_means_counts_like_a_strong_match() -> None:
    group = word("pharmacie")
    group.mean([9], BY_NAME)
    filed, mentions = entry("Soleil levant", category=9), entry("Kamga", text=["face à la pharmacie"])
    assert order("pharmacie", mentions, filed, groups=[group]) == [1, 0]
    scores = []
    for surely in (BY_NAME, BY_ALIAS, BY_SYNONYM, BY_FAMILY):
        group = word("pharmacie")
        group.mean([9], surely)
        scores.append(score("pharmacie", entry("Soleil levant", category=9), groups=[group]))
    assert scores == sorted(scores, reverse=True)


def test_saying_more_of_the_name_and_in_its_order_counts() -> None:
    longer, shorter = entry("Garage Kamga et frères réunis"), entry("Garage Kamga auto")
    assert order("garage kamga", longer, shorter) == [1, 0]
    assert order("pont garage", entry("Garage pont levant"), entry("Pont garage levant")) == [1, 0]


def test_a_word_that_need_not_be_held_only_ranks() -> None:
    groups = [word("garage"), word("bon", is_required=False)]
    without, with_it = ranked("bon garage", entry("Garage Un"), entry("Garage", text=["bon"]), groups=groups)
    assert with_it.missing == without.missing == 0


# Rule 4: distance


def test_the_nearer_comes_first_and_half_is_gone_after_two_kilometres() -> None:
    far, near = (entry("Garage Kamga", latitude=HERE[0] + degrees, longitude=HERE[1]) for degrees in (0.2, 0.001))
    assert order("garage", far, near, point=HERE) == [1, 0]
    assert score("garage", far) == score("garage", near)
    here, at_two_km = (entry("Garage Kamga", latitude=HERE[0] + degrees, longitude=HERE[1]) for degrees in (0.0, 2_000 / 111_195))
    part = score("garage", at_two_km, point=HERE) / score("garage", here, point=HERE)
    assert part == pytest.approx(WEIGHTS.distance_far + (1 - WEIGHTS.distance_far) / 2, abs=0.001)


def test_what_lies_in_the_named_quarter_is_not_far_and_the_unknown_is_in_between() -> None:
    inside = entry("Garage Kamga", latitude=HERE[0] + 0.05, longitude=HERE[1], quarter=QUARTER)
    outside = entry("Garage Kamga", latitude=HERE[0] + 0.05, longitude=HERE[1])
    nowhere = entry("Garage Kamga")
    assert order("garage", outside, nowhere, inside, point=HERE, quarters=frozenset([QUARTER])) == [2, 1, 0]


# Rule 4: completeness and freshness; rule 5


def test_completeness_and_freshness_move_little() -> None:
    poor, rich = (score("garage", entry("Garage Kamga", quality=quality)) for quality in (0, 100))
    assert 1 < rich / poor <= 1 + WEIGHTS.quality + 1e-9
    assert WEIGHTS.quality <= 0.06
    old, new = (score("garage", entry("Garage Kamga", published_at=AT - dt.timedelta(days=days))) for days in (9_999, 0))
    assert 1 < new / old <= 1 + WEIGHTS.freshness + 1e-9
    assert WEIGHTS.freshness <= 0.02


def test_the_word_in_the_name_beats_completeness_freshness_and_a_paid_plan() -> None:
    poor = entry("Garage Kamga", quality=0, published_at=AT - dt.timedelta(days=3_000))
    assert order("garage", entry("Atelier", text=["garage"], plan_rank=2, **{**BEST, "latitude": None, "longitude": None}), poor) == [1, 0]


def test_equals_stand_by_id() -> None:
    one, other = entry("Garage Kamga"), entry("Garage Kamga")
    assert order("garage", one, other) == order("garage", other, one)[::-1] == [1, 0]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 100), st.integers(0, 2)), min_size=1, max_size=8), st.randoms())
def test_money_is_no_part_of_it_nor_is_the_order_of_the_candidates(made: list[tuple[int, int, int]], shuffler: Any) -> None:
    names = ["Garage Kamga", "Kamga", "Garage du Pont", "Pont"]
    entries = [entry(names[name], quality=quality) for name, quality, _plan in made]
    paid = [(pk, row._replace(plan_rank=plan)) for (pk, row), (_name, _quality, plan) in zip(entries, made, strict=True)]
    expected = [one.id for one in ranked("garage pont", *entries)]
    shuffler.shuffle(paid)
    assert [one.id for one in ranked("garage pont", *paid)] == expected
