"""Synonyms: shipped, edited, published, undone; and taken up by every process without a statement per search."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.catalog.services import reference
from apps.catalog.tests.factories import AT
from apps.core.process_cache import clear_process_caches
from apps.search import selectors, services
from apps.search.analysis import folded
from apps.search.choices import PublicationKind
from apps.search.exceptions import AlreadyUndone, ChangedSince
from apps.search.models import SynonymGroup, SynonymPublication
from apps.search.questions import SearchQuestion
from apps.search.selectors import synonyms
from apps.search.selectors.phrases import significant_words
from apps.search.services.synonyms import shipped_synonyms
from apps.search.tests.factories import make_found

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("staff@example.com", "a long password", name="Staff")


def make_group(staff: User, *words: str, key: str = "essai") -> SynonymGroup:
    """A draft."""
    group = SynonymGroup(key=key, words=list(words))
    services.save_group(group=group, actor=staff, at=AT)
    return group


def edit(group: SynonymGroup, staff: User, *words: str) -> None:
    group.words = list(words)
    services.save_group(group=group, actor=staff, at=AT)


def in_service(group: SynonymGroup) -> list[str] | None:
    return SynonymGroup.objects.get(pk=group.pk).published


def names(text: str) -> list[str]:
    """What a process answers that has just started."""
    clear_process_caches()
    return [hit.card.data(AT)["name"] for hit in selectors.search(SearchQuestion(text=text), at=AT).hits]


def test_it_works(staff: User) -> None:
    make_found(name="Atelier Kamga")
    group = make_group(staff, "atelier", "zoblazo")
    assert names("zoblazo") == []
    publication = services.publish_groups(group_ids=[group.pk], actor=staff, at=AT)
    assert names("zoblazo") == ["Atelier Kamga"]
    assert publication is not None
    assert (publication.kind, publication.actor, publication.at) == (PublicationKind.PUBLISHED, staff, AT)
    assert [(change.before, change.after) for change in publication.changes.all()] == [(None, ["atelier", "zoblazo"])]
    edit(group, staff, "atelier", "autre mot")
    assert names("zoblazo") == ["Atelier Kamga"]
    assert services.withdraw_groups(group_ids=[group.pk], actor=staff, at=AT) is not None
    assert names("zoblazo") == []
    assert SynonymGroup.objects.get().words == ["atelier", "autre mot"]


def test_what_is_in_service_already_makes_no_publication(staff: User) -> None:
    group = make_group(staff, "un", "deux")
    assert services.withdraw_groups(group_ids=[group.pk], actor=staff, at=AT) is None
    assert services.publish_groups(group_ids=[group.pk], actor=staff, at=AT) is not None
    assert services.publish_groups(group_ids=[group.pk], actor=staff, at=AT) is None
    assert SynonymPublication.objects.count() == 1


def test_an_undo_brings_back_what_was_before_and_can_be_undone(staff: User) -> None:
    one, two = make_group(staff, "un", "deux", key="un"), make_group(staff, "trois", "quatre", key="deux")
    services.publish_groups(group_ids=[one.pk], actor=staff, at=AT)
    edit(one, staff, "un", "uno")
    both = services.publish_groups(group_ids=[one.pk, two.pk], actor=staff, at=AT)
    assert both is not None
    undo = services.undo_publication(publication_id=both.pk, actor=staff, at=AT)
    assert (in_service(one), in_service(two)) == (["un", "deux"], None)
    assert SynonymGroup.objects.get(pk=one.pk).words == ["un", "uno"]
    with pytest.raises(AlreadyUndone):
        services.undo_publication(publication_id=both.pk, actor=staff, at=AT)
    services.undo_publication(publication_id=undo.pk, actor=staff, at=AT)
    assert (in_service(one), in_service(two)) == (["un", "uno"], ["trois", "quatre"])


def test_an_older_publication_is_not_undone_over_a_newer_one(staff: User) -> None:
    group = make_group(staff, "un", "deux")
    first = services.publish_groups(group_ids=[group.pk], actor=staff, at=AT)
    edit(group, staff, "un", "uno")
    services.publish_groups(group_ids=[group.pk], actor=staff, at=AT)
    assert first is not None
    with pytest.raises(ChangedSince):
        services.undo_publication(publication_id=first.pk, actor=staff, at=AT)
    assert in_service(group) == ["un", "uno"]


def test_a_draft_is_given_up(staff: User) -> None:
    group, new = make_group(staff, "un", "deux"), make_group(staff, "trois", "quatre", key="neuf")
    services.publish_groups(group_ids=[group.pk], actor=staff, at=AT)
    edit(group, staff, "un", "uno")
    assert services.discard_drafts(group_ids=[group.pk, new.pk], actor=staff, at=AT) == 1
    assert SynonymGroup.objects.get(pk=group.pk).words == ["un", "deux"]


@pytest.mark.parametrize(("key", "words"), [("seul", ["un"]), ("Grand", ["un", "deux"]), ("vide", ["un", ""]), ("trop", ["x"] * 13)])
def test_the_database_refuses_what_is_no_group(staff: User, key: str, words: list[str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_group(staff, *words, key=key)


def test_what_ships_is_loaded_once_and_edits_stay(staff: User) -> None:
    reference.load_reference()
    assert SynonymGroup.objects.exclude(published=None).count() == len(shipped_synonyms())
    edited, withdrawn = SynonymGroup.objects.get(key="pressing"), SynonymGroup.objects.get(key="tontine")
    edit(edited, staff, "pressing", "lavomatique")
    services.publish_groups(group_ids=[edited.pk], actor=staff, at=AT)
    services.withdraw_groups(group_ids=[withdrawn.pk], actor=staff, at=AT)
    count = SynonymPublication.objects.count()
    reference.load_reference()
    assert (in_service(edited), in_service(withdrawn)) == (["pressing", "lavomatique"], None)
    assert SynonymPublication.objects.count() == count
    reference.load_reference(overwrite=True)
    shipped = {row["key"]: row["words"] for row in shipped_synonyms()}
    assert (in_service(edited), in_service(withdrawn)) == (shipped["pressing"], shipped["tontine"])
    assert SynonymGroup.objects.get(key="pressing").words == shipped["pressing"]


def test_the_shipped_groups_are_many_and_each_phrase_says_something() -> None:
    groups = shipped_synonyms()
    assert len(groups) >= 200
    assert len({group["key"] for group in groups}) == len(groups)
    for group in groups:
        phrases = [significant_words(folded(phrase).split()) for phrase in group["words"]]
        assert all(0 < len(words) <= 6 for words in phrases), group
        assert len(set(phrases)) == len(phrases) >= 2, group


def test_a_search_asks_nothing_of_the_database_for_synonyms(staff: User) -> None:
    group = make_group(staff, "atelier", "zoblazo")
    services.publish_groups(group_ids=[group.pk], actor=staff, at=AT)
    clear_process_caches()
    with CaptureQueriesContext(connection) as first:
        kept = synonyms.known_synonyms()
    assert len(first) == 2
    with CaptureQueriesContext(connection) as later:
        assert synonyms.known_synonyms() is kept
    assert len(later) == 0


def test_a_process_that_looks_again_reads_the_groups_only_when_they_changed(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synonyms, "STAMP_CACHE_S", 0)
    monkeypatch.setattr(synonyms, "VERSION_CACHE_S", 0)
    group = make_group(staff, "atelier", "zoblazo")
    services.publish_groups(group_ids=[group.pk], actor=staff, at=AT)
    kept = synonyms.known_synonyms()
    with CaptureQueriesContext(connection) as queries:
        assert synonyms.known_synonyms() is kept
    assert len(queries) == 1
    services.withdraw_groups(group_ids=[group.pk], actor=staff, at=AT)
    assert synonyms.known_synonyms().version > kept.version


@pytest.mark.django_db(transaction=True)
def test_a_publication_is_taken_up_by_the_stamp_and_answers_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synonyms, "STAMP_CACHE_S", 0)
    staff = User.objects.create_superuser("staff@example.com", "a long password", name="Staff")
    make_found(name="Atelier Kamga")
    question = SearchQuestion(text="zoblazo")
    assert selectors.search(question, at=AT).hits == []
    group = make_group(staff, "atelier", "zoblazo")
    assert selectors.search(question, at=AT).hits == []
    services.publish_groups(group_ids=[group.pk], actor=staff, at=AT)
    assert len(selectors.search(question, at=AT).hits) == 1


def test_without_redis_the_version_is_asked_of_the_database(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synonyms, "STAMP_CACHE_S", 0)
    monkeypatch.setattr(synonyms, "VERSION_CACHE_S", 0)
    make_found(name="Atelier Kamga")
    group = make_group(staff, "atelier", "zoblazo")
    server: Any = cache
    monkeypatch.setattr(server._state, "away_until", float("inf"))
    question = SearchQuestion(text="zoblazo")
    assert selectors.search(question, at=AT).hits == []
    services.publish_groups(group_ids=[group.pk], actor=staff, at=AT)
    assert len(selectors.search(question, at=AT).hits) == 1
