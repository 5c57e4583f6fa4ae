"""Search follows what happens to entries: each event has their words written anew, or taken out. And to people who leave."""

from __future__ import annotations

from apps.accounts import events as accounts_events
from apps.catalog import events as catalog_events
from apps.core.background import enqueue
from apps.core.events import receiver

TASK = "apps.search.tasks.index_resources"


@receiver(catalog_events.resource_published, catalog_events.resource_updated, catalog_events.resource_hidden, uid="search.index_resource")
def index_resource(*, key: str, resource_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """One entry appeared, changed or went."""
    enqueue(TASK, resource_ids=[resource_id])


@receiver(accounts_events.account_deleted, uid="search.forget_person")
def forget_person(*, key: str, user_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """Searches that somebody kept end with the account."""
    enqueue("apps.search.tasks.forget_person", user_id=user_id)


@receiver(catalog_events.resources_changed, uid="search.index_resources")
def index_resources(*, key: str, resource_ids: list[str], **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """Many entries were written at once."""
    enqueue(TASK, resource_ids=resource_ids)


@receiver(catalog_events.category_changed, uid="search.index_category")
def index_category(*, key: str, category_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """Entries are found by the name and aliases of their category and of its parent."""
    enqueue("apps.search.tasks.index_category", category_id=category_id)
