"""The verdict about two profiles: a weighted sum of features through a logistic curve, against two thresholds learned from labels."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from apps.ingestion.choices import Verdict
from apps.ingestion.matching.features import all_features, begin, features, finish, most_of_names
from apps.ingestion.matching.profiles import Profile, distance_m

WEIGHTS_FILE = Path(__file__).with_name("weights.json")


class Weights(msgspec.Struct, frozen=True):
    """What training leaves: `same_from` and `different_below` are scores between 0 and 1; what lies between is asked."""

    bias: float
    same_from: float
    different_below: float
    features: dict[str, float]

    def score(self, found: Mapping[str, float]) -> float:
        """From 0 to 1 that features are those of one place."""
        weight_of = self.features.get
        parts = [value * weight for name, value in found.items() if value and (weight := weight_of(name))]
        parts.append(self.bias)
        # The exact sum does not depend on the order.
        return _logistic(math.fsum(parts))

    def verdict(self, score: float) -> Verdict:
        """What follows from a score."""
        if score >= self.same_from:
            return Verdict.SAME
        return Verdict.DIFFERENT if score < self.different_below else Verdict.ASK


def _logistic(margin: float) -> float:
    return 1 / (1 + math.exp(-max(-40.0, min(40.0, margin))))


class MatchReason(msgspec.Struct, frozen=True):
    """Why: a stable word (a feature, see `reasons.py` for its sentences), what it weighed (positive: for the same), and a number if any."""

    code: str
    weight: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Score from 0 to 1 that both are one place, and the verdict."""

    score: float
    verdict: Verdict
    pair: tuple[Profile, Profile]

    @property
    def reasons(self) -> tuple[MatchReason, ...]:
        """Heaviest first. Made when asked for: of a hundred comparisons few are shown to anybody."""
        learned, found, metres = weights(), features(*self.pair), distance_m(*self.pair)
        parts = sorted(
            ((value * learned.features.get(name, 0.0), name) for name, value in found.items()), key=lambda part: (-abs(part[0]), part[1])
        )
        detail = "" if metres is None else f"{metres:.0f}"
        return tuple(
            MatchReason(name, round(weight, 2), detail if name.startswith(("at_", "beyond_")) else "")
            for weight, name in parts
            if abs(weight) >= 0.05
        )


@functools.cache
def weights() -> Weights:
    """Those of the product."""
    return msgspec.json.decode(WEIGHTS_FILE.read_bytes(), type=Weights)


def compare(a: Profile, b: Profile) -> Comparison:
    """Whether two profiles are one place. The order does not matter; nothing is read or written."""
    learned = weights()
    score = round(learned.score(all_features(a, b)), 4)
    return Comparison(score, learned.verdict(score), (a, b))


def compare_unless_different(a: Profile, b: Profile) -> Comparison | None:
    """`compare`, or None when both are different places: for most pairs that is known without a look at their names.

    Sorts of place that have nothing in common leave a name little to say. When the most that it could say is not enough, it is not read.
    """
    learned = weights()
    begun = begin(a, b)
    if begun.kind == 0.0:
        weight_of, found = learned.features.get, begun.found
        margin = learned.bias + sum([weight_of(name, 0.0) for name in found])
        margin += _most_of_names(begun.is_numbered, "at_30m" in found, "at_3m" in found, "phone_same" in found)
        # Far more than what a sum of some numbers, or rounding a score to four digits, can be off.
        if _logistic(margin) + 0.001 < learned.different_below:
            return None
    score = round(learned.score(finish(a, b, begun)), 4)
    verdict = learned.verdict(score)
    return None if verdict == Verdict.DIFFERENT else Comparison(score, verdict, (a, b))


@functools.cache
def _most_of_names(is_numbered: bool, is_at_30m: bool, is_at_3m: bool, is_phone_same: bool) -> float:
    gains = {name: max(0.0, weight) for name, weight in weights().features.items()}
    return most_of_names(gains, is_numbered=is_numbered, is_at_30m=is_at_30m, is_at_3m=is_at_3m, is_phone_same=is_phone_same)
