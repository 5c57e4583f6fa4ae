"""Pages of results tell what was searched for, and pages of entries from which place of a list they were opened."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.search import tally
from apps.web.tests.conftest import Catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
RESULTS = "/fr/recherche/?q=wouri"


@pytest.fixture
def visitor() -> Client:
    """Somebody with a phone; nothing has been counted yet."""
    cache.clear()
    return Client(headers={"user-agent": PHONE})


def counted() -> tally.Tally:
    return tally.read(timezone.localdate())


def test_it_works(visitor: Client) -> None:
    html = visitor.get(RESULTS).content.decode()
    assert 'href="/fr/fiche/chez-wouri/?pos=1"' in html
    opened = visitor.get("/fr/fiche/chez-wouri/?pos=1", headers={"referer": f"http://testserver{RESULTS}"})
    assert opened.status_code == 200
    assert '<link rel="canonical" href="http://testserver/fr/fiche/chez-wouri/">' in opened.content.decode()
    visitor.get("/fr/recherche/?q=zzzz")
    visitor.get("/en/recherche/?q=wouri")
    assert counted().totals == {"fr|page|s": 2, "fr|page|e": 1, "fr|page|c": 1, "fr|at|1": 1, "en|page|s": 1}
    assert counted().texts == {"fr|wouri": {"s": 1, "c": 1, "p": 1}, "fr|zzzz": {"s": 1, "e": 1}, "en|wouri": {"s": 1}}


def test_entries_that_were_shown_and_places_without_an_answer_are_counted(visitor: Client, catalogue: Catalogue) -> None:
    visitor.get(RESULTS)
    visitor.get("/fr/fiche/chez-wouri/?pos=1", headers={"referer": f"http://testserver{RESULTS}"})
    shown, rest = divmod(counted().details["fr|wouri"][f"to|{catalogue.business.pk.hex}"], 1 << 43)
    assert (shown, rest) == (1, 1 + (1 << 18))
    visitor.get("/fr/recherche/?q=zzzz&city=douala&quarter=akwa")
    visitor.get("/fr/recherche/?q=zzzz akwa&category=restaurants")
    assert counted().details["fr|zzzz"] == {"in|douala|akwa": 1}
    totals = counted().totals
    assert totals["where|douala||e"] == 1
    assert totals["where|douala|restaurants|s"] == 1


def test_only_searches_of_words_tell_places(visitor: Client) -> None:
    assert "?pos=" not in visitor.get("/fr/douala/").content.decode()
    assert "?pos=" not in visitor.get("/fr/recherche/?verified=1").content.decode()
    assert counted() == tally.Tally()


@pytest.mark.parametrize("referer", ["", "http://[", "https://elsewhere.example/fr/recherche/?q=secret", "http://testserver/fr/?q=secret"])
def test_the_words_of_another_page_are_not_taken(visitor: Client, referer: str) -> None:
    assert visitor.get("/fr/fiche/chez-wouri/?pos=2", headers={"referer": referer}).status_code == 200
    assert counted() == tally.Tally({"fr|page|c": 1, "fr|at|2": 1}, {})


@pytest.mark.parametrize("place", ["", "0", "-1", "1000", "1e3", "%00", "²", "1&pos=2"])
def test_a_place_that_is_none_is_ignored(visitor: Client, place: str) -> None:
    assert visitor.get(f"/fr/fiche/chez-wouri/?pos={place}").status_code == 200
    assert set(counted().totals) <= {"fr|page|c", "fr|at|2"}


def test_counting_asks_the_database_nothing(visitor: Client, client: Client) -> None:
    """A robot is not counted: its pages cost what pages cost without counting."""
    for path in (RESULTS, "/fr/fiche/chez-wouri/?pos=1"):
        costs = []
        for who in (client, visitor):
            who.get(path)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                who.get(path)
            costs.append(len(asked))
        assert costs[0] == costs[1], path
