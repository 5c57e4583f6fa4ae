"""What the catalogue does after events."""

from __future__ import annotations

from apps.accounts import events as accounts_events
from apps.catalog import events as catalog_events
from apps.core.background import enqueue
from apps.core.events import receiver


@receiver(catalog_events.image_uploaded, uid="catalog.make_renditions")
def make_renditions(*, key: str, image_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """A picture waits for its sizes."""
    enqueue("apps.catalog.tasks.make_renditions", image_id=image_id)


@receiver(catalog_events.category_changed, uid="catalog.rewrite_cards_of_category")
def rewrite_cards_of_category(*, key: str, category_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """The cards show the category's name."""
    enqueue("apps.catalog.tasks.rewrite_cards_of_category", category_id=category_id)


@receiver(catalog_events.place_changed, uid="catalog.rewrite_cards_of_place")
def rewrite_cards_of_place(*, key: str, kind: str, place_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """The cards show the place's name."""
    enqueue("apps.catalog.tasks.rewrite_cards_of_place", kind=kind, place_id=place_id)


@receiver(accounts_events.account_deleted, uid="catalog.detach_listings")
def detach_listings(*, key: str, user_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """Entries outlive their owner's account."""
    enqueue("apps.catalog.tasks.detach_listings", user_id=user_id)
