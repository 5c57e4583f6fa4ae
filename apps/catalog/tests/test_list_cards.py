"""Lists of cards hold what a plain reading of the filter holds, in the same order, however they are paged."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.catalog import selectors
from apps.catalog.choices import ListingPlan, ResourceType
from apps.catalog.models import Resource
from apps.catalog.selectors import cards, reader, statements
from apps.catalog.selectors.filters import CardFilter
from apps.catalog.tests.factories import AT, make_category, make_city, make_quarter, make_region, make_resource

pytestmark = pytest.mark.django_db

ENTRIES = 60
# At AT, a Tuesday, 10:30 in Douala.
OPEN, CLOSED = {2: [("08:00", "18:00")]}, {2: [("14:00", "18:00")]}


def listed(chosen: CardFilter, **options: object) -> list[uuid.UUID]:
    page = selectors.list_cards(chosen, language="fr", at=AT, limit=100, **options)  # type: ignore[arg-type]
    return [card.id for card in page.cards]


@dataclass
class World:
    """A small catalogue and the plain reading of its order and filters."""

    rows: list[Resource]
    open_ids: set[uuid.UUID]

    def ids(self, keeps: Callable[[Resource], bool], *, is_newest: bool = False) -> list[uuid.UUID]:
        rank = selectors.PLAN_RANKS

        def key(row: Resource) -> tuple[object, ...]:
            newest = (row.published_at, row.pk.int)
            return newest if is_newest else (rank[row.plan], *newest)

        return [row.pk for row in sorted((row for row in self.rows if keeps(row)), key=key, reverse=True)]


def build_world() -> World:
    chance = random.Random(7)  # noqa: S311  the same catalogue every time
    regions = [make_region(), make_region()]
    towns = [make_city(region=regions[number % 2]) for number in range(3)]
    quarters = [make_quarter(city=town) for town in towns]
    root = make_category()
    categories = [root, make_category(parent=root), make_category(parent=root), make_category()]
    rows, open_ids = [], set()
    for _ in range(ENTRIES):
        town = chance.randrange(4)
        hours = chance.choice([None, None, OPEN, CLOSED])
        row = make_resource(
            category=chance.choice(categories),
            city=towns[town] if town < 3 else None,
            quarter=quarters[town] if town < 3 and chance.random() < 0.5 else None,
            resource_type=chance.choices(ResourceType.values, [6, 2, 1, 1])[0],
            plan=chance.choices(ListingPlan.values, [6, 2, 2])[0],
            verified=chance.random() < 0.3,
            attributes=sorted(chance.sample(["wifi", "parking", "cash"], chance.randrange(4))),
            latitude=4 + chance.randrange(100) / 100 if town % 3 else None,
            longitude=9 + chance.randrange(100) / 100 if town % 3 else None,
            # Few moments, so that the id has to decide.
            published_at=AT - dt.timedelta(days=chance.randrange(6)),
            created_at=AT - dt.timedelta(days=6 + chance.randrange(6)),
            hours=hours,
        )
        rows.append(row)
        if hours is OPEN:
            open_ids.add(row.pk)
    return World(rows, open_ids)


@pytest.fixture
def world() -> World:
    return build_world()


def test_it_works(world: World) -> None:
    assert listed(CardFilter()) == world.ids(lambda _row: True)


def test_newest_ignores_the_plan(world: World) -> None:
    assert listed(CardFilter(), is_newest=True) == world.ids(lambda _row: True, is_newest=True)


_QUESTIONS = st.builds(
    CardFilter,
    categories=st.one_of(st.none(), st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True).map(tuple)),
    cities=st.one_of(st.none(), st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True).map(tuple)),
    quarters=st.one_of(st.none(), st.none(), st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True).map(tuple)),
    resource_types=st.one_of(st.none(), st.lists(st.sampled_from(ResourceType.values), min_size=1, max_size=2, unique=True).map(tuple)),
    plan_ranks=st.one_of(st.none(), st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True).map(tuple)),
    verified=st.one_of(st.none(), st.booleans()),
    has=st.lists(st.sampled_from([("wifi",), ("parking",), ("cash", "wifi")]), max_size=2, unique=True).map(tuple),
    bbox=st.one_of(st.none(), st.sampled_from([(9.0, 4.0, 9.5, 4.6), (9.2, 4.2, 9.3, 4.3), (8.0, 2.0, 12.0, 12.0)])),
    open_now=st.booleans(),
    created_from=st.one_of(st.none(), st.none(), st.integers(0, ENTRIES - 1).map(str)),
    created_until=st.one_of(st.none(), st.none(), st.integers(0, ENTRIES - 1).map(str)),
)


def placed(world: World, question: CardFilter) -> CardFilter:
    """The question with the keys of this catalogue's rows instead of their places in it."""
    categories = sorted({row.category.number for row in world.rows if row.category})
    towns = sorted({row.city.number for row in world.rows if row.city})
    quarters = sorted({row.quarter_id for row in world.rows if row.quarter_id})
    places: Any = question.quarters
    moments = [row.created_at.isoformat() for row in world.rows]
    return replace(
        question,
        categories=question.categories and tuple(categories[place] for place in question.categories),
        cities=question.cities and tuple(towns[place] for place in question.cities),
        quarters=places and tuple(quarters[place] for place in places),
        created_from=question.created_from and moments[int(question.created_from)],
        created_until=question.created_until and moments[int(question.created_until)],
    )


