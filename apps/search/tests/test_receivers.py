"""Search hears of entries through events."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from apps.catalog.choices import Status
from apps.catalog.services.moderation import publish_resource, suspend_resource
from apps.catalog.tests.factories import AT, make_category, make_city, make_resource, make_user
from apps.core import events
from apps.search import selectors
from apps.search.questions import SearchQuestion

pytestmark = pytest.mark.django_db
Committing = Callable[..., AbstractContextManager[object]]


def found(text: str) -> list[str]:
    return [hit.card.data(AT)["name"] for hit in selectors.search(SearchQuestion(text=text), at=AT).hits]


def test_a_publication_is_found_and_a_suspension_disappears(django_capture_on_commit_callbacks: Committing) -> None:
    staff = make_user(is_staff=True)
    resource = make_resource(name="Scierie du Dja", status=Status.PENDING, published_at=None, city=make_city())
    assert found("scierie") == []
    with django_capture_on_commit_callbacks(execute=True):
        publish_resource(resource_id=resource.pk, actor=staff, reason="complete", at=AT)
    assert found("scierie") == ["Scierie du Dja"]
    with django_capture_on_commit_callbacks(execute=True):
        suspend_resource(resource_id=resource.pk, actor=staff, reason="inaccurate", note="À revoir", at=AT)
    assert found("scierie") == []


def test_a_batch_is_indexed(django_capture_on_commit_callbacks: Committing) -> None:
    from apps.catalog import events as catalog_events

    resource = make_resource(name="Port de Kribi")
    with django_capture_on_commit_callbacks(execute=True):
        events.publish(catalog_events.resources_changed, key="test", resource_ids=[str(resource.pk)])
    assert found("kribi") == ["Port de Kribi"]


def test_a_new_name_of_a_category_finds_its_entries(django_capture_on_commit_callbacks: Committing) -> None:
    from apps.catalog import events as catalog_events

    parent = make_category(name_fr="Santé")
    make_resource(name="Centre A", category=make_category(name_fr="Soins", parent=parent))
    with django_capture_on_commit_callbacks(execute=True):
        events.publish(catalog_events.category_changed, key=str(parent.pk), category_id=str(parent.pk))
    assert found("sante") == ["Centre A"]
