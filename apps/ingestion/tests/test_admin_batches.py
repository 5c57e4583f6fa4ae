"""Batches, records, words and proposals in the admin."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.models import User
from apps.accounts.tests.factories import PASSWORD, make_user
from apps.catalog.models import Category, Resource
from apps.catalog.services.resource_input import read_input
from apps.catalog.services.resources import update_resource
from apps.catalog.tests.factories import make_resource
from apps.core.clock import now
from apps.core.models import OutboxEvent
from apps.ingestion.models import Batch, CategoryWord, Proposal, RawRecord
from apps.ingestion.tests.factories import make_proposal, place, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def staff(client: Client) -> User:
    user = User.objects.create_superuser("staff@exemple.cm", PASSWORD, name="Staff")
    client.force_login(user)
    return user


def act(client: Client, model: str, action: str, *ids: object) -> object:
    """An action of a list."""
    data = {"action": action, "_selected_action": [str(one) for one in ids]}
    return client.post(reverse(f"admin:ingestion_{model}_changelist"), data, follow=True)


@pytest.mark.usefixtures("staff")
def test_it_works(client: Client, secret: str) -> None:
    evil = "<script>alert(1)</script>"
    answer = send(client, secret, [place(1), place(2, description=evil, phone="=1+1"), {"name": "", "description": evil}]).json()
    batch = Batch.objects.get(pk=answer["batch_id"])
    assert "3 / 3 (100 %)" in client.get(reverse("admin:ingestion_batch_changelist")).content.decode()
    assert client.get(reverse("admin:ingestion_batch_change", args=[batch.pk])).status_code == 200
    lines = client.get(reverse("admin:ingestion_batchline_changelist") + f"?batch__id__exact={batch.pk}").content.decode()
    assert "name_missing" in lines
    for record in RawRecord.objects.all():
        page = client.get(reverse("admin:ingestion_rawrecord_change", args=[record.pk])).content.decode()
        assert evil not in page
    assert "&lt;script&gt;" in page


@pytest.mark.usefixtures("staff")
def test_the_report_is_a_file_without_formulas(client: Client, secret: str) -> None:
    answer = send(client, secret, [place(1, phone="=1+1"), {"name": ""}]).json()
    response = client.get(reverse("admin:ingestion_batch_report", args=[answer["batch_id"]]))
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # it streams
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["index"]: row["outcome"] for row in rows} == {"0": "created", "1": "rejected"}
    assert "'+1" in {row["detail"] for row in rows}


@pytest.mark.usefixtures("staff")
def test_a_broken_batch_goes_on(client: Client, secret: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    answer = send(client, secret, [place(1)], Prefer="respond-async").json()
    OutboxEvent.objects.all().delete()  # the worker that was told of it has failed
    Batch.objects.filter(pk=answer["batch_id"]).update(state="failed", finished_at=now(), error="ValueError")
    with django_capture_on_commit_callbacks(execute=True):
        act(client, "batch", "retry", answer["batch_id"])
    assert Batch.objects.get(pk=answer["batch_id"]).state == "done"
    assert Resource.objects.count() == 1


def test_records_are_taken_again(client: Client, secret: str, staff: User) -> None:
    send(client, secret, [place(1)])
    record = RawRecord.objects.get()
    act(client, "rawrecord", "take_again", record.pk)
    assert Batch.objects.filter(sent_by=str(staff), unchanged=1).count() == 1


@pytest.mark.usefixtures("staff")
def test_a_word_is_mapped(client: Client, secret: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    send(client, secret, [place(1, category="Circuit des feux")])
    category = Category.objects.get(slug="restaurants")
    address = reverse("admin:ingestion_categoryword_change", args=[CategoryWord.objects.get().pk])
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, {"category": str(category.pk)}).status_code == 302
    assert Resource.objects.get().category == category


@pytest.mark.parametrize(("action", "name"), [("take_over", "Pharmacie Autrement"), ("put_away", "Le mien")])
def test_a_proposal_is_decided(client: Client, secret: str, staff: User, action: str, name: str) -> None:
    send(client, secret, place(1))
    data = read_input({"name": "Le mien"}, language="fr", is_new=False, resource_type="business")
    update_resource(resource_id=Resource.objects.get().pk, data=data, at=now(), expected_versions=None)
    send(client, secret, place(1, name="Pharmacie Autrement"))
    assert client.get(reverse("admin:ingestion_proposal_changelist")).status_code == 200
    act(client, "proposal", action, Proposal.objects.get().pk)
    assert Resource.objects.get().name == name
    assert Proposal.objects.get().decided_by == staff


def test_who_may_only_look_changes_nothing(client: Client, secret: str) -> None:
    send(client, secret, [place(1)])
    viewer = make_user(is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__in=["view_batch", "view_rawrecord", "view_proposal"]))
    client.force_login(viewer)
    assert client.get(reverse("admin:ingestion_rawrecord_changelist")).status_code == 200
    assert act(client, "rawrecord", "take_again", RawRecord.objects.get().pk).status_code == 403  # type: ignore[attr-defined]  # the test client adds it
    client.force_login(make_user())
    assert client.get(reverse("admin:ingestion_batch_report", args=[Batch.objects.get().pk])).status_code == 302


def test_a_proposal_is_shown_in_words_and_decided_on_its_page(client: Client, staff: User) -> None:
    client.force_login(staff)
    entry = make_resource(name="Pharmacie du Soleil Levant", contacts=[{"kind": "phone", "value": "+237699000009"}])
    hours = make_proposal(entry, field="hours", value={"1": [["08:00", "12:00"]], "0": []})
    phones = make_proposal(entry, field="phone", value=["+237233420000", "+237699000001"])
    listed = client.get(reverse("admin:ingestion_proposal_changelist")).content.decode()
    assert all(text in listed for text in ("+237233420000", "+237699000009", "lundi 08:00–12:00", "dimanche fermé", "téléphones"))
    page = reverse("admin:ingestion_proposal_change", args=[phones.pk])
    assert "Reprendre la valeur dans la fiche" in client.get(page).content.decode()

    decide = reverse("admin:ingestion_proposal_decide", args=[phones.pk])
    assert client.get(decide).status_code == client.post(decide, {"decision": "burn"}).status_code == 404
    following = client.post(decide, {"decision": "accept"})
    assert following["Location"] == reverse("admin:ingestion_proposal_change", args=[hours.pk])
    assert [contact.value for contact in entry.contacts.all()] == ["+237233420000", "+237699000001"]
    assert client.post(decide, {"decision": "decline"})["Location"] == page, "it was accepted"
    last = client.post(reverse("admin:ingestion_proposal_decide", args=[hours.pk]), {"decision": "decline"})
    assert last["Location"] == reverse("admin:ingestion_proposal_changelist")
