"""Lists of the best give the page that any other way gives, whatever was written, hidden or cut since they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from apps.core.process_cache import clear_process_caches
from apps.search.backends.base import EngineQuery, Group, Hits, Order
from apps.search.backends.postgres import PostgresBackend, estimates, terms
from apps.search.backends.postgres import bests as backend
from apps.search.documents import SearchDocument
from apps.search.models import ResourceSearch, ResourceSearchDocument, SearchBest, SearchBestList, SearchTerm, SearchWord
from apps.search.services import bests
from apps.search.tests.plain_backend import PlainBackend
from apps.search.tests.random_queries import WORDS, documents, groups
from apps.search.tests.sample_documents import document

pytestmark = pytest.mark.django_db
many = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=40,
)
WORD = EngineQuery(groups=(Group(("2soleil",)),), order=Order.RELEVANCE, limit=3)
queries = st.builds(
    EngineQuery,
    groups=st.tuples(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True).map(lambda words: Group(tuple(words))) | groups),
    whole_name=st.sampled_from(("", *WORDS[:6], "2pharmacie 2soleil")),
    order=st.just(Order.RELEVANCE),
    limit=st.integers(1, 6),
    counted_max=st.sampled_from([0, 1, 5, 1000]),
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one entry holds has a list; of what more than four hold the first six."""
    for name, value in {"LISTED_MIN": 1, "WHOLE_MAX": 4, "BEST": 6, "LEAST": 3}.items():
        monkeypatch.setattr(bests, name, value)
    # No count rests on statistics, which are older than what is written here.
    monkeypatch.setattr(backend, "SURE", float("inf"))


def write(engine: PostgresBackend, found: Sequence[SearchDocument]) -> PlainBackend:
    """An engine with these documents and nothing else, and lists of some of its words; and the plainest one."""
    for model in (ResourceSearch, ResourceSearchDocument, SearchBest, SearchBestList, SearchTerm, SearchWord):
        model._base_manager.all().delete()
    plain = PlainBackend()
    assert plain.index(found) == engine.index(found) == len(found)
    for word in WORDS:
        # Stems are terms of a word.
        SearchWord.objects.create(form=word, shown=word, term=terms.anywhere(word), deletions=[])
        if count := sum(word in one.terms for one in found):
            SearchTerm.objects.create(term=terms.anywhere(word), df=count)
    learn(len(found))
    return plain


def learn(count: int) -> None:
    SearchTerm.objects.update_or_create(term=estimates.DOCUMENTS_TERM, defaults={"df": count})
    clear_process_caches()
    bests.refresh_lists()
    clear_process_caches()


def assert_same(mine: Hits, plain: Hits) -> None:
    assert [(place.id, place.tier, place.quality) for place in mine.places] == [
        (place.id, place.tier, place.quality) for place in plain.places
    ]
    assert (mine.total, mine.has_more) == (plain.total, plain.has_more)
    assert not mine.total or mine.is_exact == plain.is_exact


def test_it_works() -> None:
    engine = PostgresBackend()
    plain = write(engine, [document(number, name="le 2soleil" if number % 3 else "la lune", quality=number) for number in range(1, 31)])
    engine.search(WORD)  # counts are read once
    with CaptureQueriesContext(connection) as caught:
        mine = engine.search(WORD)
    assert_same(mine, plain.search(WORD))
    assert len(caught) == 1
    assert "search_best" in caught[0]["sql"]


@given(found=documents(), then=documents(), gone=st.sets(st.integers(1, 60)), asked=st.lists(queries, min_size=2, max_size=6))
@many
def test_hits_are_the_same(found: list[SearchDocument], then: list[SearchDocument], gone: set[int], asked: list[EngineQuery]) -> None:
    engine = PostgresBackend()
    plain = write(engine, found)
    # Lists learned of before do for what is written after.
    newer = [replace(one, version=one.version + 3) for one in then]
    removed = {one.id: 9 for one in (*found, *then) if one.id.int >> 64 in gone}
    assert engine.index(newer) == plain.index(newer)
    for query in asked:
        assert_same(engine.search(query), plain.search(query))
    assert engine.delete(removed) == plain.delete(removed)
    for query in asked:
        assert_same(engine.search(query), plain.search(query))
    learn(len(found) + len(then))
    for query in asked:
        assert_same(engine.search(query), plain.search(query))


def test_a_group_of_nothing_holds_nothing() -> None:
    engine = PostgresBackend()
    write(engine, [document(1, name="le 2soleil")])
    assert list(engine.search(replace(WORD, groups=(Group(()),))).places) == []


def test_a_list_has_every_entry_down_to_its_last() -> None:
    engine = PostgresBackend()
    write(engine, [document(number, name="le 2soleil", quality=number % 7) for number in range(1, 31)])
    number = terms.anywhere("2soleil")
    last = SearchBestList.objects.get(term=number)
    expected = sorted(((quality + 1_000, pk) for pk, quality in ResourceSearch.objects.values_list("pk", "quality")), reverse=True)[:6]
    assert list(SearchBest.objects.filter(term=number).order_by("-rank", "-resource_id").values_list("rank", "resource_id")) == expected
    assert (last.rank, last.resource_id) == expected[-1]
    engine.index([document(40, name="le 2soleil", quality=90), document(41, name="le 2soleil", quality=0)])
    assert SearchBest.objects.filter(term=number).count() == 7
    SearchTerm.objects.all().delete()
    learn(0)
    assert not SearchBest.objects.exists()
    assert not SearchBestList.objects.exists()
