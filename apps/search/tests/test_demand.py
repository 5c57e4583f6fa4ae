"""What is searched for is counted, and nobody who searches can be found in it."""

from __future__ import annotations

import datetime as dt

import pytest
import redis
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone
from django_redis import get_redis_connection

from apps.core.process_cache import clear_process_caches
from apps.search import tally
from apps.search.askers import Asker, asker_of
from apps.search.constants import SHARED_FROM
from apps.search.models import SearchClicks, SearchDemand, SharedQuery, SharedQueryDay
from apps.search.services.demand import (
    DAYS_BACK,
    KEPT_DAYS,
    count_click,
    count_search,
    flush_demand,
    kept_words,
    prune_demand,
)

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 26)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.clear()


def search(text: str, *, by: str = "1.1.1.1", found: int = 3, at: dt.datetime = AT, language: str = "fr") -> bool:
    return count_search(text=text, language=language, channel=SearchDemand.Channel.PAGE, found=found, asker=Asker(by), at=at)


def search_by(people: int, text: str, *, found: int = 3, at: dt.datetime = AT) -> None:
    for number in range(people):
        assert search(text, by=f"10.0.0.{number}", found=found, at=at)


def test_it_works() -> None:
    search_by(SHARED_FROM, "Pharmacie de garde", found=0)
    search_by(2, "Hôtel")
    for number, position in enumerate([1, 3]):
        assert count_click(text="pharmacie  de GARDE", language="fr", position=position, asker=Asker(f"10.0.0.{number}"), at=AT)
    assert flush_demand(at=AT) == 1
    day = SearchDemand.objects.get()
    assert (day.day, day.language, day.channel, day.searches, day.empty, day.clicks) == (TODAY, "fr", "page", 7, 5, 2)
    shared = SharedQueryDay.objects.select_related("query").get()
    assert (shared.query.text, shared.query.shared_on) == ("pharmacie de garde", TODAY)
    assert (shared.searches, shared.empty, shared.clicks, shared.positions) == (5, 5, 2, 4)
    assert list(SearchClicks.objects.order_by("position").values_list("position", "clicks")) == [(1, 1), (3, 1)]


def test_words_of_few_people_are_never_written_down() -> None:
    search_by(SHARED_FROM - 1, "ma voisine du quatrième")
    for _repeated in range(20):
        assert not search("ma voisine du quatrième", by="10.0.0.1")
    flush_demand(at=AT)
    assert SearchDemand.objects.get().searches == SHARED_FROM - 1
    assert not SharedQuery.objects.exists()
    # Nor do they outlive the day where they were counted.
    flush_demand(at=AT + DAY)
    assert not SharedQuery.objects.exists()
    assert tally.read(TODAY) == tally.Tally()


@pytest.mark.parametrize(
    "text",
    ["6 70 00 00 00", "appeler 670000000", "+237 6 99-88-77-66", "jean.dupont@example.cm", "https://example.cm/moi", "www.example.cm", "x",
     "1 2 3 4", "mot " * 20, "long " + "é" * 35 + " " + "é" * 35, "\u0666\u0667\u0668\u0669\u0660"],
)  # fmt: skip
def test_what_may_be_personal_is_counted_without_its_words(text: str) -> None:
    assert kept_words(text) == ""
    search_by(SHARED_FROM, text)
    flush_demand(at=AT)
    assert SearchDemand.objects.get().searches == SHARED_FROM
    assert not SharedQuery.objects.exists()
    kept = b"".join(
        member
        for name in get_redis_connection("default").scan_iter("*search-demand*texts")
        for member in [get_redis_connection("default").dump(name) or b""]
    )
    assert kept == b""


def test_ordinary_words_are_kept_folded() -> None:
    assert kept_words("  L’Hôpital Général, Yaoundé ") == "hopital general yaounde"
    assert kept_words("lycée 2") == "lycee 2"


def test_shared_words_are_counted_on_days_of_few_people() -> None:
    search_by(SHARED_FROM, "coiffeur")
    flush_demand(at=AT)
    search("coiffeur", at=AT + DAY)
    flush_demand(at=AT + DAY)
    assert list(SharedQueryDay.objects.order_by("day").values_list("day", "searches")) == [(TODAY, SHARED_FROM), (TODAY + DAY, 1)]
    assert SharedQuery.objects.get().shared_on == TODAY


def test_it_is_harmless_to_flush_again_and_to_lose_counts() -> None:
    search_by(SHARED_FROM, "coiffeur")
    flush_demand(at=AT)
    flush_demand(at=AT)
    cache.clear()
    clear_process_caches()
    search("coiffeur")
    flush_demand(at=AT)
    assert SearchDemand.objects.get().searches == SHARED_FROM
    assert SharedQueryDay.objects.get().searches == SHARED_FROM


