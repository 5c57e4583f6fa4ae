"""Which entries: chainable filters of `Resource`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from apps.catalog.choices import Status

if TYPE_CHECKING:
    from apps.accounts.callers import Caller
    from apps.catalog.models import Resource  # noqa: F401  named in the base class


class ResourceQuerySet(models.QuerySet["Resource"]):
    """Filters that read as adjectives."""

    def kept(self) -> Self:
        """Not deleted."""
        return self.filter(deleted_at__isnull=True)

    def published(self) -> Self:
        """What visitors see, and what has cards."""
        return self.kept().filter(status=Status.ACTIVE, livemode=True)

    def owned_by(self, caller: Caller) -> Self:
        """The caller's own: in person all of them, through a key or token those of its mode."""
        own = self.kept().filter(user=caller.user)
        return own if caller.is_in_person else own.filter(livemode=caller.livemode)

    def editable_by(self, caller: Caller) -> Self:
        """The caller's own entries; everything for staff."""
        return self.kept() if caller.is_staff else self.owned_by(caller)

    def visible_to(self, caller: Caller) -> Self:
        """Published entries, and the caller's own in any state; everything for staff."""
        if caller.is_staff:
            return self.all()
        return self.published() if caller.user is None else self.published() | self.owned_by(caller)

    def awaiting_moderation(self) -> Self:
        """The moderation queue, oldest first."""
        return self.kept().filter(status=Status.PENDING, livemode=True).order_by("created_at")
