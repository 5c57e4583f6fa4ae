"""Which entries: chainable filters of `Resource`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from apps.catalog.choices import Status

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.catalog.models import Resource  # noqa: F401  named in the base class


class ResourceQuerySet(models.QuerySet["Resource"]):
    """Filters that read as adjectives."""

    def kept(self) -> Self:
        """Not deleted."""
        return self.filter(deleted_at__isnull=True)

    def published(self) -> Self:
        """What visitors see, and what has cards."""
        return self.kept().filter(status=Status.ACTIVE, livemode=True)

    def editable_by(self, user: User) -> Self:
        """Owner's own entries; everything for staff."""
        return self.kept() if user.is_staff else self.kept().filter(user=user)

    def visible_to(self, user: User | None) -> Self:
        """Published entries, and a user's own in any state; everything for staff."""
        if user is None:
            return self.published()
        if user.is_staff:
            return self.all()
        return self.kept().filter(Q(status=Status.ACTIVE, livemode=True) | Q(user=user))

    def awaiting_moderation(self) -> Self:
        """The moderation queue, oldest first."""
        return self.kept().filter(status=Status.PENDING).order_by("created_at")
