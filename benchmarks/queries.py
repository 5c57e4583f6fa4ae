"""What people type, drawn from the made-up places themselves: lists by class, the same ones for a seed and a scale.

A word's class is its share of the places that hold it, counted over a sample spread over all of them: frequent ones are in
2 % and more (20,000 of a million), medium ones in 0.05 to 0.5 %, rare ones in a few dozen of a million.
"""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

from apps.search.analysis import STOP_WORDS, fold, words
from benchmarks.directory import REFERENCE, Directory
from benchmarks.language import misspell

SAMPLE = 30_000
FREQUENT_SHARE = 0.02
MEDIUM_SHARES = (0.0005, 0.005)
LISTED = 200


@dataclass(frozen=True)
class Queries:
    """Query texts by class; positions as (latitude, longitude)."""

    rare: list[str]
    medium: list[str]
    frequent: list[str]
    two_words: list[str]
    category_and_town: list[str]
    phones: list[str]
    one_letter: list[str]
    prefixes: list[str]
    typos: list[str]
    towns: list[str]
    categories: list[str]
    dense_points: list[tuple[float, float]]


def draw_queries(scale: int, *, seed: int = 7) -> Queries:
    """The lists for the first `scale` places of a seed."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    directory = Directory(seed)
    names_of = _category_names()
    step = max(scale // SAMPLE, 1)
    rows = [directory.row(number) for number in itertools.islice(range(1, scale + 1, step), SAMPLE)]
    counted: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for row in rows:
        text = f"{row['name']} {names_of[row['category']]} {row['city']} {row['quarter']} {row['description']}"
        found = {word.form: text[word.start : word.end] for word in words(text)}
        counted.update(found.keys())
        for form, surface in found.items():
            shown.setdefault(form, surface)
    candidates = [form for form in counted if len(form) > 2 and form.isalpha() and form not in STOP_WORDS]
    low, high = (share * len(rows) for share in MEDIUM_SHARES)

    def some(forms: list[str]) -> list[str]:
        chosen = chance.sample(sorted(forms), min(LISTED, len(forms)))
        # Half of the people type accents.
        return [shown[form].lower() if chance.random() < 0.5 else form for form in chosen]

    frequent = [form for form in candidates if counted[form] >= FREQUENT_SHARE * len(rows)]
    medium = [form for form in candidates if low <= counted[form] <= high]
    known = [form for form in candidates if len(form) >= 5 and counted[form] >= 20]
    called = _category_calls()
    categories = [chance.choice(called[row["category"]]) for row in chance.sample(rows, min(LISTED, len(rows)))]
    towns = [row["city"] for row in chance.sample(rows, min(LISTED, len(rows)))]
    frequent_shown = some(frequent)
    return Queries(
        rare=some([form for form in candidates if counted[form] == 1]),
        medium=some(medium),
        frequent=frequent_shown,
        two_words=[_two_words(row, chance) for row in chance.sample(rows, min(LISTED, len(rows)))],
        category_and_town=[f"{category} {town.lower()}" for category, town in zip(categories, towns, strict=True)],
        phones=[_as_typed(row["phone"], chance) for row in chance.sample([row for row in rows if row["phone"]], LISTED)],
        one_letter=sorted({fold(row["name"])[0] for row in rows if row["name"][0].isalpha()}),
        prefixes=[_prefix(row, chance) for row in chance.sample(rows, min(LISTED, len(rows)))],
        typos=[wrong for wrong in (misspell(form, chance) for form in chance.sample(sorted(known), LISTED)) if wrong not in counted],
        towns=list(dict.fromkeys(towns)),
        categories=list(dict.fromkeys(row["category"] for row in rows))[:LISTED],
        dense_points=[(row["lat"], row["lon"]) for row in rows if row["city"] == "Douala"][:LISTED],
    )


def _categories() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((REFERENCE / "categories.json").read_text(encoding="utf-8"))
    return rows


def _category_names() -> dict[str, str]:
    return {row["slug"]: f"{row['name_fr']} / {row['name_en']}" for row in _categories()}


def _category_calls() -> dict[str, list[str]]:
    """What people say for a category: its name up to the first "et", and its aliases."""
    return {row["slug"]: [row["name_fr"].lower().split(" et ")[0], *row["aliases"]] for row in _categories()}


def _two_words(row: dict[str, Any], chance: random.Random) -> str:
    """Two words of a place as somebody remembers them, not always of its name."""
    forms = [word.form for word in words(f"{row['name']} {row['name']} {row['description']} {row['quarter']}")]
    useful = list(dict.fromkeys(form for form in forms if form not in STOP_WORDS and len(form) > 2))
    return " ".join(chance.sample(useful, 2)) if len(useful) >= 2 else f"{useful[0]} {fold(row['city'])}"


def _as_typed(phone: str, chance: random.Random) -> str:
    digits = "".join(c for c in phone if c.isdigit()).removeprefix("237")
    manner = chance.randrange(4)
    if manner == 0:
        return digits
    if manner == 1:
        return f"+237 {digits[:3]} {digits[3:6]} {digits[6:]}"
    return digits[:6] if manner == 2 else f"{digits[:3]} {digits[3:5]} {digits[5:7]} {digits[7:]}"


def _prefix(row: dict[str, Any], chance: random.Random) -> str:
    """The first two to six letters of what somebody begins to type."""
    text = fold(chance.choice((row["name"], row["name"], row["city"], row["quarter"] or row["name"])))
    return text[: chance.randint(2, 6)].strip() or text[:2]
