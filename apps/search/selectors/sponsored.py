"""Paid places: few, labelled, only for what answers the question well, and never above the entry that was named.

In every ten hits at most two stand higher because they pay. They are drawn from those above the relevance floor, anew each day
and for each query, with chances by plan, so that all who pay are seen; the same day the same question has the same answer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from apps.search.selectors.ranking import Ranked

PLACES_PER_TEN = 2
# The relevance floor: the part of the best score (exact names aside) that a paid entry must reach by its own merit, and how well
# it must hold each word. A mention in a description is below it.
FLOOR, WORD_FLOOR = 0.75, 0.6


@dataclass(frozen=True, slots=True)
class Placed:
    """A hit in its final place; `is_sponsored`: it stands here, and not further down, because it pays."""

    ranked: Ranked
    is_sponsored: bool = False


def place_sponsored(ranked: Sequence[Ranked], *, query: str, at: dt.datetime) -> list[Placed]:
    """The hits with paid ones lifted.

    :param ranked: best first. :param query: folded, for the draw.
    """
    exact = [one for one in ranked if one.exactness]
    others = [one for one in ranked if not one.exactness]
    if not others:
        return [Placed(one) for one in exact]
    best = others[0]
    floor = FLOOR * max(one.score for one in others if one.tier == best.tier)
    eligible = [
        one
        for one in others
        if one.plan_rank > 0 and one.tier == best.tier and one.score >= floor and all(held.strength >= WORD_FLOOR for held in one.held)
    ]
    drawn = sorted(eligible, key=lambda one: (-_chance(one, query, at), -one.id.int))
    waiting = {one.id: one for one in others}
    placed: list[Placed] = []
    while waiting:
        lifted: list[Placed] = []
        while drawn and len(lifted) < PLACES_PER_TEN:
            one = drawn.pop(0)
            if one.id in waiting:
                # Who stands there by merit needs no lift, and no label.
                lifted.append(Placed(one, is_sponsored=next(iter(waiting)) != one.id))
                del waiting[one.id]
        rest = list(waiting)[: 10 - len(lifted)]
        placed += [*lifted, *(Placed(waiting.pop(pk)) for pk in rest)]
    return [*(Placed(one) for one in exact), *placed]


def _chance(one: Ranked, query: str, at: dt.datetime) -> float:
    """Weighted sampling (Efraimidis and Spirakis 2006): a uniform number to the power of 1 ÷ weight; the largest are drawn."""
    seed = f"{at:%Y-%m-%d}\x00{query}\x00{one.id}".encode()
    uniform = (int.from_bytes(hashlib.blake2b(seed, digest_size=8).digest(), "big") + 1) / (2**64 + 1)
    return float(uniform ** (1 / one.plan_rank))
