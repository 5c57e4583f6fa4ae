"""Background work of the catalogue."""

from __future__ import annotations

import uuid

from celery import shared_task

from apps.catalog.services import categories, entitlements, images, owners, places
from apps.core.clock import now


@shared_task(ignore_result=True)
def make_renditions(*, image_id: str, **_: object) -> None:
    """Make the sizes of an uploaded picture."""
    images.make_renditions(image_id=uuid.UUID(image_id), at=now())


@shared_task(ignore_result=True)
def rewrite_cards_of_category(*, category_id: str, **_: object) -> None:
    """Rewrite the cards that show a category."""
    categories.rewrite_cards_of_category(category_id=uuid.UUID(category_id))


@shared_task(ignore_result=True)
def rewrite_cards_of_place(*, kind: str, place_id: str, **_: object) -> None:
    """Rewrite the cards that show a region, town or quarter."""
    places.rewrite_cards_of_place(kind=kind, place_id=uuid.UUID(place_id))


@shared_task(ignore_result=True)
def detach_listings(*, user_id: str, **_: object) -> None:
    """Leave the entries of a deleted account without an owner."""
    owners.detach_listings(user_id=uuid.UUID(user_id), at=now())


@shared_task(ignore_result=True)
def refresh_plans(**_: object) -> None:
    """Have entries show no plan whose rights ended by time."""
    entitlements.refresh_plans(at=now())
