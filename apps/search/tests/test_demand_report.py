"""The report of what is searched for, as staff reads it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.catalog.tests.factories import make_user
from apps.search.models import SearchClicks, SearchDemand, SharedQuery, SharedQueryDay
from apps.search.selectors.demand import Demand, demand_report

pytestmark = pytest.mark.django_db
LAST = dt.date(2026, 11, 26)
PATH = "/admin/search/sharedquery/"


def days_before(number: int, last: dt.date = LAST) -> dt.date:
    return last - dt.timedelta(days=number)


def asked(
    text: str, by_day: dict[int, int], *, empty: int = 0, clicks: int = 0, positions: int = 0, language: str = "fr", last: dt.date = LAST
) -> None:
    query = SharedQuery.objects.create(text=text, language=language, shared_on=last)
    for number, searches in by_day.items():
        SharedQueryDay.objects.create(
            query=query, day=days_before(number, last), searches=searches, empty=empty, clicks=clicks, positions=positions
        )


def demand(number: int, searches: int, *, empty: int = 0, clicks: int = 0, language: str = "fr", channel: str = "page") -> None:
    SearchDemand.objects.create(day=days_before(number), language=language, channel=channel, searches=searches, empty=empty, clicks=clicks)


def test_it_works() -> None:
    demand(0, 10, empty=2, clicks=4)
    demand(0, 5, channel="api")
    demand(6, 7, empty=1)
    demand(7, 100)
    report = demand_report(first=days_before(6), last=LAST)
    assert [day for day, _one in report.days] == [days_before(number) for number in range(6, -1, -1)]
    assert report.days[0][1] == Demand(7, 1, 0)
    assert report.days[1][1] == Demand()
    assert report.total == Demand(22, 3, 4)
    assert report.total.empty_percent == 14
    assert report.previous == Demand(100, 0, 0)


def test_top_words_and_the_place_they_open() -> None:
    asked("coiffeur", {0: 9, 3: 6}, clicks=2, positions=5)
    asked("garage", {0: 20})
    asked("long ago", {40: 99})
    top = demand_report(first=days_before(6), last=LAST).top
    assert [(one.text, one.searches, one.clicks, one.place) for one in top] == [("garage", 20, 0, None), ("coiffeur", 15, 4, 2.5)]


def test_rising_is_the_week_beside_the_four_before() -> None:
    asked("always", {0: 50, 7: 50, 14: 50, 21: 50, 28: 50})
    asked("noel", {0: 30, 10: 4})
    asked("new", {1: 6})
    asked("falling", {0: 5, 8: 80})
    asked("before the weeks before", {0: 8, 35: 8})
    rising = demand_report(first=days_before(90), last=LAST).rising
    assert [(one.text, one.searches, one.before) for one in rising] == [
        ("noel", 30, 1.0), ("before the weeks before", 8, 0.0), ("new", 6, 0.0),
    ]  # fmt: skip


def test_unanswered_words_stand_by_how_many_got_nothing() -> None:
    asked("call box", {0: 9}, empty=9)
    asked("coiffeur", {0: 90}, empty=1)
    asked("garage", {0: 20})
    report = demand_report(first=LAST, last=LAST)
    assert [(one.text, one.empty) for one in report.unanswered] == [("call box", 9), ("coiffeur", 1)]


def test_places_are_told_apart_on_the_first_half_page() -> None:
    for position, clicks in ((1, 8), (2, 4), (11, 2), (20, 1), (21, 1), (100, 1)):
        SearchClicks.objects.create(day=LAST, language="fr", position=position, clicks=clicks)
    places = demand_report(first=LAST, last=LAST).places
    assert places[:3] == [(1, 1, 8), (2, 2, 4), (3, 3, 0)]
    assert places[-2:] == [(11, 20, 3), (21, None, 2)]


def test_one_language_alone() -> None:
    demand(0, 10)
    demand(0, 3, language="en")
    asked("coiffeur", {0: 9})
    asked("hairdresser", {0: 7}, language="en")
    SearchClicks.objects.create(day=LAST, language="fr", position=1, clicks=5)
    report = demand_report(first=LAST, last=LAST, language="en")
    assert report.total.searches == 3
    assert [one.text for one in report.top] == ["hairdresser"]
    assert sum(clicks for _low, _high, clicks in report.places) == 0


@pytest.fixture
def staff(client: Client) -> Client:
    user = make_user(email="staff@example.cm", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_sharedquery"))
    client.force_login(user)
    return client


def test_the_page(staff: Client) -> None:
    today = timezone.localdate()
    asked("coiffeur", {0: 9}, empty=9, last=today)
    SearchDemand.objects.create(day=today, language="fr", channel="page", searches=12, empty=3)
    for query in ("", "?period=7&language=fr", "?period=364", "?period=x&language=xx&csv=none"):
        with CaptureQueriesContext(connection) as statements:
            html = staff.get(PATH + query).content.decode()
        assert len(statements) <= 12, [one["sql"] for one in statements]
        assert html.count("coiffeur") == 3, query
        assert html.count('<svg class="demand-bars" role="img"') == 2
        assert "<rect" in html
    assert "coiffeur" not in staff.get(f"{PATH}?language=en").content.decode()
    assert f'href="{PATH}"' in staff.get("/admin/").content.decode()


def test_the_files(staff: Client) -> None:
    asked("coiffeur", {0: 9}, clicks=2, positions=5, last=timezone.localdate())
    response = staff.get(f"{PATH}?period=7&csv=top")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="search-top-')
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[1] == "coiffeur,fr,9,0,2,2.5"
    for name, rows in (("rising", 1), ("unanswered", 0), ("places", 12), ("days", 7)):
        assert len(staff.get(f"{PATH}?period=7&csv={name}").content.decode().splitlines()) == rows + 1


def test_a_stranger_sees_nothing(client: Client) -> None:
    assert client.get(PATH).status_code == 302
    client.force_login(make_user(email="other@example.cm", is_staff=True))
    assert client.get(PATH).status_code == 403
    assert client.get(f"{PATH}?csv=top").status_code == 403
