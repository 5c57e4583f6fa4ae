"""Which shared searches showed an entry, and what was searched for in vain where."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries

from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_resource
from apps.search import tally
from apps.search.askers import Asker
from apps.search.constants import SHARED_FROM
from apps.search.models import ListingQueryDay, PlaceDemand, SearchDemand, SharedQuery, UnansweredDay
from apps.search.questions import NOWHERE, Where
from apps.search.selectors.listing_queries import ListingQuery, PlaceCount, Unanswered, listing_queries, place_counts, unanswered
from apps.search.services.demand import KEPT_DAYS, count_click, count_search, flush_demand, prune_demand
from apps.search.services.demand_details import SHOWN_MAX, click_details, details_of, write_details

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 26)
DAY = dt.timedelta(days=1)
MAKEPE = Where("douala", "makepe", "depannage")


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.clear()


def search(
    people: int, text: str, *shown: Resource, where: Where = NOWHERE, at: dt.datetime = AT, name: str = "10.0.0.", start: int = 0
) -> None:
    for number in range(start, start + people):
        count_search(
            text=text, language="fr", channel=SearchDemand.Channel.PAGE, found=len(shown), asker=Asker(f"{name}{number}" if name else ""),
            at=at, shown=[one.pk for one in shown], where=where,
        )  # fmt: skip


def test_it_works(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    wouri, other = make_resource(), make_resource()
    search(SHARED_FROM, "Ndolè Bonanjo", other, wouri)
    search(2, "ndolè bonanjo", wouri, other, start=SHARED_FROM)
    count_click(text="ndole bonanjo", language="fr", position=2, asker=Asker("10.0.0.1"), at=AT, opened=wouri.pk)
    flush_demand(at=AT)
    flush_demand(at=AT)
    search(1, "ndolè bonanjo", wouri, at=AT + DAY)
    flush_demand(at=AT + DAY)
    with django_assert_num_queries(1):
        found = listing_queries([wouri.number], first=TODAY, last=TODAY)
    assert found == [ListingQuery("ndole bonanjo", "fr", 7, 1, 12 / 7)]
    both = listing_queries([wouri.number, other.number], first=TODAY, last=TODAY + DAY)
    assert [(one.shown, one.clicks) for one in both] == [(15, 1)]
    assert listing_queries([], first=TODAY, last=TODAY) == []


def test_words_of_few_people_show_nobodys_entry() -> None:
    wouri = make_resource()
    search(SHARED_FROM - 1, "ma voisine du quatrième", wouri)
    search(SHARED_FROM - 1, "médecin discret", where=MAKEPE)
    flush_demand(at=AT)
    assert not ListingQueryDay.objects.exists()
    assert not UnansweredDay.objects.exists()
    assert list(PlaceDemand.objects.values_list("city", "category", "searches", "empty")) == [("douala", "depannage", 4, 4)]


def test_who_asks_not_to_be_told_apart_is_placed_nowhere() -> None:
    search(SHARED_FROM, "réparation frigo", where=MAKEPE, name="")
    flush_demand(at=AT)
    assert SearchDemand.objects.get().searches == SHARED_FROM
    assert not PlaceDemand.objects.exists()
    assert not UnansweredDay.objects.exists()


def test_what_a_place_lacks_is_shown_when_enough_people_asked(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    search(SHARED_FROM + 1, "réparation frigo", where=MAKEPE)
    search(SHARED_FROM - 1, "réparation frigo", where=Where("yaounde"), start=20)
    search(SHARED_FROM, "plombier", make_resource(), where=MAKEPE)
    flush_demand(at=AT)
    with django_assert_num_queries(1):
        assert unanswered(first=TODAY, last=TODAY) == [Unanswered("reparation frigo", "fr", "douala", "makepe", 6)]
    assert unanswered(first=TODAY, last=TODAY, cities=["yaounde"]) == []
    # Another day makes enough of them.
    search(1, "réparation frigo", where=Where("yaounde"), at=AT + DAY)
    flush_demand(at=AT + DAY)
    assert [one.searches for one in unanswered(first=TODAY, last=TODAY + DAY, cities=["yaounde"])] == [5]
    with django_assert_num_queries(1):
        assert place_counts(first=TODAY, last=TODAY) == [PlaceCount("douala", "depannage", 11, 6), PlaceCount("yaounde", "", 4, 4)]


def test_a_deleted_entry_or_a_deep_place_breaks_nothing() -> None:
    gone = make_resource()
    number, listings = gone.number, [make_resource() for _number in range(25)]
    search(SHARED_FROM, "coiffeur", gone, *listings)
    Resource.objects.filter(pk=gone.pk).delete()
    flush_demand(at=AT)
    assert listing_queries([number], first=TODAY, last=TODAY) == []
    assert listing_queries([listings[18].number], first=TODAY, last=TODAY) == [ListingQuery("coiffeur", "fr", 5, 0, 20.0)]
    assert listing_queries([listings[19].number], first=TODAY, last=TODAY) == []


def test_a_flood_of_details_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "DETAILS_MAX", 3)
    shown = [make_resource() for _number in range(5)]
    search(SHARED_FROM, "coiffeur", *shown)
    counted = tally.read(TODAY)
    assert len(counted.details["fr|coiffeur"]) == 3
    assert counted.texts["fr|coiffeur"]["s"] == SHARED_FROM
    flush_demand(at=AT)
    assert sorted(ListingQueryDay.objects.values_list("shown", flat=True)) == [5, 5, 5]


def test_counts_keep_apart_at_the_bounds_of_a_day() -> None:
    """Three counts share a number of Redis: as many pairs as a day may have, all of them shown last and opened."""
    shown = [make_resource() for _number in range(SHOWN_MAX)]
    last = shown[-1].pk
    name, one = next(item for item in details_of([listing.pk for listing in shown], NOWHERE, is_empty=False).items() if last.hex in item[0])
    full = tally.PAIRS_MAX * (one + click_details(last)[name])
    assert full < 1 << 63
    SharedQuery.objects.create(language="fr", text="coiffeur", shared_on=TODAY)
    write_details(day=TODAY, details={"fr|coiffeur": {name: full}})
    row = ListingQueryDay.objects.get()
    assert (row.shown, row.positions, row.clicks) == (tally.PAIRS_MAX, SHOWN_MAX * tally.PAIRS_MAX, tally.PAIRS_MAX)


def test_old_days_are_forgotten() -> None:
    search(SHARED_FROM, "coiffeur", make_resource(), where=MAKEPE)
    search(SHARED_FROM, "réparation frigo", where=MAKEPE)
    flush_demand(at=AT)
    prune_demand(at=AT + (KEPT_DAYS + 1) * DAY)
    for model in (ListingQueryDay, PlaceDemand, UnansweredDay):
        assert not model.objects.exists()
