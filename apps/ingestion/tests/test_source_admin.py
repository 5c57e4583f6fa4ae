"""Sources in the administration."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.accounts.services.keys import rotate_key
from apps.accounts.tests.factories import make_user
from apps.catalog.choices import Status
from apps.catalog.models import Resource
from apps.core.tests.talking_server import reply, talking
from apps.ingestion.choices import BatchState, SourceKind
from apps.ingestion.models import Source, SourceKey
from apps.ingestion.services.sources import bind_rotated_keys
from apps.ingestion.steps.fields import GROUPS
from apps.ingestion.tests.factories import make_batch, make_source, make_source_key, outcomes, place, send

pytestmark = pytest.mark.django_db
LIST = "/admin/ingestion/source/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def page(source: Source, name: str = "change") -> str:
    return reverse(f"admin:ingestion_source_{name}", args=[source.pk])


def form(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Annuaire", "slug": "annuaire", "kind": "css", "licence": "CC BY 4.0", "lawful_basis": "open_licence", "policy": "review",
        "trust": "0.5", "min_quality": "0.5", "url": "https://annuaire.example/", "every_hours": "24",
        "recipe": json.dumps({"block": ".item", "fields": {"name": "h2"}}), "keys-TOTAL_FORMS": "0", "keys-INITIAL_FORMS": "0", **changes,
    }  # fmt: skip


def text(response: Any) -> str:
    return str(response.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


def test_it_works(staff: Client) -> None:
    response = staff.post(f"{LIST}add/", form(allowed_fields=["phones", "hours"]))
    assert response.status_code == 302, text(response)
    source = Source.objects.get()
    assert source.recipe == {"block": ".item", "fields": {"name": "h2"}}
    assert source.allowed_fields == ["phones", "hours"]
    assert source.next_run_at is not None
    html = text(staff.get(page(source)))
    assert "Essayer sur une page" in html
    assert "Aucun enregistrement pour le moment." in html


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"licence": ""}, "errorlist"),
        ({"lawful_basis": ""}, "errorlist"),
        ({"url": ""}, "Cette sorte de source se lit à une adresse."),
        ({"kind": "push", "recipe": "{}"}, "Seule une source qui a une adresse à lire"),
        ({"recipe": "{"}, "JSON"),
        ({"recipe": "[]"}, "Expected `object`"),
        ({"recipe": json.dumps({"block": "..", "fields": {"name": "h2"}})}, "block : « .. » n’est pas un sélecteur CSS."),
        ({"recipe": json.dumps({"block": ".a", "fields": {"nom": "h2"}})}, "fields.nom"),
        ({"trust": "2"}, "errorlist"),
    ],
)
def test_a_source_that_cannot_work_is_not_stored(staff: Client, changes: dict[str, str], said: str) -> None:
    response = staff.post(f"{LIST}add/", form(**changes))
    assert response.status_code == 200
    assert said in text(response)
    assert not Source.objects.exists()


def test_every_group_of_fields_has_a_name(staff: Client) -> None:
    html = text(staff.get(f"{LIST}add/"))
    for group in GROUPS:
        assert f'value="{group}"' in html


def test_a_change_plans_the_reading_anew(staff: Client) -> None:
    source = make_source(kind=SourceKind.CSS, url="https://a.example/", recipe={"block": "p", "fields": {"name": "b"}})
    response = staff.post(page(source), form(name="Autre", slug=source.slug, every_hours="12"))
    assert response.status_code == 302, text(response)
    source.refresh_from_db()
    assert (source.name, source.every_hours) == ("Autre", 12)
    assert source.next_run_at is not None


def test_the_list_costs_the_same_however_many(staff: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _number in range(5):
        make_batch(make_source(), state=BatchState.DONE, finished_at=timezone.now(), received=10, rejected=3)
    staff.get(LIST)
    with django_assert_num_queries(4):
        html = text(staff.get(LIST))
    assert html.count("7 sur 10") == 5


def test_a_trial_shows_rows_and_stores_nothing(staff: Client) -> None:
    cache.clear()
    body = b'<div class="item"><h2>Exemple <script>alert(1)</script></h2></div><div class="item"><h2></h2></div>'
    source = make_source(kind=SourceKind.CSS, url="https://a.example/", recipe={"block": ".item", "fields": {"name": "h2"}})
    with talking(reply("200 OK", body=body)) as server:
        html = text(staff.post(page(source, "try"), {"url": server.url}))
    assert "2 fiches trouvées." in html
    assert "<td>Exemple" in html
    assert "<script>alert" not in html
    assert "address_private" in text(staff.post(page(source, "try"), {"url": "https://10.0.0.1/"}))
    assert not source.pages.exists()


def test_pause_and_resume(staff: Client) -> None:
    source = make_source()
    staff.post(page(source, "do"), {"action": "pause", "reason": "Plainte"})
    source.refresh_from_db()
    assert (source.pause_reason, source.paused_at is not None) == ("Plainte", True)
    assert "En pause depuis le" in text(staff.get(page(source)))
    staff.post(page(source, "do"), {"action": "resume"})
    source.refresh_from_db()
    assert (source.pause_reason, source.paused_at) == ("", None)


def test_what_is_over_is_not_resumed(staff: Client) -> None:
    source = make_source(paused_at=timezone.now(), expires_at=timezone.now() - dt.timedelta(days=1))
    html = text(staff.post(page(source, "do"), {"action": "resume"}, follow=True))
    assert "prolongez-le d’abord" in html
    source.refresh_from_db()
    assert source.paused_at is not None


def test_read_now(staff: Client) -> None:
    cache.clear()
    call_command("load_reference", verbosity=0)
    with talking(reply("200 OK", body=b"<p><b>Garage Mboppi</b></p>")) as server:
        source = make_source(kind=SourceKind.CSS, url=server.url, recipe={"block": "p", "fields": {"name": "b"}})
        assert "Lire maintenant" in text(staff.get(page(source)))
        html = text(staff.post(page(source, "do"), {"action": "read"}, follow=True))
    assert "La lecture commence." in html
    assert source.batches.get().received == 1


def test_a_key_is_made_by_staff_and_shown_once(staff: Client) -> None:
    call_command("load_reference", verbosity=0)
    source, sender = make_source(), make_user()
    html = text(staff.post(page(source, "key"), {"email": sender.email, "name": "n8n"}))
    secret = re.search(r"romapi_live_[0-9A-Za-z]{38}", html)
    assert secret is not None
    bound = SourceKey.objects.get()
    assert (bound.source, bound.key.user, bound.key.permissions) == (source, sender, ["ingest:write"])
    assert secret[0] not in text(staff.get(page(source)))
    assert outcomes(send(Client(), secret[0], [place()])) == ["created"]
    assert "Aucun compte actif" in text(staff.post(page(source, "key"), {"email": "nobody@exemple.cm", "name": "n8n"}))


def test_a_key_that_replaces_another_speaks_for_its_source(staff: Client) -> None:
    source, sender = make_source(), make_user()
    staff.post(page(source, "key"), {"email": sender.email, "name": "n8n"})
    old = SourceKey.objects.get()
    new, _secret = rotate_key(user=sender, key_id=old.key_id, at=timezone.now())
    assert bind_rotated_keys() == 1
    assert SourceKey.objects.get(key=new).source == source
    assert bind_rotated_keys() == 0


def test_a_withdrawn_source_gives_its_values_back(
    staff: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    call_command("load_reference", verbosity=0)
    best, other = make_source(trust=0.9), make_source(trust=0.4)
    send(Client(), make_source_key(other), [place(1, website="https://ancien.example/")])
    send(
        Client(),
        make_source_key(best),
        [place(1, website="https://nouveau.example/"), place(2, name="Hôtel Zénith", category="hôtel", phone="")],
    )
    both, alone = (Resource.objects.get(name=name) for name in (place(1)["name"], "Hôtel Zénith"))
    assert both.contacts.get(kind="website").value == "https://nouveau.example"
    html = text(staff.get(page(best, "withdraw")))
    assert "Le retrait peut être annulé" in html
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(page(best, "withdraw"))
    best.refresh_from_db()
    assert best.withdrawn_at is not None
    assert both.contacts.get(kind="website").value == "https://ancien.example"
    alone.refresh_from_db()
    both.refresh_from_db()
    assert (both.status, alone.status) == (Status.ACTIVE, Status.ARCHIVED)
    assert staff.get(page(best, "withdraw")).status_code == 302
    html = text(staff.get(page(best)))
    assert "Retirée le" in html
    assert "Annuler le retrait" in html
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(page(best, "do"), {"action": "restore"})
    assert both.contacts.get(kind="website").value == "https://nouveau.example"
    alone.refresh_from_db()
    assert alone.status == Status.ACTIVE


PAGES = ("try", "key", "withdraw", "do")


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_and_staff_without_the_right_stay_out(client: Client, name: str) -> None:
    source = make_source(kind=SourceKind.CSS, url="https://a.example/", recipe={"block": "p", "fields": {"name": "b"}})
    assert client.post(page(source, name)).status_code == 302
    client.force_login(make_user())
    assert client.post(page(source, name)).status_code == 302
    watcher = make_user(is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_source"))
    client.force_login(watcher)
    assert client.post(page(source, name), {"action": "pause"}).status_code == 403
    assert "Mettre en pause" not in text(client.get(page(source)))
    source.refresh_from_db()
    assert (source.paused_at, source.withdrawn_at) == (None, None)


def test_who_may_change_sources_but_not_keys_makes_none(client: Client) -> None:
    source = make_source()
    changer = make_user(is_staff=True)
    changer.user_permissions.add(Permission.objects.get(codename="change_source"), Permission.objects.get(codename="view_source"))
    client.force_login(changer)
    assert client.post(page(source, "key"), {"email": changer.email, "name": "x"}).status_code == 403
    assert not SourceKey.objects.exists()


def test_forged_requests(staff: Client) -> None:
    source = make_source()
    assert staff.get(page(source, "do")).status_code == 404
    assert staff.post(page(source, "do"), {"action": "delete"}).status_code == 404
    assert staff.get(page(source, "try")).status_code == 404
    assert staff.get(f"{LIST}00000000-0000-0000-0000-000000000000/key/").status_code == 404
    assert staff.get(f"{LIST}nonsense/change/").status_code in {302, 400, 404}
    assert staff.post(f"{LIST}{source.pk}/delete/").status_code == 403
