"""Paid places: bounded, labelled, never over an exact name nor from below the relevance floor (docs/decisions/0008-ranking.md, rule 6)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.tests.factories import AT
from apps.search.selectors.ranking import Held, Ranked
from apps.search.selectors.sponsored import FLOOR, PLACES_PER_TEN, WORD_FLOOR, Placed, place_sponsored


def hit(number: int, score: float, *, plan: int = 0, **more: Any) -> Ranked:
    values = {"exactness": 0, "missing": 0, "corrected": 0, "held": (Held(0.9),), **more}
    return Ranked(uuid.UUID(int=number), score=score, plan_rank=plan, **values)


def placed(hits: Sequence[Ranked], *, query: str = "garage", at: dt.datetime = AT) -> list[Placed]:
    return place_sponsored(sorted(hits, key=Ranked.key), query=query, at=at)


def numbers(found: Sequence[Placed]) -> list[int]:
    return [one.ranked.id.int for one in found]


def test_it_works() -> None:
    found = placed([*(hit(number, 1.0 - number / 100) for number in range(1, 10)), hit(99, 0.85, plan=2)])
    assert numbers(found) == [99, *range(1, 10)]
    assert [one.is_sponsored for one in found] == [True, *[False] * 9]


def test_money_never_passes_an_exact_name() -> None:
    exact = hit(1, 0.1, exactness=2), hit(2, 0.1, exactness=1)
    assert numbers(placed([*exact, hit(3, 5.0), hit(4, 5.0, plan=2)])) == [1, 2, 4, 3]


def test_money_does_not_lift_from_below_the_floor() -> None:
    best = hit(1, 1.0)
    assert numbers(placed([best, hit(2, FLOOR - 0.01, plan=2)])) == [1, 2]
    assert numbers(placed([best, hit(2, FLOOR + 0.01, plan=2)])) == [2, 1]
    # The score of an exact name is no measure for the others.
    assert numbers(placed([hit(3, 9.0, exactness=2), best, hit(2, FLOOR + 0.01, plan=2)])) == [3, 2, 1]


def test_a_mention_in_a_description_is_below_the_floor() -> None:
    weak = hit(2, 0.99, plan=2, held=(Held(0.9), Held(WORD_FLOOR - 0.01)))
    assert numbers(placed([hit(1, 1.0), weak])) == [1, 2]


def test_who_lacks_a_word_or_was_corrected_to_is_not_lifted_over_who_has_it() -> None:
    assert numbers(placed([hit(1, 0.5), hit(2, 9.0, plan=2, missing=1)])) == [1, 2]
    assert numbers(placed([hit(1, 0.5), hit(2, 9.0, plan=2, corrected=1)])) == [1, 2]


def test_who_stands_there_by_merit_has_no_label() -> None:
    found = placed([hit(1, 1.0, plan=2), hit(2, 0.9)])
    assert [(one.ranked.id.int, one.is_sponsored) for one in found] == [(1, False), (2, False)]


def test_the_draw_is_the_same_all_day_and_another_one_tomorrow() -> None:
    hits = [*(hit(number, 1.0) for number in range(50, 60)), *(hit(number, 0.9, plan=1) for number in range(1, 13))]
    today = numbers(placed(hits))
    assert numbers(placed(hits, at=AT + dt.timedelta(minutes=1))) == today
    days = {tuple(numbers(placed(hits, at=AT + dt.timedelta(days=day)))[:2]) for day in range(20)}
    assert len(days) > 5
    assert numbers(placed(hits, query="garage bonanjo"))[:2] != today[:2] or len(days) > 5


def test_a_dearer_plan_is_drawn_more_often() -> None:
    hits = [hit(100, 1.0), *(hit(number, 0.9, plan=1 + number % 2) for number in range(1, 11))]
    drawn = [numbers(placed(hits, at=AT + dt.timedelta(days=day)))[0] for day in range(300)]
    assert sum(number % 2 == 1 for number in drawn) > 0.55 * len(drawn)


hits_of_any_kind = st.lists(
    st.builds(
        lambda score, plan, exactness, missing, strength: (score, plan, exactness, missing, strength),
        st.floats(0.01, 2), st.integers(0, 2), st.sampled_from([0, 0, 0, 1, 2]), st.integers(0, 1), st.sampled_from([0.5, 0.9]),
    ),
    max_size=40,
)  # fmt: skip


@given(hits_of_any_kind)
def test_whatever_is_found_the_rules_hold(made: list[tuple[float, int, int, int, float]]) -> None:
    hits = [
        hit(number, score, plan=plan, exactness=exactness, missing=missing, held=(Held(strength),))
        for number, (score, plan, exactness, missing, strength) in enumerate(made, 1)
    ]
    by_merit = sorted(hits, key=Ranked.key)
    found = placed(hits)
    assert sorted(numbers(found)) == sorted(one.id.int for one in hits)
    exact = [one.id.int for one in by_merit if one.exactness]
    assert numbers(found)[: len(exact)] == exact
    free = [one.id.int for one in by_merit if not one.plan_rank]
    assert [number for number in numbers(found) if number in set(free)] == free
    others = found[len(exact) :]
    for start in range(0, len(others), 10):
        assert sum(one.is_sponsored for one in others[start : start + 10]) <= PLACES_PER_TEN
    for one in others:
        if one.is_sponsored:
            tier = [other.score for other in by_merit if not other.exactness and other.tier == one.ranked.tier]
            assert one.ranked.plan_rank > 0
            assert one.ranked.score >= FLOOR * max(tier)
            assert all(held.strength >= WORD_FLOOR for held in one.ranked.held)