def reading(world: World, chosen: CardFilter) -> Callable[[Resource], bool]:
    """Whether a row meets a filter, written as it is said."""

    def keeps(row: Resource) -> bool:
        inside = chosen.bbox is None or (
            row.latitude is not None
            and chosen.bbox[0] <= float(row.longitude or 0) <= chosen.bbox[2]
            and chosen.bbox[1] <= float(row.latitude) <= chosen.bbox[3]
        )
        return (
            (chosen.categories is None or (row.category is not None and row.category.number in chosen.categories))
            and (chosen.cities is None or (row.city is not None and row.city.number in chosen.cities))
            and (chosen.quarters is None or row.quarter_id in chosen.quarters)
            and (chosen.resource_types is None or row.resource_type in chosen.resource_types)
            and (chosen.created_from is None or row.created_at.isoformat() >= chosen.created_from)
            and (chosen.created_until is None or row.created_at.isoformat() <= chosen.created_until)
            and (chosen.plan_ranks is None or selectors.PLAN_RANKS[row.plan] in chosen.plan_ranks)
            and (chosen.verified is None or row.verified is chosen.verified)
            and all(set(group) & set(row.attributes) for group in chosen.has)
            and (not chosen.open_now or row.pk in world.open_ids)
            and inside
        )

    return keeps


def walk(chosen: CardFilter, *, limit: int, is_newest: bool) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """Everything by pages of `limit`, forwards to the end and then backwards to the start."""
    options = {"language": "fr", "at": AT, "limit": limit, "is_newest": is_newest}
    page = selectors.list_cards(chosen, **options)  # type: ignore[arg-type]
    assert page.previous_key is None
    forwards = [card.id for card in page.cards]
    while page.next_key:
        page = selectors.list_cards(chosen, after=page.next_key, **options)  # type: ignore[arg-type]
        forwards += [card.id for card in page.cards]
    backwards = [card.id for card in page.cards]
    while page.previous_key:
        page = selectors.list_cards(chosen, before=page.previous_key, **options)  # type: ignore[arg-type]
        assert page.has_more
        backwards = [card.id for card in page.cards] + backwards
    return forwards, backwards


@pytest.mark.parametrize("probe", [statements.BOX_PROBE, 0, 20])
@settings(max_examples=60)
@given(question=_QUESTIONS, limit=st.sampled_from([1, 3, 20]), offset=st.sampled_from([0, 2, 7]), is_newest=st.booleans())
def test_any_question_is_answered_as_it_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch, probe: int, question: CardFilter, limit: int, offset: int, is_newest: bool
) -> None:
    monkeypatch.setattr(statements, "BOX_PROBE", probe)
    statements.list_statement.cache_clear()
    monkeypatch.setattr(cards, "_OPEN_BATCHES", (2, 5))
    chosen = placed(world, question)
    expected = world.ids(reading(world, chosen), is_newest=is_newest)
    assert walk(chosen, limit=limit, is_newest=is_newest) == (expected, expected)
    assert listed(chosen, offset=offset, is_newest=is_newest) == expected[offset:]
    if not chosen.open_now:
        assert selectors.count_cards(chosen, language="fr") == len(expected)
        assert selectors.count_cards(chosen, language="fr", maximum=3) == min(3, len(expected))


