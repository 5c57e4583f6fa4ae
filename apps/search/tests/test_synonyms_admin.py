"""Synonyms in the admin: drafts are tried on the running engine, published, withdrawn, and all of it is undone."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.search import services
from apps.search.models import SharedQuery, SharedQueryDay, SynonymGroup, SynonymPublication
from apps.search.tests.factories import make_found

pytestmark = pytest.mark.django_db
TRY = "/admin/search/synonymgroup/try/"


@pytest.fixture
def staff(client: Client) -> User:
    """Logged in."""
    user = User.objects.create_superuser("staff@example.com", "a long password", name="Staff")
    client.force_login(user)
    return user


def write(client: Client, words: str, *, key: str = "essai", pk: object = None) -> Any:
    """Fill the form of a group, as its page does."""
    address = reverse("admin:search_synonymgroup_change", args=[pk]) if pk else reverse("admin:search_synonymgroup_add")
    rows = {"changes-TOTAL_FORMS": "0", "changes-INITIAL_FORMS": "0"}
    return client.post(address, {"key": key, "words": words, **rows}, follow=True)


def act(client: Client, action: str, *groups: SynonymGroup) -> Any:
    data = {"action": action, "_selected_action": [str(group.pk) for group in groups]}
    return client.post(reverse("admin:search_synonymgroup_changelist"), data, follow=True)


def text_of(page: Any) -> str:
    return html.unescape(page.content.decode())


def test_it_works(client: Client, staff: User) -> None:
    make_found(name="Atelier Kamga")
    write(client, "atelier\n  zobla   zo \n")
    group = SynonymGroup.objects.get()
    assert (group.words, group.published, group.updated_by) == (["atelier", "zobla zo"], None, staff)
    page = text_of(client.get(TRY, {"queries": "zobla zo\natelier"}))
    before, after = page.split("<h2>zobla zo</h2>")[1].split("<h2>")[0].split("<td>")[1:]
    assert "Rien." in before
    assert "Atelier Kamga (nouveau)" in after
    assert "inchangé" in page.split("<h2>atelier</h2>")[1]
    client.post(TRY, {"group": "essai"})
    group.refresh_from_db()
    assert group.published == ["atelier", "zobla zo"]
    assert SynonymPublication.objects.get().actor == staff
    page = text_of(client.get(reverse("admin:search_synonymgroup_change", args=[group.pk])))
    assert "Publication 1" in page or f"Publication {SynonymPublication.objects.get().pk}" in page


def test_a_stranger_sees_nothing(client: Client) -> None:
    client.force_login(User.objects.create_user("visitor@example.com", "a long password", name="Visitor"))
    assert client.get(TRY).status_code == 302
    assert client.get(reverse("admin:search_synonymgroup_changelist")).status_code == 302


def test_staff_without_the_right_cannot_publish(client: Client) -> None:
    user = User.objects.create_user("clerk@example.com", "a long password", name="Clerk", is_staff=True)
    client.force_login(user)
    assert client.post(TRY, {"group": "essai"}).status_code == 403


def test_a_withdrawal_is_tried_and_made(client: Client, staff: User) -> None:
    make_found(name="Atelier Kamga")
    write(client, "atelier\nzoblazo")
    group = SynonymGroup.objects.get()
    services.publish_groups(group_ids=[group.pk], actor=staff, at=group.updated_at)
    page = act(client, "try_without", group)
    assert page.redirect_chain[0][0] == f"{TRY}?group=essai&mode=withdraw"
    assert "Atelier Kamga (disparaît)" in text_of(page)
    client.post(TRY, {"group": "essai", "mode": "withdraw"})
    group.refresh_from_db()
    assert group.published is None


@pytest.mark.usefixtures("staff")
def test_actions_publish_withdraw_and_give_up_drafts(client: Client) -> None:
    write(client, "un\ndeux")
    group = SynonymGroup.objects.get()
    assert "1 groupe changé" in text_of(act(client, "publish", group))
    assert "Rien à changer" in text_of(act(client, "publish", group))
    write(client, "un\nuno", pk=group.pk)
    assert "En service, brouillon modifié" in text_of(client.get(reverse("admin:search_synonymgroup_changelist")))
    assert "1 brouillon abandonné" in text_of(act(client, "discard", group))
    group.refresh_from_db()
    assert (group.words, group.published) == (["un", "deux"], ["un", "deux"])
    act(client, "withdraw", group)
    assert "Retiré" in text_of(client.get(reverse("admin:search_synonymgroup_changelist"), {"state": "withdrawn"}))


@pytest.mark.usefixtures("staff")
def test_publications_are_undone_latest_first_and_twice_is_refused(client: Client) -> None:
    write(client, "un\ndeux")
    group = SynonymGroup.objects.get()
    act(client, "publish", group)
    write(client, "un\nuno", pk=group.pk)
    act(client, "publish", group)
    address = reverse("admin:search_synonympublication_changelist")
    chosen = {"action": "undo", "_selected_action": list(map(str, SynonymPublication.objects.values_list("pk", flat=True)))}
    assert text_of(client.post(address, chosen, follow=True)).count("annulée.") == 2
    group.refresh_from_db()
    assert group.published is None
    assert text_of(client.post(address, chosen, follow=True)).count("déjà annulée.") == 2


@pytest.mark.usefixtures("staff")
def test_what_was_in_service_is_not_deleted(client: Client) -> None:
    write(client, "un\ndeux")
    group = SynonymGroup.objects.get()
    act(client, "publish", group)
    address = reverse("admin:search_synonymgroup_delete", args=[group.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    write(client, "trois\nquatre", key="autre")
    other = SynonymGroup.objects.get(key="autre")
    client.post(reverse("admin:search_synonymgroup_delete", args=[other.pk]), {"post": "yes"})
    assert list(SynonymGroup.objects.all()) == [group]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("seul", "Donnez de 2 à 12 lignes."),
        ("école\nEcole", "déjà la même chose"),
        ("un\nde la", "à 6 mots"),
        ("un\n" + "x" * 61, "60 caractères"),
    ],
)
@pytest.mark.usefixtures("staff")
def test_what_no_search_could_use_is_refused(client: Client, words: str, said: str) -> None:
    assert said in text_of(write(client, words))
    assert not SynonymGroup.objects.exists()


@pytest.mark.usefixtures("staff")
def test_a_group_is_found_by_any_of_its_words(client: Client) -> None:
    write(client, "école\nschool")
    address = reverse("admin:search_synonymgroup_changelist")
    assert "school" in text_of(client.get(address, {"q": "ecole"}))
    assert "school" not in text_of(client.get(address, {"q": "autre"}))


@pytest.mark.usefixtures("staff")
def test_the_list_takes_as_many_statements_for_many_groups(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    services.load_synonyms()
    address = reverse("admin:search_synonymgroup_changelist")
    client.get(address)
    with django_assert_num_queries(4):
        client.get(address)


@pytest.mark.usefixtures("staff")
def test_recorded_searches_are_tried_those_without_result_first(client: Client) -> None:
    write(client, "atelier\nzoblazo")
    today = timezone.localdate()
    for text, empty in (("couturier", 0), ("zoblazo", 5)):
        query = SharedQuery.objects.create(language="fr", text=text, shared_on=today)
        SharedQueryDay.objects.create(query=query, day=today, searches=9, empty=empty)
    page = text_of(client.get(TRY, {"group": "essai", "recorded": "1", "queries": "autre"}))
    assert page.index("<h2>zoblazo</h2>") < page.index("<h2>couturier</h2>")
    assert "<h2>autre</h2>" not in page


@pytest.mark.usefixtures("staff")
def test_a_hit_that_moves_says_how_far(client: Client) -> None:
    make_found(name="Zoblazo")
    make_found(name="Atelier", description_fr="Fin zoblazo.")
    make_found(name="Nouveau venu", description_fr="Le zoblazo et le kwassa.")
    write(client, "zoblazo\natelier\nkwassa")
    page = text_of(client.get(TRY, {"queries": "kwassa"}))
    assert "Nouveau venu" in page
    assert "↓ " in page or "↑ " in page
    assert 'href="/admin/search/synonymgroup/try/"' in text_of(client.get(reverse("admin:search_synonymgroup_changelist")))


@pytest.mark.usefixtures("staff")
def test_nothing_to_try_is_said(client: Client) -> None:
    assert "Aucun brouillon" in text_of(client.get(TRY))


@pytest.mark.usefixtures("staff")
def test_more_than_ten_queries_are_refused(client: Client) -> None:
    write(client, "un\ndeux")
    assert "Au plus 10" in text_of(client.get(TRY, {"queries": "\n".join("abcdefghijk")}))
