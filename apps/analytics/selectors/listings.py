"""Whose statistics somebody may read."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from apps.accounts.callers import Caller
from apps.catalog.models import Resource
from apps.core.exceptions import NotFound

# Listings of one owner that are added up; beyond it he asks for them one by one.
LISTINGS_MAX = 2_000


@dataclass(frozen=True)
class Listing:
    """A listing, as statistics name it."""

    number: int
    id: uuid.UUID
    slug: str
    name: str


def find_listing(caller: Caller, resource_id: uuid.UUID) -> Listing:
    """One's own listing, in the caller's mode; any for staff in person.

    :raises NotFound: there is none, or not for this caller. :raises AuthenticationRequired: nobody is logged in.
    """
    caller.require_user()
    row = Resource.objects.editable_by(caller).filter(pk=resource_id).values_list("number", "pk", "slug", "name").first()
    if row is None:
        raise NotFound
    return Listing(*row)


def own_listings(caller: Caller) -> list[Listing]:
    """One's own listings in the caller's mode, oldest first, at most `LISTINGS_MAX`.

    :raises AuthenticationRequired: nobody is logged in.
    """
    caller.require_user()
    rows = Resource.objects.owned_by(caller).order_by("number").values_list("number", "pk", "slug", "name")
    return [Listing(*row) for row in rows[:LISTINGS_MAX]]
