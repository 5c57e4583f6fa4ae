"""Reports of statistics on their pages, without a script."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.analytics.models import Report
from apps.analytics.services import reports
from apps.catalog.tests.factories import make_category, make_resource

pytestmark = pytest.mark.django_db
PAGE = "/fr/compte/statistiques/rapports/"
GIVEN = {"name": "Mon rapport", "metrics": ["views", "contacts"], "dimension": "day", "period": "7d", "format": "csv", "schedule": ""}


@pytest.fixture(autouse=True)
def _own_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Report._meta.get_field("file"), "storage", FileSystemStorage(tmp_path))


@pytest.fixture
def user(client: Client) -> User:
    user = make_user(email="awa@exemple.cm")
    client.force_login(user)
    return user


def asked(client: Client, **given: Any) -> Report:
    response = client.post(f"{PAGE}nouveau/", {**GIVEN, **given})
    assert response.status_code == 302, response.content.decode()
    report: Report = Report.objects.latest("pk")
    return report


@pytest.mark.usefixtures("user")
def test_it_works(client: Client) -> None:
    assert "Aucun rapport pour l’instant" in client.get(PAGE).content.decode()

    report = asked(client)
    waiting = client.get(PAGE).content.decode()
    reports.make_report(report_id=report.pk)
    ready = client.get(PAGE).content.decode()
    file = client.get(f"{PAGE}{report.pk}/fichier/")

    assert "<progress" in waiting
    assert "every 4s" in waiting
    assert "<progress" not in ready
    assert "every 4s" not in ready
    assert b"".join(file).decode("utf-8-sig").startswith("Jour,Vues,Contacts\r\n")
    assert "Supprimer le rapport" in client.get(f"{PAGE}{report.pk}/supprimer/").content.decode()
    assert client.post(f"{PAGE}{report.pk}/supprimer/").status_code == 302
    assert not Report.objects.exists()


@pytest.mark.usefixtures("user")
def test_a_report_has_a_page_from_which_it_is_made_again(client: Client, user: User) -> None:
    listing = make_resource(user=user, category=make_category(), name="Chez Awa")
    report = asked(client, listing=str(listing.pk), metrics=["contacts"], channel="call", dimension="week", schedule="weekly")
    path = f"{PAGE}{report.pk}/"

    waiting = client.get(path).content.decode()
    reports.make_report(report_id=report.pk)
    ready = client.get(path).content.decode()
    like = client.get(f"{PAGE}nouveau/?comme={report.pk}").content.decode()
    Report.objects.update(state="expired", file="")
    over = client.get(path).content.decode()

    assert "every 4s" in waiting
    assert "<progress" in waiting
    for said in ("Chez Awa", "Contacts", "Semaine", "Appel", "Chaque lundi", f'href="{path}fichier/"', f"?comme={report.pk}"):
        assert said in ready, said
    assert "every 4s" not in ready
    assert 'value="Mon rapport"' in like
    for chosen in (str(listing.pk), "week", "call", "weekly"):
        assert f'<option value="{chosen}" selected>' in like, chosen
    assert "fichier/" not in over
    assert "se refait en quelques secondes" in over
    assert f'href="{path}"' in client.get(PAGE).content.decode()


@pytest.mark.parametrize("like", ["x", "%00", str(uuid.UUID(int=5)), ""], ids=["word", "nul", "nobody's", "empty"])
@pytest.mark.usefixtures("user")
def test_what_nobody_can_be_like_is_the_usual_form(client: Client, like: str) -> None:
    page = client.get(f"{PAGE}nouveau/?comme={like}")
    assert page.status_code == 200
    assert '<option value="day" selected>' in page.content.decode()


def test_the_form_carries_everything(client: Client, user: User) -> None:
    listing = make_resource(user=user, category=make_category())

    given = {"metrics": ["contacts"], "channel": "call", "dimension": "week", "schedule": "monthly", "period": "30d"}

    report = asked(client, listing=str(listing.pk), **given)

    assert report.filters == {"resources": [str(listing.pk)], "channels": ["call"]}
    assert (report.metrics, report.dimension, report.schedule, report.language) == (["contacts"], "week", "monthly", "fr")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "Ce champ est obligatoire"),
        ({"metrics": []}, "Ce champ est obligatoire"),
        ({"period": "between", "first": "2010-01-01", "last": "2020-01-01"}, "sont gardées 25 mois"),
        ({"period": "between"}, "Indiquez cette date."),
        ({"period": "between", "first": "hier", "last": "2020-01-01"}, "Saisissez une date valide"),
        ({"dimension": "source", "metrics": ["shares"]}, "seuls les vues et les contacts sont comptés"),
        ({"source": "direct", "campaign": "été"}, "les compteurs ne les croisent pas"),
        ({"listing": str(uuid.UUID(int=5))}, "Sélectionnez un choix valide"),
        ({"campaign": "a\0b"}, "nul"),
    ],
    ids=["no name", "nothing", "ten years", "no dates", "no date", "not counted", "crossed", "foreign listing", "a null byte"],
)
@pytest.mark.usefixtures("user")
def test_what_cannot_be_made_comes_back_with_the_reason(client: Client, change: dict[str, Any], told: str) -> None:
    response = client.post(f"{PAGE}nouveau/", {**GIVEN, **change})

    assert response.status_code == 422
    assert told in response.content.decode()
    assert not Report.objects.exists()


@pytest.mark.usefixtures("user")
def test_strangers_find_nothing(client: Client) -> None:
    report, stranger = asked(client), Client()
    stranger.force_login(make_user())

    assert b'value="Mon rapport"' not in stranger.get(f"{PAGE}nouveau/?comme={report.pk}").content
    for path in ("", "fichier/", "supprimer/"):
        assert stranger.get(f"{PAGE}{report.pk}/{path}").status_code == 404
    assert stranger.post(f"{PAGE}{report.pk}/supprimer/").status_code == 404
    assert Client().get(PAGE).status_code == 302


@pytest.mark.usefixtures("user")
def test_a_file_that_is_not_there_yet_leads_back(client: Client) -> None:
    response = client.get(f"{PAGE}{asked(client).pk}/fichier/", follow=True)

    assert "pas encore prêt" in response.content.decode()


@pytest.mark.usefixtures("user")
def test_statements_do_not_grow_with_reports(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client.get(PAGE)
    for _number in range(3):
        last = asked(client)

    # The user, the reports, unread messages.
    with django_assert_num_queries(3):
        client.get(PAGE)
    # The user, listings to choose from, unread messages.
    with django_assert_num_queries(3):
        client.get(f"{PAGE}nouveau/")
    # The user, the report, unread messages; names of listings where it is about some.
    with django_assert_num_queries(3):
        client.get(f"{PAGE}{last.pk}/")
