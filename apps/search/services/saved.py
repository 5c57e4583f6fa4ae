"""Searches that people keep."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from apps.accounts.models import User
from apps.core.exceptions import NotFound
from apps.search.exceptions import TooManySavedSearches
from apps.search.models import SavedSearch

SAVED_MAX = 50
# So long a removed one can be taken back.
UNDO = dt.timedelta(days=1)


@transaction.atomic
def save_search(*, user: User, query: str, name: str, at: dt.datetime) -> SavedSearch:
    """Keep a search; one that is kept already gets the new name.

    :param query: the query string in its one form, not empty.

    :raises TooManySavedSearches: `SAVED_MAX` are kept.
    """
    _lock(user)
    saved = SavedSearch.objects.filter(user=user, query=query).first()
    if saved is None or saved.removed_at is not None:
        _check_room(user)
    if saved is None:
        return SavedSearch.objects.create(user=user, query=query, name=name, created_at=at)
    if saved.removed_at is not None:
        saved.created_at = at
    saved.name, saved.removed_at = name, None
    saved.save(update_fields=["name", "created_at", "removed_at"])
    return saved


@transaction.atomic
def rename_search(*, user: User, saved_id: uuid.UUID, name: str) -> SavedSearch:
    """Give another name. :raises NotFound: not a search that this person keeps."""
    saved = _own(user, saved_id, is_removed=False)
    saved.name = name
    saved.save(update_fields=["name"])
    return saved


@transaction.atomic
def remove_search(*, user: User, saved_id: uuid.UUID, at: dt.datetime) -> SavedSearch:
    """Keep it no longer; for `UNDO` it can be taken back. :raises NotFound: not a search that this person keeps."""
    saved = _own(user, saved_id, is_removed=False)
    saved.removed_at = at
    saved.save(update_fields=["removed_at"])
    return saved


@transaction.atomic
def take_back_search(*, user: User, saved_id: uuid.UUID) -> SavedSearch:
    """Keep a removed one again.

    :raises NotFound: this person has removed no such search. :raises TooManySavedSearches: others took its place.
    """
    _lock(user)
    saved = _own(user, saved_id, is_removed=True)
    _check_room(user)
    saved.removed_at = None
    saved.save(update_fields=["removed_at"])
    return saved


def delete_searches_of(*, user_id: uuid.UUID) -> int:
    """Delete all of a person, whose account has ended; returns how many."""
    return SavedSearch.objects.filter(user=user_id).delete()[0]


def prune_saved(*, at: dt.datetime) -> int:
    """Delete what nobody took back in time; returns how many."""
    return SavedSearch.objects.filter(removed_at__lt=at - UNDO).delete()[0]


def _lock(user: User) -> None:
    """So that two windows of one person cannot pass the bound together."""
    User.objects.select_for_update().get(pk=user.pk)


def _check_room(user: User) -> None:
    if SavedSearch.objects.filter(user=user, removed_at=None).count() >= SAVED_MAX:
        raise TooManySavedSearches


def _own(user: User, saved_id: uuid.UUID, *, is_removed: bool) -> SavedSearch:
    rows = SavedSearch.objects.select_for_update().filter(user=user, pk=saved_id, removed_at__isnull=not is_removed)
    saved = rows.first()
    if saved is None:
        raise NotFound
    return saved
