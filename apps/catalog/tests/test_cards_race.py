"""An edit and a rebuild at the same time never leave an older card."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction

from apps.catalog.cards import refresh_cards, write_cards
from apps.catalog.models import Category, Resource, ResourceCard
from apps.catalog.tests.factories import make_category, make_resource

pytestmark = pytest.mark.django_db(transaction=True)

WAIT_S = 10.0


class Other(threading.Thread):
    """Another process's work: a thread with a connection of its own."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.work = work
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:  # noqa: BLE001  shown by `finish`
            self.error = error
        finally:
            connection.close()

    def wait_until_blocked(self) -> None:
        """Return once somebody waits for a lock of this connection."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
                if cursor.fetchone()[0]:
                    return
            time.sleep(0.01)  # between two looks at the server's activity
        pytest.fail("nobody waited")

    def finish(self) -> None:
        self.join(WAIT_S)
        assert not self.is_alive()
        assert self.error is None


def name_on_card(resource: Resource) -> bool:
    body = bytes(ResourceCard.objects.get(resource=resource, language="fr").body)
    return '"name":"Après"'.encode() in body


@pytest.mark.parametrize("rebuild", [write_cards, refresh_cards])
def test_a_rebuild_waits_for_an_edit_and_sees_it(rebuild: Callable[[list[object]], object]) -> None:
    resource = make_resource(name="Avant")
    other = Other(lambda: rebuild([resource.pk]))
    with transaction.atomic():
        Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)
        other.start()
        other.wait_until_blocked()
        Resource.objects.filter(pk=resource.pk).update(name="Après", version=2)
        write_cards([resource.pk])
    other.finish()
    assert name_on_card(resource)


def test_an_edit_waits_for_a_rebuild_and_comes_after_it() -> None:
    resource = make_resource(name="Avant")

    def edit() -> None:
        with transaction.atomic():
            Resource.objects.filter(pk=resource.pk).update(name="Après", version=2)
            write_cards([resource.pk])

    other = Other(edit)
    with transaction.atomic():
        write_cards([resource.pk])
        other.start()
        other.wait_until_blocked()
    other.finish()
    assert name_on_card(resource)


def test_a_category_is_not_renamed_under_a_card_being_written() -> None:
    category = make_category()
    resource = make_resource(category=category)
    renamed: list[bool] = []

    def rename() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        try:
            Category.objects.filter(pk=category.pk).update(name_fr="Autre")
            renamed.append(True)
        except OperationalError:
            renamed.append(False)

    with transaction.atomic():
        write_cards([resource.pk])
        first = Other(rename)
        first.start()
        first.finish()
    second = Other(rename)
    second.start()
    second.finish()
    assert renamed == [False, True]
