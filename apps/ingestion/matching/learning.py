"""Learns the weights: a logistic regression with a prior, because some evidence is rare in any set of labels.

The prior says what is known before: that another number, level or owner in a name means another place, that the same phone means
the same one. Labels move it as far as they carry. Pure Python: sixty features and some thousand pairs take seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.ingestion.choices import Verdict
from apps.ingestion.matching.model import Weights

PRIOR: dict[str, float] = {
    "number_other": -7, "owner_other": -3, "part_other": -3, "level_other": -3, "group_other": -2.5, "kind_other": -0.5,
    "phone_same": 3, "phone_and_name": 1.5, "phone_other": -0.3, "host_same": 1.5, "host_other": -0.7, "email_same": 1.5, "acronym": 2,
    "city_other": -5, "region_other": -4, "region_same": 0.5, "name_and_region": 2, "beyond_12km": -4, "name_beyond_12km": -2,
    "number_one": -1.2, "part_one": -0.8, "owner_one": -0.7, "number_same": 0.3, "quarter_same": 0.3, "quarter_other": -0.3, "chain": -1,
    "generic_other": -2, "shop_other": -1, "trade_far": -1, "name_same_within_3m": 3,
    "common_far": -1, "place_one": -1, "rare_within_4km": 1,
}  # fmt: skip
BIAS_PRIOR, BIAS_STRENGTH = -6.0, 0.05
STRENGTH = 0.5
SAME_FROM, DIFFERENT_BELOW = 0.62, 0.2
FOLDS = 5
_ROUNDS_MAX = 60


@dataclass(frozen=True, slots=True)
class Example:
    """Features of a labelled pair, and the place that it belongs to: pairs of one place are never on both sides of a fold."""

    found: Mapping[str, float]
    is_same: bool
    place: str


def learn(examples: Sequence[Example]) -> Weights:
    """Weights that fit the examples and the prior best (Newton's method with halved steps)."""
    names = sorted({name for example in examples for name in example.found} | PRIOR.keys())
    columns = {name: index for index, name in enumerate(names)}
    rows = [[(columns[name], value) for name, value in example.found.items()] + [(len(names), 1.0)] for example in examples]
    prior = [PRIOR.get(name, 0.0) for name in names] + [BIAS_PRIOR]
    strength = [STRENGTH] * len(names) + [BIAS_STRENGTH]
    labels = [float(example.is_same) for example in examples]
    weights = list(prior)
    cost = _cost(rows, labels, weights, prior, strength)
    for _round in range(_ROUNDS_MAX):
        step = _newton_step(rows, labels, weights, prior, strength)
        share = 1.0
        while True:
            tried = [weight - share * change for weight, change in zip(weights, step, strict=True)]
            tried_cost = _cost(rows, labels, tried, prior, strength)
            if tried_cost <= cost or share < 1e-6:
                break
            share /= 2
        gain, weights, cost = cost - tried_cost, tried, tried_cost
        if gain < 1e-7:
            break
    return Weights(
        bias=round(weights[-1], 4), same_from=SAME_FROM, different_below=DIFFERENT_BELOW,
        features={name: round(weight, 4) for name, weight in zip(names, weights, strict=False)},
    )  # fmt: skip


def cross_validated(examples: Sequence[Example]) -> list[Verdict]:
    """For each example the verdict of weights learned from the other folds' places only."""
    places = sorted({example.place for example in examples})
    # Places of near ids come from one part of a file; spread them.
    fold_of = {place: sum(place.encode()) % FOLDS for place in places}
    verdicts: list[Verdict] = [Verdict.ASK] * len(examples)
    for fold in range(FOLDS):
        learned = learn([example for example in examples if fold_of[example.place] != fold])
        for index, example in enumerate(examples):
            if fold_of[example.place] == fold:
                verdicts[index] = learned.verdict(learned.score(example.found))
    return verdicts


def places_of(pairs: Iterable[tuple[str, str, bool]]) -> dict[str, str]:
    """The place of each record: records that are the same, directly or through others, have one."""
    parents: dict[str, str] = {}

    def root(ref: str) -> str:
        while parents.setdefault(ref, ref) != ref:
            ref = parents[ref]
        return ref

    for a, b, is_same in pairs:
        first, second = root(a), root(b)
        if is_same and first != second:
            parents[max(first, second)] = min(first, second)
    return {ref: root(ref) for ref in list(parents)}


Row = list[tuple[int, float]]


def _margin(row: Row, weights: Sequence[float]) -> float:
    return max(-30.0, min(30.0, sum(weights[column] * value for column, value in row)))


def _cost(
    rows: Sequence[Row], labels: Sequence[float], weights: Sequence[float], prior: Sequence[float], strength: Sequence[float]
) -> float:
    fit = 0.0
    for row, label in zip(rows, labels, strict=True):
        margin = _margin(row, weights)
        fit += math.log1p(math.exp(-abs(margin))) + max(margin, 0.0) - label * margin
    return fit + sum(s * (w - p) ** 2 for w, p, s in zip(weights, prior, strength, strict=True)) / 2


def _newton_step(
    rows: Sequence[Row], labels: Sequence[float], weights: Sequence[float], prior: Sequence[float], strength: Sequence[float]
) -> list[float]:
    size = len(weights)
    gradient = [s * (w - p) for w, p, s in zip(weights, prior, strength, strict=True)]
    curvature = [[0.0] * size for _ in range(size)]
    for index, amount in enumerate(strength):
        curvature[index][index] = amount
    for row, label in zip(rows, labels, strict=True):
        chance = 1 / (1 + math.exp(-_margin(row, weights)))
        spread = chance * (1 - chance)
        for column, value in row:
            gradient[column] += (chance - label) * value
            line = curvature[column]
            for other, other_value in row:
                line[other] += spread * value * other_value
    return _solved(curvature, gradient)


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss with pivots; the matrix is positive definite."""
    size = len(right)
    lines = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda index: abs(lines[index][column]))
        lines[column], lines[pivot] = lines[pivot], lines[column]
        head = lines[column]
        for index in range(column + 1, size):
            factor = lines[index][column] / head[column]
            if factor:
                lines[index] = [value - factor * above for value, above in zip(lines[index], head, strict=True)]
    result = [0.0] * size
    for index in range(size - 1, -1, -1):
        known = sum(lines[index][other] * result[other] for other in range(index + 1, size))
        result[index] = (lines[index][size] - known) / lines[index][index]
    return result
