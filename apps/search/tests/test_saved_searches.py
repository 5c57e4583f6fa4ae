"""Searches that people keep: bounded, each once, taken back for a day, gone with the account."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.accounts.origins import NOWHERE
from apps.accounts.personal_data import sources
from apps.accounts.services.closure import GRACE, delete_account, request_deletion
from apps.catalog.tests.factories import make_user
from apps.core.exceptions import NotFound
from apps.search.exceptions import TooManySavedSearches
from apps.search.models import SavedSearch
from apps.search.selectors.saved import removed_search, saved_search, saved_searches
from apps.search.services.saved import SAVED_MAX, UNDO, prune_saved, remove_search, rename_search, save_search, take_back_search
from apps.search.tasks import forget_person

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
QUERY = "category=restaurants&city=douala"


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def stranger() -> User:
    return make_user()


def keep(user: User, query: str = QUERY, name: str = "Manger à Douala", at: dt.datetime = AT) -> SavedSearch:
    return save_search(user=user, query=query, name=name, at=at)


def test_it_works(owner: User, stranger: User) -> None:
    first = keep(owner)
    second = keep(owner, "q=coiffeur", "Coiffeurs", AT + dt.timedelta(hours=1))
    assert saved_searches(owner) == [second, first]
    assert saved_search(owner, QUERY) == first
    assert saved_searches(stranger) == []
    assert saved_search(stranger, QUERY) is None
    rename_search(user=owner, saved_id=first.pk, name="Dîner")
    assert saved_searches(owner)[1].name == "Dîner"


def test_the_same_search_is_kept_once(owner: User, stranger: User) -> None:
    first = keep(owner)
    assert keep(owner, name="Autrement").pk == first.pk
    assert [saved.name for saved in saved_searches(owner)] == ["Autrement"]
    assert keep(stranger).pk != first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedSearch.objects.create(user=owner, query=QUERY, name="Encore", created_at=AT)


@pytest.mark.parametrize(("query", "name"), [("", "x"), ("q=" + "x" * 10_000, "x"), ("q=x", "")])
def test_the_database_refuses_what_has_no_bounds(owner: User, query: str, name: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedSearch.objects.create(user=owner, query=query, name=name, created_at=AT)


def test_a_long_search_is_kept_once_too(owner: User) -> None:
    long = "q=" + "%F0%9F%98%80" * 800
    assert keep(owner, long).pk == keep(owner, long).pk


def test_an_account_keeps_so_many(owner: User, stranger: User) -> None:
    kept = [keep(owner, f"q={number}") for number in range(SAVED_MAX)]
    with pytest.raises(TooManySavedSearches):
        keep(owner, "q=more")
    keep(owner, "q=1", "Un autre nom")
    keep(stranger)
    remove_search(user=owner, saved_id=kept[0].pk, at=AT)
    keep(owner, "q=more")
    with pytest.raises(TooManySavedSearches):
        take_back_search(user=owner, saved_id=kept[0].pk)
    with pytest.raises(TooManySavedSearches):
        keep(owner, "q=0")
    assert len(saved_searches(owner)) == SAVED_MAX


def test_what_was_removed_can_be_taken_back_for_a_day(owner: User) -> None:
    saved = keep(owner)
    remove_search(user=owner, saved_id=saved.pk, at=AT)
    assert saved_searches(owner) == []
    assert removed_search(owner, saved.pk) == saved
    assert prune_saved(at=AT + UNDO) == 0
    assert take_back_search(user=owner, saved_id=saved.pk).created_at == AT
    assert saved_searches(owner) == [saved]
    remove_search(user=owner, saved_id=saved.pk, at=AT)
    assert prune_saved(at=AT + UNDO + dt.timedelta(seconds=1)) == 1
    with pytest.raises(NotFound):
        take_back_search(user=owner, saved_id=saved.pk)


def test_to_keep_what_was_removed_takes_it_back(owner: User) -> None:
    saved = keep(owner)
    remove_search(user=owner, saved_id=saved.pk, at=AT)
    later = AT + dt.timedelta(hours=2)
    again = keep(owner, name="De nouveau", at=later)
    assert (again.pk, again.name, again.created_at, again.removed_at) == (saved.pk, "De nouveau", later, None)


@pytest.mark.parametrize(
    "touch",
    [
        lambda user, saved_id: rename_search(user=user, saved_id=saved_id, name="Pris"),
        lambda user, saved_id: remove_search(user=user, saved_id=saved_id, at=AT),
        lambda user, saved_id: take_back_search(user=user, saved_id=saved_id),
    ],
)
def test_a_stranger_touches_nothing(owner: User, stranger: User, touch: Callable[[User, uuid.UUID], object]) -> None:
    saved = keep(owner)
    with pytest.raises(NotFound):
        touch(stranger, saved.pk)
    with pytest.raises(NotFound):
        touch(owner, uuid.uuid4())
    assert [one.name for one in saved_searches(owner)] == ["Manger à Douala"]


def test_they_are_in_the_archive_of_ones_own_data(owner: User, stranger: User) -> None:
    keep(owner)
    assert list(sources()["saved_searches"](owner)) == [{"name": "Manger à Douala", "query": QUERY, "created_at": AT, "removed_at": None}]
    assert list(sources()["saved_searches"](stranger)) == []


def test_they_end_with_the_account(
    owner: User, stranger: User, django_capture_on_commit_callbacks: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr("apps.search.receivers.enqueue", lambda name, *, user_id: sent.append((name, user_id)))
    keep(owner)
    keep(stranger)
    request_deletion(user=owner, origin=NOWHERE, at=AT)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        assert delete_account(user_id=owner.pk, at=AT + GRACE)
    assert sent == [("apps.search.tasks.forget_person", str(owner.pk))]
    forget_person(user_id=str(owner.pk))
    assert not SavedSearch.objects.filter(user=owner).exists()
    assert saved_searches(stranger) != []