def test_one_person_counts_once_a_day() -> None:
    assert search("coiffeur")
    assert not search("Coiffeur ")
    assert search("coiffeur", language="en")
    assert search("coiffeur", by="2.2.2.2")
    assert search("coiffeur", at=AT + DAY)


def test_nothing_that_is_kept_tells_who_asked_or_what_else_they_asked() -> None:
    search("coiffeur", by="41.202.219.77")
    search("mécanicien", by="41.202.219.77")
    client = get_redis_connection("default")
    kept = {bytes(name): client.smembers(name) for name in client.scan_iter("*search-demand*pairs")}
    (pairs,) = kept.values()
    assert len(pairs) == 2
    assert all(len(pair) == 8 for pair in pairs)
    everything = b"".join(client.dump(name) or b"" for name in client.scan_iter("*search-demand*"))
    assert b"41.202" not in everything
    # The secret ends with the day, and everything after two.
    midnight = 11 * 3600
    assert 0 < client.ttl(next(client.scan_iter("*search-demand*salt"))) <= midnight + 60
    assert all(0 < client.ttl(name) <= tally.LIVE_S for name in client.scan_iter("*search-demand*"))


def test_who_asks_not_to_be_followed_counts_in_totals_only() -> None:
    for _time in range(SHARED_FROM):
        assert search("coiffeur", by="")
        assert count_click(text="coiffeur", language="fr", position=2, asker=Asker(""), at=AT)
    flush_demand(at=AT)
    assert SearchDemand.objects.get().searches == SHARED_FROM
    assert SearchClicks.objects.get().clicks == SHARED_FROM
    assert not SharedQuery.objects.exists()
    assert not list(get_redis_connection("default").scan_iter("*search-demand*pairs"))


def test_robots_count_nowhere() -> None:
    factory = RequestFactory()
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
    for agent in ("Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8.5", "", "python-requests/2.32", "WhatsApp/2.23", "AhrefsBot/7.0"):
        assert asker_of(factory.get("/", headers={"User-Agent": agent})) is None, agent
    assert asker_of(factory.get("/", headers={"User-Agent": phone, "Sec-Purpose": "prefetch;prerender"})) is None
    assert asker_of(factory.get("/", headers={"User-Agent": phone})) == Asker("127.0.0.1")
    assert asker_of(factory.get("/", headers={"User-Agent": "curl/8.5"}), is_program=True) == Asker("127.0.0.1")
    for header in ("DNT", "Sec-GPC"):
        assert asker_of(factory.get("/", headers={"User-Agent": phone, header: "1"})) == Asker("")
    assert not count_search(text="coiffeur", language="fr", channel=SearchDemand.Channel.PAGE, found=1, asker=None, at=AT)


def test_a_flood_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "PAIRS_MAX", 30)
    monkeypatch.setattr(tally, "TEXTS_MAX", 10)
    letters = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
    counted = [search(f"mot {letters[number]}{letters[number + 1]} {letters[number // 26]}") for number in range(50)]
    assert sum(counted) == 30
    assert len(tally.read(TODAY).texts) == 10


@pytest.mark.parametrize("position", [0, -1, 101])
def test_a_place_out_of_bounds_is_no_place(position: int) -> None:
    assert not count_click(text="coiffeur", language="fr", position=position, asker=Asker("1.1.1.1"), at=AT)


def test_without_redis_nothing_is_counted_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_name: str) -> redis.Redis:
        return redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.1)

    monkeypatch.setattr(tally, "get_redis_connection", away)
    assert not search("coiffeur")
    assert not search("coiffeur", by="")
    assert not count_click(text="coiffeur", language="fr", position=1, asker=Asker("1.1.1.1"), at=AT)


def test_counts_of_a_day_without_a_worker_are_written_the_next_day() -> None:
    search_by(SHARED_FROM, "coiffeur")
    flush_demand(at=AT + DAYS_BACK * DAY)
    assert SharedQueryDay.objects.get().day == TODAY


def test_old_days_are_forgotten() -> None:
    search_by(SHARED_FROM, "coiffeur")
    count_click(text="coiffeur", language="fr", position=1, asker=Asker("1.1.1.1"), at=AT)
    flush_demand(at=AT)
    assert prune_demand(at=AT + KEPT_DAYS * DAY) == 0
    assert prune_demand(at=AT + (KEPT_DAYS + 1) * DAY) == 4
    for model in (SearchDemand, SearchClicks, SharedQuery, SharedQueryDay):
        assert not model.objects.exists()


def test_the_api_counts_its_first_pages(client: Client) -> None:
    for query in ("q=coiffeur", "q=coiffeur&offset=20", "q=", "q=coiffeur&limit=5"):
        assert client.get(f"/api/v1/search?{query}").status_code == 200
    counted = tally.read(timezone.localdate())
    assert counted.totals == {"fr|api|s": 1, "fr|api|e": 1}
    assert counted.texts == {"fr|coiffeur": {"s": 1, "e": 1}}
