"""The catalogue in the admin: every page opens, actions call services, lists stay cheap."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib.admin.sites import site
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.catalog.models import Category, ModerationDecision, Resource, ResourceCard
from apps.catalog.services import images, reference
from apps.catalog.services.resource_input import read_input
from apps.catalog.services.resources import create_resource
from apps.core.clock import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> User:
    """Logged in."""
    reference.load_reference()
    user = User.objects.create_superuser("staff@example.com", "a long password", name="Staff")
    client.force_login(user)
    return user


def make(owner: User, name: str, **members: Any) -> Resource:
    """A pending entry."""
    body = {"name": name, "category": "pharmacies", "city": "douala", "quarter": "akwa", **members}
    return create_resource(owner=owner, data=read_input(body, language="fr", is_new=True), at=now())


def act(client: Client, model: str, action: str, *resources: Resource, **more: str) -> Any:
    """Choose rows and an action, as the list page does."""
    data = {"action": action, "_selected_action": [str(resource.pk) for resource in resources], **more}
    return client.post(reverse(f"admin:catalog_{model}_changelist"), data, follow=True)


def test_it_works(client: Client, staff: User) -> None:
    resource = make(staff, "Pharmacie du Test")
    act(client, "pendingresource", "publish", resource, reason="complete", note="Vu sur place")
    resource.refresh_from_db()
    assert resource.status == "active"
    assert ResourceCard.objects.filter(resource=resource).count() == 2
    decision = ModerationDecision.objects.get(resource=resource)
    assert (decision.actor, decision.reason, decision.note) == (staff, "complete", "Vu sur place")


def test_a_stranger_sees_nothing(client: Client) -> None:
    client.force_login(User.objects.create_user("visitor@example.com", "a long password", name="Visitor"))
    assert client.get(reverse("admin:catalog_resource_changelist")).status_code == 302


def test_an_action_asks_for_its_reason_first(client: Client, staff: User) -> None:
    resource = make(staff, "Pharmacie du Test")
    page = act(client, "pendingresource", "reject", resource)
    assert b'name="reason"' in page.content
    assert str(resource.pk) in page.content.decode()
    resource.refresh_from_db()
    assert resource.status == "pending"
    act(client, "pendingresource", "reject", resource, reason="duplicate")
    resource.refresh_from_db()
    assert resource.status == "rejected"


def test_one_refusal_does_not_stop_the_others(client: Client, staff: User) -> None:
    whole, homeless = make(staff, "Avec ville"), make(staff, "Sans ville", city=None, quarter=None)
    page = act(client, "pendingresource", "publish", homeless, whole, reason="complete")
    assert "Sans ville" in page.content.decode()
    assert Resource.objects.get(pk=whole.pk).status == "active"
    assert Resource.objects.get(pk=homeless.pk).status == "pending"


def test_deletion_hides_and_restoring_brings_back(client: Client, staff: User) -> None:
    resource = make(staff, "Pharmacie du Test")
    act(client, "resource", "publish", resource, reason="complete")
    act(client, "resource", "delete_softly", resource)
    assert not ResourceCard.objects.filter(resource=resource).exists()
    act(client, "resource", "restore", resource)
    assert ResourceCard.objects.filter(resource=resource).count() == 2


def edit(client: Client, resource: Resource, *rows: tuple[str, dict[str, object]], **changes: object) -> Any:
    """Send the form of an entry as its page shows it, with changed fields and with changed or added rows of an inline."""
    address = reverse("admin:catalog_resource_change", args=[resource.pk])
    context = client.get(address).context
    data = {name: "" if value is None else value for name, value in context["adminform"].form.initial.items()}
    for inline in context["inline_admin_formsets"]:
        formset = inline.formset
        forms = formset.initial_forms
        for form in forms:
            data |= {form.add_prefix(name): value for name, value in form.initial.items() if value is not None and value is not False}
            data[form.add_prefix("id")] = form.instance.pk
        total = len(forms)
        for prefix, row in rows:
            if prefix == formset.prefix:
                number = row.pop("#", total)
                total = max(total, int(str(number)) + 1)
                data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
                for name in [name for name, value in row.items() if value == ""]:
                    del data[f"{prefix}-{number}-{name}"]
        data |= {f"{formset.prefix}-TOTAL_FORMS": total, f"{formset.prefix}-INITIAL_FORMS": len(forms)}
    return client.post(address, {**data, **changes, "_continue": "1"})


def test_an_edit_changes_the_card_and_keeps_its_history(client: Client, staff: User) -> None:
    resource = make(staff, "Pharmacie du Test", phone="+237 699 00 00 01")
    act(client, "resource", "publish", resource, reason="complete")
    answer = edit(client, resource, name="Pharmacie Corrigée", attributes="wifi")
    assert answer.status_code == 302, answer.context["errors"]
    card = ResourceCard.objects.get(resource=resource, language="fr")
    assert "Pharmacie Corrigée".encode() in bytes(card.body)
    resource.refresh_from_db()
    assert card.version == resource.version
    assert b"Pharmacie du Test" in client.get(reverse("admin:catalog_resource_history", args=[resource.pk])).content


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "<b>Pharmacie</b>"}, "HTML"),
        ({"latitude": "0", "longitude": "0"}, "0, 0"),
        ({"latitude": "9.7", "longitude": "4.05"}, "inversées"),
        ({"latitude": "48.8", "longitude": "2.3"}, "hors du pays"),
        ({"latitude": "4.05", "longitude": ""}, "vont ensemble"),
    ],
)
def test_a_bad_field_is_an_error_of_the_form(client: Client, staff: User, changes: dict[str, object], message: str) -> None:
    resource = make(staff, "Pharmacie du Test")
    answer = edit(client, resource, **changes)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert Resource.objects.get().name == "Pharmacie du Test"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("hours", {"day_of_week": 1, "open_time": "08:00", "close_time": "12:00"}),
             ("hours", {"day_of_week": 1, "open_time": "11:00", "close_time": "14:00"})],
            "Deux intervalles se recouvrent.",
        ),
        (
            [("hours", {"day_of_week": 6, "open_time": "22:00", "close_time": "04:00"}),
             ("hours", {"day_of_week": 0, "open_time": "03:00", "close_time": "05:00"})],
            "Deux intervalles se recouvrent.",
        ),
        (
            [("hours", {"day_of_week": 1, "is_closed": "on"}), ("hours", {"day_of_week": 1, "is_closed": "on"})],
            "Un jour est fermé une fois",
        ),
        (
            [("special_days", {"date": "2026-12-24", "is_closed": "on"}), ("special_days", {"date": "2026-12-24", "is_closed": "on"})],
            "Une date figure deux fois",
        ),
        (
            [("contacts", {"kind": "phone", "value": "699 00 00 02", "is_primary": "on", "order_index": 1})],
            "Un seul contact de chaque moyen",
        ),
        ([("contacts", {"kind": "phone", "value": "12", "order_index": 1})], "indicatif"),
        ([("contacts", {"kind": "website", "value": "javascript:alert(1)", "order_index": 1})], "adresse de site"),
    ],
)  # fmt: skip
def test_rows_that_do_not_go_together_are_errors_of_the_form(
    client: Client, staff: User, rows: list[tuple[str, dict[str, object]]], message: str
) -> None:
    resource = make(staff, "Pharmacie du Test", phone="+237 699 00 00 01")
    answer = edit(client, resource, *[(prefix, dict(row)) for prefix, row in rows])
    assert answer.status_code == 200
    assert message in html.unescape(answer.content.decode())
    assert (resource.contacts.count(), resource.hours.count(), resource.special_days.count()) == (1, 0, 0)


def test_rows_can_trade_places(client: Client, staff: User) -> None:
    contacts = [
        {"kind": "phone", "value": "+237699000001", "is_primary": True},
        {"kind": "phone", "value": "+237699000002", "is_primary": False},
    ]
    resource = make(staff, "Pharmacie du Test", contacts=contacts)
    answer = edit(
        client, resource, ("contacts", {"#": 0, "is_primary": ""}), ("contacts", {"#": 1, "is_primary": "on"}),
        ("contacts", {"kind": "phone", "value": "699 00 00 03", "order_index": 5}),
    )  # fmt: skip
    assert answer.status_code == 302
    assert list(resource.contacts.values_list("value", "is_primary")) == [
        ("+237699000001", False), ("+237699000002", True), ("+237699000003", False),
    ]  # fmt: skip


def test_pictures_keep_one_primary(client: Client, staff: User) -> None:
    resource = make(staff, "Pharmacie du Test")
    first, second = (
        images.add_image(resource_id=resource.pk, external_url=f"https://example.com/{number}.webp", at=now()) for number in (1, 2)
    )
    assert edit(client, resource, ("images", {"#": 0, "is_primary": "on"}), ("images", {"#": 1, "is_primary": "on"})).status_code == 200
    assert edit(client, resource, ("images", {"#": 0, "is_primary": ""}), ("images", {"#": 1, "is_primary": "on"})).status_code == 302
    assert resource.images.get(is_primary=True) == second
    assert edit(client, resource, ("images", {"#": 1, "DELETE": "on"})).status_code == 302
    assert resource.images.get() == first
    assert resource.images.get().is_primary
    assert edit(client, resource, ("images", {"#": 0, "is_primary": ""})).status_code == 302
    assert resource.images.get().is_primary


@pytest.mark.parametrize("term", ["pharmacie du tést", "+237699000001", "699 00 00 01", "owner@example.com"])
def test_search_finds_by_name_phone_and_mail(client: Client, staff: User, term: str) -> None:
    make(staff, "Pharmacie du Test", phone="+237 699 00 00 01", email="owner@example.com")
    make(staff, "Autre chose")
    page = client.get(reverse("admin:catalog_resource_changelist"), {"q": term})
    assert [resource.name for resource in page.context["cl"].result_list] == ["Pharmacie du Test"]


def test_search_finds_by_id(client: Client, staff: User) -> None:
    resource = make(staff, "Pharmacie du Test")
    page = client.get(reverse("admin:catalog_resource_changelist"), {"q": str(resource.pk)})
    assert list(page.context["cl"].result_list) == [resource]


def test_a_list_costs_the_same_for_any_number_of_rows(
    client: Client, staff: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        make(staff, f"Pharmacie {number}")
    with django_assert_max_num_queries(9):
        client.get(reverse("admin:catalog_resource_changelist"))


@pytest.mark.parametrize("model", [model for model in site._registry if model._meta.app_label in {"catalog", "core", "web"}])
def test_every_list_opens(client: Client, staff: User, model: Any) -> None:
    make(staff, "Pharmacie du Test")
    assert client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")).status_code == 200


@pytest.mark.usefixtures("staff")
def test_a_category_that_would_close_a_cycle_is_an_error_of_the_form(client: Client) -> None:
    root, leaf = Category.objects.get(slug="sante"), Category.objects.get(slug="pharmacies")
    address = reverse("admin:catalog_category_change", args=[root.pk])
    data = {"name_fr": "Santé", "name_en": "Health", "slug": "sante", "parent": str(leaf.pk), "order": 1, "is_active": "on"}
    answer = client.post(address, data)
    assert answer.status_code == 200
    assert "boucle" in answer.content.decode()


@pytest.mark.parametrize("forged", ["abc", "\u0664", "00000000-0000-0000-0000-000000000000"])
def test_forged_references_are_errors_of_the_form(client: Client, staff: User, forged: str) -> None:
    """The page shows again what was sent, and must not look up what is no id at all."""
    resource = make(staff, "Pharmacie du Test", phone="+237 699 00 00 01")
    fields = dict.fromkeys(("category", "city", "quarter", "user"), forged)
    answer = edit(client, resource, **fields)
    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == set(fields)
    row = {"#": 0, "id": forged, "resource": forged, "kind": "phone", "value": "+237699000002"}
    assert edit(client, resource, ("contacts", row)).status_code == 200
    assert resource.contacts.get().value == "+237699000001"


@pytest.mark.parametrize(
    ("model", "references", "data"),
    [
        ("category", ["parent"], {"name_fr": "Une", "name_en": "One", "slug": "une", "order": "0"}),
        ("city", ["region", "department"], {"name_fr": "Une", "name_en": "One", "slug": "une"}),
        ("quarter", ["city"], {"name": "Un", "slug": "un"}),
        ("department", ["region"], {"name_fr": "Un", "name_en": "One"}),
    ],
)
@pytest.mark.usefixtures("staff")
def test_forged_references_of_places_and_categories_too(client: Client, model: str, references: list[str], data: dict[str, str]) -> None:
    answer = client.post(reverse(f"admin:catalog_{model}_add"), {**data, **dict.fromkeys(references, "abc")})
    assert answer.status_code == 200
    assert set(references) <= set(answer.context["adminform"].form.errors)


def test_forged_ids_in_addresses_filters_and_selections_are_no_error_of_ours(client: Client, staff: User) -> None:
    resource = make(staff, "Pharmacie du Test")
    page = reverse("admin:catalog_resource_changelist")
    for forged in ("abc", "\u0664", "_5Fabc", "00000000-0000-0000-0000-000000000000"):
        for address in (f"{forged}/change/", f"{forged}/history/", f"?category__id__exact={forged}", f"?city__region__id__exact={forged}"):
            assert client.get(page + address).status_code < 500, address
        answer = client.post(page, {"action": "delete_softly", "_selected_action": [forged, str(resource.pk)]})
        assert answer.status_code in {302, 400}
    assert client.get(page + "?status__exact=zz&o=99.-1.x&p=abc").status_code in {200, 302}