def test_an_impossible_filter_asks_nobody(django_assert_num_queries: Callable[..., object]) -> None:
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert listed(CardFilter(cities=())) == []
        assert selectors.count_cards(CardFilter(cities=()), language="fr") == 0


def test_each_page_is_one_statement(world: World, django_assert_num_queries: Callable[..., object]) -> None:
    category = world.rows[0].category
    assert category is not None
    for chosen in (CardFilter(), CardFilter(categories=(category.number, 99)), CardFilter(bbox=(9.0, 4.0, 9.5, 4.6))):
        with django_assert_num_queries(1):  # type: ignore[attr-defined]
            listed(chosen)


def test_the_search_for_what_is_open_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = [make_resource(hours=CLOSED) for _ in range(5)]
    monkeypatch.setattr(cards, "_OPEN_BATCHES", (2,))
    monkeypatch.setattr(cards, "OPEN_SCAN_MAX", 4)
    page = selectors.list_cards(CardFilter(open_now=True), language="fr", at=AT, limit=20)
    assert page.cards == []
    assert page.next_key is not None
    rest = selectors.list_cards(CardFilter(open_now=True), language="fr", at=AT, limit=20, after=page.next_key)
    assert rest == selectors.CardPage([])
    assert len(closed) == 5


def test_a_page_is_kept_for_a_moment(settings: object) -> None:
    settings.CARD_CACHE_S = 60  # type: ignore[attr-defined]
    category = make_category()
    first = make_resource(category=category)
    assert listed(CardFilter()) == [first.pk]
    second = make_resource(category=category, at=AT + dt.timedelta(days=1))
    assert listed(CardFilter()) == [first.pk]
    assert listed(CardFilter(), is_fresh=True) == [second.pk, first.pk]


def test_similar_entries_are_of_the_same_category_and_town() -> None:
    town, category = make_city(), make_category()
    own, near = (make_resource(city=town, category=category) for _ in range(2))
    make_resource(category=category)
    make_resource(city=town)
    card = selectors.get_card(own.pk, language="fr")
    assert isinstance(card, selectors.Card)
    assert [other.id for other in selectors.similar_cards(card, language="fr", limit=4)] == [near.pk]


def test_cards_come_in_the_asked_order() -> None:
    rows = [make_resource() for _ in range(3)]
    hidden = make_resource(status="pending")
    asked = [rows[2].pk, hidden.pk, rows[0].pk]
    assert [card.id for card in selectors.cards_by_ids(asked, language="en")] == [rows[2].pk, rows[0].pk]
    assert selectors.cards_by_ids([], language="en") == []


def test_a_list_is_in_one_language() -> None:
    make_resource(name="Marché", name_en="Market")
    page = selectors.list_cards(CardFilter(), language="en", at=AT, limit=5)
    assert [card.data(AT)["name"] for card in page.cards] == ["Market"]


@pytest.mark.django_db(transaction=True)
def test_reading_survives_a_lost_connection_and_lost_statements() -> None:
    resource = make_resource()
    assert listed(CardFilter()) == [resource.pk]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert listed(CardFilter()) == [resource.pk]
    connection.connection.pgconn.finish()
    assert listed(CardFilter()) == [resource.pk]


def test_a_wrong_statement_is_an_error() -> None:
    with pytest.raises(ProgrammingError):
        reader.read("SELECT nothing_like_this", [])


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_in_a_transaction_is_an_error() -> None:
    """A second try on a new connection would read outside the transaction."""
    with pytest.raises(OperationalError), transaction.atomic():
        reader.read("SELECT pg_terminate_backend(pg_backend_pid())", [])
    assert listed(CardFilter()) == []
