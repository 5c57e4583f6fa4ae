"""The made-up directory of the benchmarks: the same places each time, accepted by the import, varied like real ones."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest

from apps.catalog.services.reference import load_reference
from apps.ingestion.choices import SourceKind
from apps.ingestion.services.cleaning import read_context
from apps.ingestion.services.files import own_source
from apps.ingestion.steps import clean
from benchmarks.directory import Directory, make_places
from benchmarks.language import conjugate, feminine, fold, french, of, plural
from benchmarks.queries import draw_queries

COUNT = 3000


def test_it_works_the_same_for_a_number_and_a_seed() -> None:
    assert list(make_places(3, first=10)) == list(make_places(12))[9:]
    assert next(make_places(1, seed=8)) != next(make_places(1))


@pytest.mark.django_db
def test_every_row_is_accepted_whole() -> None:
    load_reference()
    context = read_context(own_source(SourceKind.FILE))
    cleaned = [clean(row, context) for _number, row in make_places(COUNT)]
    # Towns of the coast scatter some of their places over the sea.
    assert {reason.code for one in cleaned for reason in one.warnings} <= {"position_outside_outline"}
    rows = [one.record for one in cleaned]
    assert all(row.latitude is not None and row.category_id and row.city_id for row in rows)
    with_quarter = [raw for _number, raw in make_places(COUNT) if raw["quarter"]]
    assert sum(row.quarter_id is not None and not row.is_quarter_guessed for row in rows) == len(with_quarter)


def test_places_are_spread_like_real_ones() -> None:
    rows = [row for _number, row in make_places(COUNT)]
    towns, categories = (Counter(row[name] for row in rows) for name in ("city", "category"))
    assert towns.most_common(1)[0][0] in {"Douala", "Yaoundé"}
    assert COUNT / 6 < towns.most_common(1)[0][1] < COUNT / 3
    assert COUNT / 10 < categories["epiceries"] < COUNT / 4
    assert len(categories) > 90
    assert len({row["name"] for row in rows}) > COUNT * 0.9
    described = [len(row["description"].split()) for row in rows if row["description"]]
    assert COUNT * 0.29 < len(described) < COUNT * 0.37
    assert sum(20 <= words <= 60 for words in described) > len(described) * 0.95
    assert COUNT * 0.46 < sum(bool(row["phone"]) for row in rows) < COUNT * 0.54
    assert COUNT * 0.17 < sum(bool(row["opening_hours"]) for row in rows) < COUNT * 0.23


def test_plans_are_few() -> None:
    directory = Directory()
    plans = Counter(directory.standing(number).plan for number in range(COUNT))
    assert COUNT * 0.01 < plans["featured"] < COUNT * 0.03
    assert COUNT * 0.035 < plans["premium"] < COUNT * 0.065


def test_queries_are_of_their_class_and_the_same_each_time() -> None:
    queries = draw_queries(COUNT)
    assert queries == draw_queries(COUNT)
    text = " ".join(fold(f"{row['name']} {row['description']}") for _number, row in make_places(COUNT)).split()
    counted = Counter(text)
    often, seldom = (statistics.median(counted[fold(word)] for word in words) for words in (queries.frequent, queries.rare))
    assert often > 20 * max(seldom, 1)
    assert all(typo not in counted for typo in queries.typos)
    assert len(queries.phones) == len(queries.two_words) == 200


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (of("Akwa"), "d’Akwa"), (of("Le Wouri"), "du Wouri"), (of("Les Amis"), "des Amis"), (of("Yaoundé"), "de Yaoundé"),
        (french("loin de le Pont et de le Aéroport"), "loin du Pont et de l’Aéroport"), (french("à les enfants"), "aux enfants"),
        (plural("local"), "locaux"), (plural("cadeau"), "cadeaux"), (feminine("sportif"), "sportive"), (feminine("bon"), "bonne"),
        (conjugate("ranger", "nous"), "rangeons"), (conjugate("financer", "nous"), "finançons"), (conjugate("garantir", "il"), "garantit"),
    ],
)  # fmt: skip
def test_french_is_french(found: str, expected: str) -> None:
    assert found == expected
