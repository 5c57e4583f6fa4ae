"""Two entries become one, and two again."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.catalog.cards import find_stale_cards
from apps.catalog.choices import ContactKind, Status
from apps.catalog.models import Category, ContactPoint, FieldProvenance, Resource, ResourceImage, SlugHistory
from apps.catalog.services.staff import finish_edit, save_fields
from apps.catalog.tests.factories import AT, make_category, make_resource, make_user
from apps.core.models import OutboxEvent
from apps.ingestion.choices import LawfulBasis, Outcome, Policy
from apps.ingestion.exceptions import MergeRefused
from apps.ingestion.models import MatchKey, Merge, Pair, RawRecord, Source
from apps.ingestion.services.decisions import decide_different, decide_same
from apps.ingestion.services.match_keys import refresh_match_keys
from apps.ingestion.services.merges import merge_entries, undo_merge
from apps.ingestion.services.survivorship import refold
from apps.ingestion.steps.record import CleanRecord

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=2)
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _categories() -> None:
    make_category(slug="autres")


@pytest.fixture
def staff() -> User:
    return make_user(is_staff=True)


def entry(name: str = "Pharmacie du Soleil", **fields: Any) -> Resource:
    category = Category.objects.filter(slug="pharmacies").first() or make_category(slug="pharmacies")
    resource = make_resource(name=name, category=category, **{"latitude": "3.87", "longitude": "11.51", **fields})
    refresh_match_keys([resource.pk])
    return resource


def source() -> Source:
    found, _made = Source.objects.get_or_create(
        slug="annuaire",
        defaults={"name": "Annuaire", "licence": "CC0", "lawful_basis": LawfulBasis.OPEN_LICENCE, "policy": Policy.AUTO, "trust": 0.5},
    )
    return found


def add_record(resource: Resource, **values: Any) -> RawRecord:
    fields = {"name": resource.name, "latitude": 3.87, "longitude": 11.51, "category_id": str(resource.category_id), **values}
    record = RawRecord.objects.create(
        source=source(), identity=str(next(_numbers)), payload=b"{}", payload_hash=b"0" * 16, outcome=Outcome.CREATED, resource=resource,
        clean=msgspec.to_builtins(CleanRecord(**fields)), first_seen_at=AT, seen_at=AT, changed_at=AT,
    )  # fmt: skip
    Resource.objects.filter(pk=resource.pk, source="").update(source="annuaire", source_id=record.identity)
    refold([resource.pk], at=AT, other_category=Category.objects.get(slug="autres").pk)
    refresh_match_keys([resource.pk])
    resource.refresh_from_db()
    return record


def everything() -> dict[str, list[Any]]:
    """All rows of all tables, but what tells that something happened."""
    told = ("outbox", "history", "ingest_merges", "resource_card", "django_", "catalogue_counts")
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'")
        tables = [name for (name,) in cursor.fetchall() if name == "slug_history" or not any(word in name for word in told)]
        found = {}
        for table in sorted(tables):
            cursor.execute(f"SELECT (to_jsonb(t) - 'version' - 'updated_at')::text FROM {table} t ORDER BY 1")  # noqa: S608  constants
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def test_it_works(staff: User, client: Client) -> None:
    full = entry(description_fr="Ouverte la nuit.", slug="soleil", po_box="BP 1", landmark_fr="Face au marché")
    poor = entry("Phcie Soleil", slug="phcie-soleil", address_line1="Rue 12")
    ContactPoint.objects.create(resource=poor, kind=ContactKind.PHONE, value="+237222000111", is_primary=True)
    SlugHistory.objects.create(slug="encore-avant", resource=poor, created_at=AT)

    merge = merge_entries(first_id=poor.pk, second_id=full.pk, at=LATER, actor=staff)

    assert (merge.survivor_id, merge.absorbed_id) == (full.pk, poor.pk)
    survivor = Resource.objects.get(pk=full.pk)
    assert (survivor.address_line1, survivor.description_fr) == ("Rue 12", "Ouverte la nuit.")
    assert survivor.contacts.get().value == "+237222000111"
    assert Resource.objects.get(pk=poor.pk).status == Status.ARCHIVED
    assert not MatchKey.objects.filter(resource=poor).exists()
    for former in ("phcie-soleil", "encore-avant", str(poor.pk)):
        answer = client.get(f"/api/v1/api-resources/{former}")
        assert (answer.status_code, answer.headers["Location"].rsplit("/", 1)[-1].rstrip("/")) == (301, "soleil")
    [event] = OutboxEvent.objects.filter(name="catalog.resource_merged")
    assert event.payload == {"survivor_id": str(full.pk), "absorbed_id": str(poor.pk)}
    assert find_stale_cards([full.pk, poor.pk]) == []

    undo_merge(merge_id=merge.pk, at=LATER, actor=staff)

    assert client.get("/api/v1/api-resources/phcie-soleil").status_code == 200
    assert client.get(f"/api/v1/api-resources/{poor.pk}").status_code == 200
    assert OutboxEvent.objects.filter(name="catalog.resource_unmerged").count() == 1
    assert find_stale_cards([full.pk, poor.pk]) == []


def test_a_merge_and_its_undoing_may_be_repeated(staff: User) -> None:
    a, b = entry(), entry()

    first = merge_entries(first_id=a.pk, second_id=b.pk, at=LATER, actor=staff)
    state = everything()

    assert merge_entries(first_id=b.pk, second_id=a.pk, at=LATER, actor=staff) == first
    assert everything() == state
    undo_merge(merge_id=first.pk, at=LATER)
    state = everything()
    undo_merge(merge_id=first.pk, at=LATER)
    assert everything() == state


def test_the_owned_one_survives_then_rank_then_what_says_more(staff: User) -> None:
    owned, ranked, full, poor = entry(user=make_user()), entry(plan="premium"), entry(description_fr="x", po_box="BP 1"), entry()
    pairs = [(ranked, owned, owned), (full, ranked, ranked), (poor, full, full)]

    for one, other, expected in pairs:
        merge = merge_entries(first_id=one.pk, second_id=other.pk, at=LATER, actor=staff)
        assert merge.survivor_id == expected.pk
        undo_merge(merge_id=merge.pk, at=LATER)


def test_what_cannot_be_merged(staff: User) -> None:
    kept = entry()
    gone, test, service = entry(deleted_at=AT), entry(livemode=False), entry(resource_type="service")
    third = entry()
    merge_entries(first_id=third.pk, second_id=entry(description_fr="x").pk, at=LATER, actor=staff)

    for other in (gone, test, service, third, kept):
        with pytest.raises(MergeRefused):
            merge_entries(first_id=kept.pk, second_id=other.pk, at=LATER, actor=staff)


def test_two_owned_entries_are_merged_by_staff_alone(staff: User) -> None:
    a, b = entry(user=make_user()), entry(user=make_user())

    with pytest.raises(MergeRefused):
        merge_entries(first_id=a.pk, second_id=b.pk, at=LATER)
    assert merge_entries(first_id=a.pk, second_id=b.pk, at=LATER, actor=staff).undone_at is None


def test_a_chain_is_undone_from_its_end(staff: User) -> None:
    small, middle, large = entry(), entry(description_fr="x"), entry(description_fr="x", po_box="BP 1", address_line1="Rue 1")
    before = everything()
    first = merge_entries(first_id=small.pk, second_id=middle.pk, at=LATER, actor=staff)
    second = merge_entries(first_id=middle.pk, second_id=large.pk, at=LATER, actor=staff)

    with pytest.raises(MergeRefused) as caught:
        undo_merge(merge_id=first.pk, at=LATER)
    assert large.name in str(caught.value.detail)

    undo_merge(merge_id=second.pk, at=LATER)
    undo_merge(merge_id=first.pk, at=LATER)
    assert everything() == before


def test_two_merges_into_one_entry_are_undone_in_any_order(staff: User) -> None:
    for order in ((0, 1), (1, 0)):
        a, b, large = entry(address_line1="Rue 1"), entry(po_box="BP 7"), entry(description_fr="x", landmark_fr="y", directions_fr="z")
        add_record(a, phones=("+237222000001",))
        add_record(b, phones=("+237222000002",))
        add_record(large, phones=("+237222000003",))
        addresses = {row.pk: sorted(row.contacts.values_list("value", flat=True)) for row in (a, b, large)}
        merges = [merge_entries(first_id=row.pk, second_id=large.pk, at=LATER, actor=staff) for row in (a, b)]

        for index in order:
            undo_merge(merge_id=merges[index].pk, at=LATER)

        assert {row.pk: sorted(row.contacts.values_list("value", flat=True)) for row in (a, b, large)} == addresses
        assert all(row.ingest_records.count() == 1 for row in (a, b, large))
        assert set(Resource.objects.filter(pk__in=addresses).values_list("status", flat=True)) == {Status.ACTIVE}


def test_what_was_written_since_stays(staff: User) -> None:
    kept, absorbed = entry(description_fr="x", po_box="BP 1"), entry(address_line1="Rue 12")
    merge = merge_entries(first_id=kept.pk, second_id=absorbed.pk, at=LATER, actor=staff)
    survivor = Resource.objects.get(pk=kept.pk)
    survivor.description_fr = "Écrit après la fusion."
    save_fields(resource=survivor, fields=["description_fr"], at=LATER)
    ContactPoint.objects.create(resource=survivor, kind=ContactKind.EMAIL, value="apres@example.cm")

    undo_merge(merge_id=merge.pk, at=LATER)

    survivor.refresh_from_db()
    assert (survivor.description_fr, survivor.address_line1) == ("Écrit après la fusion.", "")
    assert survivor.contacts.get().value == "apres@example.cm"


def test_records_speak_for_the_survivor_and_return(staff: User) -> None:
    a, b = entry(), entry("Pharmacie du Soleil Levant")
    add_record(a, website="https://soleil.example/")
    add_record(b, name="Pharmacie du Soleil Levant", email="soleil@example.cm", phones=("+237222000111",))
    before = everything()

    merge = merge_entries(first_id=a.pk, second_id=b.pk, at=LATER, actor=staff)

    survivor = Resource.objects.get(pk=merge.survivor_id)
    assert survivor.ingest_records.count() == 2
    assert {contact.kind for contact in survivor.contacts.all()} == {"website", "email", "phone"}
    undo_merge(merge_id=merge.pk, at=LATER)
    assert everything() == before


FILLINGS = st.fixed_dictionaries(
    {
        "description_fr": st.sampled_from(["", "Une pharmacie."]),
        "address_line1": st.sampled_from(["", "Rue 1", "Rue 2"]),
        "po_box": st.sampled_from(["", "BP 1"]),
        "plan": st.sampled_from(["free", "premium"]),
        "status": st.sampled_from([Status.ACTIVE, Status.PENDING, Status.SUSPENDED]),
        "attributes": st.sampled_from([[], ["wifi"], ["wifi", "parking"]]),
        "has_owner": st.booleans(),
    }
)
PHONES = st.lists(st.sampled_from(["+237222000001", "+237222000002", "+237222000003"]), unique=True, max_size=3)


@settings(max_examples=15)
@given(fillings=st.tuples(FILLINGS, FILLINGS), phones=st.tuples(PHONES, PHONES), images=st.tuples(st.integers(0, 2), st.integers(0, 2)),
       records=st.tuples(st.integers(0, 2), st.integers(0, 2)), is_locked=st.booleans())  # fmt: skip
def test_undoing_a_merge_leaves_nothing_of_it(
    fillings: tuple[dict[str, Any], ...],
    phones: tuple[list[str], ...],
    images: tuple[int, ...],
    records: tuple[int, ...],
    *,
    is_locked: bool,
) -> None:
    staff, rows = make_user(is_staff=True), []
    for index in range(2):
        values = dict(fillings[index])
        owner = make_user() if values.pop("has_owner") else None
        row = entry(f"Pharmacie {uuid.uuid4().hex[:6]}", user=owner, **values)
        for order, phone in enumerate(phones[index]):
            ContactPoint.objects.create(resource=row, kind=ContactKind.PHONE, value=phone, is_primary=order == 0, order_index=order)
        for number in range(images[index]):
            ResourceImage.objects.create(
                resource=row, external_url=f"https://images.example/{number}.jpg", sha256=f"{number:064}", is_primary=number == 0,
                order_index=number, created_at=AT,
            )  # fmt: skip
        for number in range(records[index]):
            add_record(row, phones=(f"+23722200{number}{index}11",), description_fr="Dit par un annuaire.")
        if is_locked:
            FieldProvenance.objects.update_or_create(
                resource=row, field="description", defaults={"source": "owner", "observed_at": AT, "locked_by_owner": True}
            )
        refresh_match_keys([row.pk])
        rows.append(row)
    before = everything()

    merge = merge_entries(first_id=rows[0].pk, second_id=rows[1].pk, at=LATER, actor=staff)
    assert Merge.objects.get(pk=merge.pk).undone_at is None
    undo_merge(merge_id=merge.pk, at=LATER, actor=staff)

    after = everything()
    assert {table for table in before if before[table] != after[table]} == set()


def test_decisions_are_exported_as_labels(staff: User) -> None:
    rows = [entry() for _ in range(4)]
    references = [f"annuaire:{add_record(row).identity}" for row in rows]
    for (a, b), decide in (((0, 1), decide_same), ((2, 3), decide_different)):
        first, second = sorted((rows[a].pk, rows[b].pk))
        pair = Pair.objects.create(first_id=first, second_id=second, score=0.5, created_at=AT)
        decide(pair_id=pair.pk, actor=staff, at=LATER)
    out = StringIO()

    call_command("export_labels", stdout=out, stderr=StringIO())

    assert out.getvalue().splitlines() == [
        "a,b,label", f"{references[0]},{references[1]},same", f"{references[2]},{references[3]},different"
    ]  # fmt: skip


def test_an_edit_refreshes_the_keys(django_capture_on_commit_callbacks: Any) -> None:
    resource = entry()
    former = set(MatchKey.objects.filter(resource=resource).values_list("key", flat=True))

    with django_capture_on_commit_callbacks(execute=True):
        resource.name = "Clinique Bellevue"
        save_fields(resource=resource, fields=["name"], at=LATER)
        finish_edit(resource_id=resource.pk)

    assert set(MatchKey.objects.filter(resource=resource).values_list("key", flat=True)) != former
