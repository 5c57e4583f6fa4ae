"""A visitor keeps a search from the page of results, and finds it in the account."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils.html import escape

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.search.models import SavedSearch
from apps.search.services.saved import SAVED_MAX
from apps.web.questions import Question, query_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
LIST, NEW = "/fr/compte/recherches/", "/fr/compte/recherches/nouvelle/"
RESULTS = "/fr/recherche/?q=wouri&city=douala&open_now=1"
PASSWORD = "un mot de passe de phrase"


@pytest.fixture
def owner() -> User:
    user = make_user(email="awa@exemple.cm")
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def signed_in(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def save_link(html: str) -> str:
    found = re.search(r'href="(/fr/compte/recherches/nouvelle/[^"]*)"', html)
    assert found
    return found[1].replace("&amp;", "&")


def keep(client: Client, query: str = "city=douala&q=wouri", name: str = "Au bord du fleuve") -> SavedSearch:
    assert client.post(f"{NEW}?{query}", {"name": name}).status_code == 302
    return SavedSearch.objects.get(query=query)


def test_it_works(client: Client, owner: User) -> None:
    """Without a script, from the results through the log-in to the list, and back to the results."""
    link = save_link(client.get(RESULTS).content.decode())
    to_log_in = client.get(link)
    assert to_log_in.status_code == 302
    way = parse_qs(urlsplit(to_log_in["Location"]).query)["next"][0]
    assert way == link
    entered = client.post(to_log_in["Location"], {"login": owner.email, "password": PASSWORD, "next": way})
    assert entered["Location"] == link
    html = client.get(link).content.decode()
    assert 'value="« wouri » à Douala"' in html
    assert "Ouvert maintenant" in html
    action = re.search(r'<form class="mt-5" method="post" action="([^"]+)"', html)
    assert action
    kept = client.post(action[1].replace("&amp;", "&"), {"name": "Au bord du fleuve"})
    assert kept["Location"] == LIST
    html = client.get(LIST).content.decode()
    assert "La recherche est enregistrée." in html
    assert "« wouri » · Douala · Ouvert maintenant" in html
    assert "1 recherche sur 50" in html
    again = re.search(r'<a class="link" href="([^"]+)">Au bord du fleuve</a>', html)
    assert again
    assert "Chez Wouri" in client.get(again[1].replace("&amp;", "&").replace("&open_now=1", "")).content.decode()


def test_a_clean_page_is_kept_as_what_it_asks(signed_in: Client) -> None:
    link = save_link(signed_in.get("/fr/douala/restaurants/?page=1").content.decode())
    assert link == f"{NEW}?category=restaurants&city=douala"
    keep(signed_in, "category=restaurants&city=douala")
    assert 'href="/fr/douala/restaurants/"' in signed_in.get(LIST).content.decode()
    assert 'href="/en/douala/restaurants/"' in signed_in.get("/en/compte/recherches/").content.decode()


def test_nothing_asked_is_nothing_to_keep(signed_in: Client) -> None:
    assert "recherches/nouvelle" not in signed_in.get("/fr/recherche/").content.decode()
    for query in ("", "?utm_source=x&page=3", "?sort=relevance"):
        assert signed_in.post(f"{NEW}{query}", {"name": "Rien"})["Location"] == "/fr/recherche/"
    assert not SavedSearch.objects.exists()


def test_the_same_question_is_one_search_however_it_is_written(signed_in: Client) -> None:
    for query in ("q=wouri&city=douala&page=2", "city=douala&q=%20wouri%20&sort=relevance", "location=Douala&q=wouri&fbclid=1"):
        assert signed_in.post(f"{NEW}?{query}", {"name": query[:20]}).status_code == 302
    assert SavedSearch.objects.get().query == "city=douala&q=wouri"
    assert "Vous la gardez déjà" in signed_in.get(f"{NEW}?q=wouri&city=douala").content.decode()


def test_rename_remove_and_take_back(signed_in: Client) -> None:
    saved = keep(signed_in)
    assert signed_in.post(f"{LIST}{saved.pk}/nom/", {"name": "Le fleuve"})["Location"] == LIST
    assert "Le fleuve" in signed_in.get(LIST).content.decode()
    removed = signed_in.post(f"{LIST}{saved.pk}/retirer/")
    assert removed["Location"] == f"{LIST}?retiree={saved.pk}"
    html = signed_in.get(removed["Location"]).content.decode()
    assert "« Le fleuve » est retirée." in html
    assert "Vous ne gardez encore aucune recherche" in html
    assert signed_in.post(f"{LIST}{saved.pk}/reprendre/")["Location"] == LIST
    html = signed_in.get(removed["Location"]).content.decode()
    assert "est retirée" not in html
    assert "Le fleuve" in html


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\u200bb", "a\x00b"])
def test_a_name_that_is_none_is_said_so(signed_in: Client, name: str) -> None:
    saved = keep(signed_in)
    for path in (f"{NEW}?q=autre", f"{LIST}{saved.pk}/nom/"):
        response = signed_in.post(path, {"name": name})
        assert response.status_code == 422, path
        html = response.content.decode()
        assert "<title>Erreur" in html
        assert 'aria-invalid="true"' in html
    assert SavedSearch.objects.get().name == "Au bord du fleuve"


def test_the_fifty_first_is_refused_in_words(signed_in: Client, owner: User) -> None:
    rows = [SavedSearch(user=owner, query=f"q={number}", name=str(number), created_at="2026-11-26T12:00Z") for number in range(SAVED_MAX)]
    SavedSearch.objects.bulk_create(rows)
    response = signed_in.post(f"{NEW}?q=wouri", {"name": "Encore une"})
    assert response.status_code == 422
    assert "Vous gardez déjà cinquante recherches" in response.content.decode()


def test_what_people_write_is_text(signed_in: Client) -> None:
    name = '<script>alert("1")</script>'
    keep(signed_in, "q=%3Cb%3E%22", name)
    html = signed_in.get(LIST).content.decode()
    assert name not in html
    assert escape(name) in html
    assert '<b>"' not in html


def test_the_longest_question_has_room() -> None:
    many = tuple(f"{number:02}{'x' * 98}" for number in range(20))
    emoji = "\U0001f600"
    longest = Question(q=emoji * 200, location=emoji * 120, category=many, quarter=many, region="r" * 100, city="c" * 100, bbox="1,2,3,4")
    assert len(query_of(longest)) < 10_000


def test_a_stranger_sees_and_touches_nothing(client: Client, signed_in: Client) -> None:
    saved = keep(signed_in)
    assert client.get(LIST).status_code == 302
    client.force_login(make_user())
    assert "fleuve" not in client.get(f"{LIST}?retiree={saved.pk}").content.decode()
    for action in ("nom", "retirer", "reprendre"):
        assert client.post(f"{LIST}{saved.pk}/{action}/", {"name": "Pris"}).status_code == 404
        assert client.get(f"{LIST}{saved.pk}/{action}/").status_code == 405
    assert client.get(f"{LIST}?retiree=x").status_code == 200
    saved.refresh_from_db()
    assert (saved.name, saved.removed_at) == ("Au bord du fleuve", None)


def test_the_list_asks_the_same_for_one_and_for_many(
    signed_in: Client, owner: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    rows = [
        SavedSearch(user=owner, query=f"city=douala&q={number}", name=str(number), created_at="2026-11-26T12:00Z") for number in range(30)
    ]
    SavedSearch.objects.bulk_create(rows)
    signed_in.get(LIST)
    with django_assert_max_num_queries(4):
        signed_in.get(LIST)
