"""Each filter shape walks an index that ends in the order of lists: nothing is sorted but the merge of several walks.

A small table gives the planner no reason to use an index, so sequential and bitmap scans are off here; the benchmark
measures the same lists at a million rows.
"""

from __future__ import annotations

import uuid

import pytest
from django.db import connection

from apps.catalog.selectors import CardFilter
from apps.catalog.selectors.reader import read
from apps.catalog.selectors.statements import Place, list_statement
from apps.catalog.tests.factories import make_resource

pytestmark = pytest.mark.django_db

PLACE = Place(1, "2026-11-24T00:00:00+00:00", str(uuid.UUID(int=7)))
QUARTER = uuid.UUID(int=9)


def plan(chosen: CardFilter, *, index: str = "", **options: object) -> str:
    """The plan of a list; with `index`, the one for which it is the only order index there is.

    Which of two fitting indexes is cheaper on three rows depends on what earlier tests left on disk.
    """
    made = {"language": "fr", "columns": "c.body", "rows": 21, **options}
    sql, statement = list_statement(chosen, **made)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        if index:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'resource_card' AND indexname LIKE 'card\\_%%order'")
            for (name,) in cursor.fetchall():
                if name != index:
                    cursor.execute(f"DROP INDEX {name}")
    return "\n".join(row[0].decode() for row in read(f"EXPLAIN (COSTS OFF) {sql}", statement.values))


@pytest.fixture(autouse=True)
def _rows() -> None:
    for _ in range(3):
        make_resource()


@pytest.mark.parametrize("place", [None, PLACE])
@pytest.mark.parametrize("is_backward", [False, True])
@pytest.mark.parametrize(
    ("chosen", "index"),
    [
        (CardFilter(), "card_order"),
        (CardFilter(categories=(3,)), "card_category_order"),
        (CardFilter(cities=(3,)), "card_city_order"),
        (CardFilter(cities=(3,), categories=(4,)), "card_city_category_order"),
        (CardFilter(resource_types=("api",)), "card_type_order"),
        (CardFilter(quarters=(QUARTER,)), "card_quarter_order"),
        (CardFilter(categories=(3,), plan_ranks=(2,)), "card_category_order"),
        (CardFilter(verified=True), "card_verified_order"),
        (CardFilter(open_now=True), "card_hours_order"),
    ],
)
def test_one_value_of_each_is_one_walk(chosen: CardFilter, index: str, place: Place | None, is_backward: bool) -> None:
    text = plan(chosen, index=index, place=place, is_backward=is_backward)
    assert f"using {index} on resource_card" in text
    assert "Sort" not in text
    if place is not None:
        # The page begins at its place in the index, at any depth.
        assert "ROW(plan_rank, published_at, resource_id)" in text.split("Filter")[0]


@pytest.mark.parametrize(
    ("chosen", "index"),
    [
        (CardFilter(categories=(3, 4, 5)), "card_category_order"),
        (CardFilter(cities=(3, 4)), "card_city_order"),
        (CardFilter(cities=(3, 4), categories=(5, 6)), "card_city_category_order"),
        (CardFilter(quarters=(QUARTER, uuid.UUID(int=8))), "card_quarter_order"),
    ],
)
def test_several_values_are_a_walk_each(chosen: CardFilter, index: str) -> None:
    text = plan(chosen, index=index)
    assert "Function Scan on unnest" in text
    walk = text[text.index("Function Scan on unnest") :]
    assert f"using {index} on resource_card" in walk
    assert "Sort" not in walk


def test_newest_merges_the_plans() -> None:
    text = plan(CardFilter(categories=(3,)), is_newest=True)
    assert "using card_category_order on resource_card" in text
    assert "Sort" not in text[text.index("Function Scan on unnest") :]


def test_a_box_is_fetched_or_walked() -> None:
    text = plan(CardFilter(bbox=(9.0, 4.0, 10.0, 5.0)))
    assert text.count("using card_geo on resource_card") == 2
    assert "using card_order on resource_card" in text
    assert text.count("One-Time Filter") == 2


def test_deep_offsets_pass_over_keys_only() -> None:
    text = plan(CardFilter(categories=(3,)), passed=5000)
    assert "Index Only Scan using card_category_order" in text
    assert "Sort" not in text
