"""A source is withdrawn, others speak of its places, and it comes back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.catalog.choices import ModerationReason, Status
from apps.catalog.models import ModerationDecision, Resource, ResourceCard
from apps.catalog.services.moderation import publish_resource, suspend_resource
from apps.ingestion.choices import Policy
from apps.ingestion.models import Proposal, Source
from apps.ingestion.services import sources
from apps.ingestion.services.withdrawal import bring_back, take_back
from apps.ingestion.tests.factories import make_proposal, make_source, make_source_key, outcomes, place, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def withdraw(source: Source) -> int:
    sources.withdraw_source(source_id=source.pk, at=timezone.now())
    return take_back(source_id=source.pk, at=timezone.now())


def restore(source: Source) -> int:
    sources.restore_source(source_id=source.pk, at=timezone.now())
    return bring_back(source_id=source.pk, at=timezone.now())


def tell(source: Source, *records: dict[str, Any]) -> list[str]:
    return outcomes(send(Client(), make_source_key(source), list(records)))


def seen(resource: Resource) -> tuple[str, str, bool]:
    resource.refresh_from_db()
    return resource.status, resource.name, ResourceCard.objects.filter(resource=resource).exists()


@pytest.fixture
def staff() -> User:
    return make_user(is_staff=True)


@pytest.fixture
def entry(source: Source) -> Resource:
    assert tell(source, place(1)) == ["created"]
    return Resource.objects.get()


def test_it_works(source: Source, entry: Resource) -> None:
    before: dict[str, Any] = dict(Resource.objects.values().get())
    details = [list(rows.order_by("pk").values_list()) for rows in (entry.contacts, entry.hours)]

    for _time in range(2):
        assert withdraw(source) == 1
        assert seen(entry) == (Status.ARCHIVED, place(1)["name"], False)
    for _time in range(2):
        assert restore(source) == 1
        assert seen(entry) == (Status.ACTIVE, place(1)["name"], True)

    after: dict[str, Any] = dict(Resource.objects.values().get())
    assert {name for name in before if before[name] != after[name]} == {"version", "updated_at"}
    assert [list(rows.order_by("pk").values_list()) for rows in (entry.contacts, entry.hours)] == details
    decisions = ModerationDecision.objects.order_by("created_at", "pk")
    assert [(one.note, one.actor) for one in decisions] == [("source_withdrawn", None), ("source_returned", None)]
    assert tell(source, place(1)) == ["unchanged"]
    assert tell(source, place(1, name=f"{place(1)['name']} Neuve")) == ["updated"]
    assert seen(entry)[1] == f"{place(1)['name']} Neuve"


@pytest.mark.parametrize(("policy", "status"), [(Policy.AUTO, Status.ACTIVE), (Policy.REVIEW, Status.PENDING)])
def test_another_source_that_speaks_of_it_brings_it_back(source: Source, entry: Resource, policy: str, status: str) -> None:
    withdraw(source)
    other = make_source(policy=policy)

    assert tell(other, place(1, source_id="x", phone="", website="https://autre.example/")) == ["merged"]

    assert seen(entry)[0] == status
    assert [contact.value for contact in entry.contacts.all()] == ["https://autre.example"], "what the withdrawn source said is gone"
    assert set(entry.provenance.values_list("source", flat=True)) == {other.slug}
    # A later withdrawal of both, and the return of the first, follow the same rules.
    withdraw(other)
    assert seen(entry)[0] == Status.ARCHIVED
    restore(source)
    assert seen(entry)[0] == Status.ACTIVE, "its own source publishes by itself"
    assert {contact.value for contact in entry.contacts.all()} == {f"+237{place(1)['phone'].replace(' ', '')}"}


def test_what_staff_published_is_published_again(staff: User) -> None:
    source = make_source(policy=Policy.REVIEW)
    tell(source, place(1))
    entry = Resource.objects.get()
    publish_resource(resource_id=entry.pk, actor=staff, reason=ModerationReason.OTHER, at=timezone.now())

    withdraw(source)
    assert seen(entry)[0] == Status.ARCHIVED
    restore(source)
    assert seen(entry)[0] == Status.ACTIVE


def test_what_staff_hid_stays_so_whoever_comes_and_goes(source: Source, entry: Resource, staff: User) -> None:
    suspend_resource(resource_id=entry.pk, actor=staff, reason=ModerationReason.OTHER, at=timezone.now())

    withdraw(source)
    assert seen(entry)[0] == Status.SUSPENDED
    assert tell(make_source(), place(1, source_id="x")) == ["unchanged"]
    restore(source)
    assert seen(entry)[0] == Status.SUSPENDED


def test_what_staff_hid_after_the_withdrawal_stays_so_too(source: Source, entry: Resource, staff: User) -> None:
    withdraw(source)
    publish_again = timezone.now()
    Resource.objects.filter(pk=entry.pk).update(status=Status.ACTIVE)
    suspend_resource(resource_id=entry.pk, actor=staff, reason=ModerationReason.OTHER, at=publish_again)
    Resource.objects.filter(pk=entry.pk).update(status=Status.ARCHIVED)

    restore(source)
    assert seen(entry)[0] == Status.ARCHIVED


def test_an_owned_entry_is_its_owners(source: Source, entry: Resource) -> None:
    Resource.objects.filter(pk=entry.pk).update(user=make_user())
    withdraw(source)
    assert seen(entry)[0] == Status.ACTIVE


def test_tasks_that_come_too_late_do_nothing(source: Source, entry: Resource) -> None:
    assert take_back(source_id=source.pk, at=timezone.now()) == 0
    sources.withdraw_source(source_id=source.pk, at=timezone.now())
    assert bring_back(source_id=source.pk, at=timezone.now()) == 0
    assert seen(entry)[0] == Status.ACTIVE


def test_a_paused_source_comes_back_paused_and_its_proposals_with_it(source: Source, entry: Resource) -> None:
    make_proposal(entry, source=source)
    sources.pause_source(source_id=source.pk, reason="Essai", at=timezone.now())
    withdraw(source)
    restore(source)

    source.refresh_from_db()
    assert (source.withdrawn_at, source.pause_reason, source.next_run_at) == (None, "Essai", None)
    assert Proposal.objects.filter(record__source__withdrawn_at=None).count() == 1
