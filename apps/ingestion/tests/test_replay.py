"""Records are taken again when a rule, a word or a person says so."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.accounts.tests.factories import make_user
from apps.catalog.models import Category, Country, Resource
from apps.catalog.services.resource_input import read_input
from apps.catalog.services.resources import update_resource
from apps.core.clock import now
from apps.core.exceptions import Conflict
from apps.ingestion.choices import ProposalState
from apps.ingestion.models import BatchLine, CategoryWord, Proposal, RawRecord, Source
from apps.ingestion.services import batches, proposals, replay, survivorship, words
from apps.ingestion.services.cleaning import read_context
from apps.ingestion.tests.factories import make_source, make_source_key, outcomes, place, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_it_works(client: Client, secret: str) -> None:
    """A rule changed: what is stored was made by an older version."""
    send(client, secret, [place(1), place(2)])
    RawRecord.objects.update(rules_version=0)
    changed = RawRecord.objects.get(identity="1")
    changed.clean["name"] = "Nom d’une ancienne règle"
    changed.save()
    assert replay.replay_outdated(at=now()) == 2
    assert sorted(BatchLine.objects.filter(batch__sent_by__startswith="règles").values_list("outcome", flat=True)) == [
        "unchanged",
        "updated",
    ]
    assert set(RawRecord.objects.values_list("clean__name", flat=True)) == {place(1)["name"], place(2)["name"]}
    assert replay.replay_outdated(at=now()) == 0


def test_a_word_that_staff_maps_is_read_again(
    client: Client, secret: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    send(client, secret, [place(1, category="Circuit des feux"), place(2, category="autre; circuit  des FEUX"), place(3)])
    first = Resource.objects.get(source_id="1")
    assert first.category is not None
    assert first.category.slug == "autres"
    waiting = CategoryWord.objects.get(word="circuit des feux")
    assert (waiting.category, waiting.seen) == (None, 1)
    restaurants = Category.objects.get(slug="restaurants")
    with django_capture_on_commit_callbacks(execute=True):
        words.decide_word(word=waiting.word, category_id=restaurants.pk)
    slugs = dict(Resource.objects.values_list("source_id", "category__slug"))
    assert slugs == {"1": "restaurants", "2": "restaurants", "3": "pharmacies"}


def test_what_was_set_aside_becomes_a_record_once_it_can_be_read(client: Client, secret: str, source: Source) -> None:
    assert outcomes(send(client, secret, place(1, lat=48.85, lon=2.35))) == ["rejected"]
    aside = RawRecord.objects.get()
    assert aside.is_quarantined
    Country.objects.get_or_create(code="FR", defaults={"name_fr": "France", "name_en": "France"})
    Source.objects.filter(pk=source.pk).update(recipe={"country": "FR"})
    replay.replay(record_ids=[aside.pk], at=now(), sent_by="test")
    record = RawRecord.objects.get()
    assert (record.identity, record.is_quarantined, record.outcome) == ("1", False, "created")
    assert Resource.objects.get().country_id == "FR"


def test_the_better_source_wins_and_what_it_says_goes_with_it(client: Client) -> None:
    weak, strong = make_source(trust=0.3), make_source(trust=0.9)
    told = place(1)
    send(client, make_source_key(weak), {**told, "description": "Ouverte tous les jours, avec parking."})
    assert outcomes(send(client, make_source_key(strong), {**told, "name": f"{told['name']} SARL", "website": "https://exemple.cm"})) == [
        "merged"
    ]
    resource = Resource.objects.get()
    assert (resource.name.split()[:2], resource.description_fr != "") == (told["name"].split(), True)
    sources = dict(resource.provenance.values_list("field", "source"))
    assert (sources["name"], sources["description"], sources["website"]) == (strong.slug, weak.slug, strong.slug)
    Source.objects.filter(pk=strong.pk).update(withdrawn_at=now())
    other = read_context(weak).gazetteer.other_category
    assert survivorship.refold([resource.pk], at=now(), other_category=other) == {resource.pk}
    resource.refresh_from_db()
    assert resource.name == told["name"]
    assert not resource.contacts.filter(kind="website").exists()


def test_what_a_person_fixed_is_only_proposed(client: Client, secret: str) -> None:
    send(client, secret, place(1))
    resource, staff = Resource.objects.get(), make_user(is_staff=True)
    data = read_input({"name": "Nom du propriétaire"}, language="fr", is_new=False, resource_type="business")
    update_resource(resource_id=resource.pk, data=data, at=now(), expected_versions=None)
    for _time in range(2):
        send(client, secret, place(1, name="Pharmacie Autrement", address="Rue Neuve"))
        send(client, secret, place(1, name="Pharmacie Autrement", address="Rue Neuve", description="Encore"))
    resource.refresh_from_db()
    assert (resource.name, resource.address_line1) == ("Nom du propriétaire", "Rue Neuve")
    proposal = Proposal.objects.get()
    assert (proposal.field, proposal.value, proposal.state) == ("name", "Pharmacie Autrement", ProposalState.OPEN)
    proposals.accept(proposal_id=proposal.pk, actor=staff, at=now())
    resource.refresh_from_db()
    assert resource.name == "Pharmacie Autrement"
    with pytest.raises(Conflict):
        proposals.decline(proposal_id=proposal.pk, actor=staff, at=now())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", ["+237699000077"]), ("website", "https://exemple.cm/"), ("position", {"latitude": 4.06, "longitude": 9.71}),
        ("hours", {"1": [["08:00", "12:00"]], "2": []}), ("description", "Neuve"), ("po_box", "BP 12"), ("attributes", ["wifi"]),
    ],
)  # fmt: skip
def test_every_field_can_be_taken_over(client: Client, secret: str, field: str, value: object) -> None:
    send(client, secret, place(1))
    proposal = Proposal.objects.create(
        resource=Resource.objects.get(), field=field, value=value, value_hash=b"x", record=RawRecord.objects.get(), created_at=now()
    )
    proposals.accept(proposal_id=proposal.pk, actor=make_user(is_staff=True), at=now())
    version = Resource.objects.get().version
    proposals.accept(proposal_id=proposal.pk, actor=make_user(is_staff=True), at=now())
    assert Resource.objects.get().version == version == 2


def test_what_three_full_readings_do_not_list_is_marked_and_kept(client: Client, secret: str, source: Source) -> None:
    send(client, secret, {"items": [place(1), place(2)], "full": True})
    for _time in range(3):
        assert outcomes(send(client, secret, {"items": [place(1)], "full": True})) == ["unchanged"]
    resource = Resource.objects.get(source_id="2")
    assert (resource.status, resource.metadata.get("unconfirmed")) == ("active", True)
    assert resource.provenance.get(field="name").confidence < source.trust
    assert "unconfirmed" not in Resource.objects.get(source_id="1").metadata
    assert outcomes(send(client, secret, {"items": [place(1), place(2)], "full": True})) == ["unchanged", "unchanged"]
    resource.refresh_from_db()
    assert "unconfirmed" not in resource.metadata


def test_old_lines_and_versions_are_forgotten(client: Client, secret: str) -> None:
    answer = send(client, secret, place(1)).json()
    send(client, secret, place(1, name="Autre"))
    assert batches.prune(at=now()) == 0
    assert batches.prune(at=now() + batches.KEPT_FOR) == 3
    assert client.get(f"/api/v1/ingest/batches/{answer['batch_id']}", headers={"X-API-Key": secret}).json()["items"] == []
    assert json.loads(bytes(RawRecord.objects.get().payload))["name"] == "Autre"
