"""Searches that people keep, for their own pages."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from apps.accounts.models import User
from apps.search.models import SavedSearch


def saved_searches(user: User) -> Sequence[SavedSearch]:
    """Those that somebody keeps, the newest first; as many as the services allow."""
    return list(SavedSearch.objects.filter(user=user, removed_at=None).order_by("-created_at", "-id"))


def saved_search(user: User, query: str) -> SavedSearch | None:
    """The one that somebody keeps of this query."""
    return SavedSearch.objects.filter(user=user, query=query, removed_at=None).first()


def removed_search(user: User, saved_id: uuid.UUID) -> SavedSearch | None:
    """One that somebody has just removed."""
    return SavedSearch.objects.filter(user=user, pk=saved_id, removed_at__isnull=False).first()
