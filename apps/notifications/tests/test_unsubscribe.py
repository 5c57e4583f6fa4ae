"""Leaving a category by the link of a mail: one post by a mail program, or a page with a button; at once, and never by looking."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from apps.accounts import personal_data
from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.core.clock import now
from apps.notifications.choices import ConsentSource
from apps.notifications.messages import MESSAGES
from apps.notifications.models import ConsentRecord, Delivery, Preference
from apps.notifications.services import notifying, sending

pytestmark = pytest.mark.django_db


def tell(user: User, name: str, event: str = "1") -> None:
    notifying.notify(name, user=user, context=MESSAGES[name].sample, dedup_key=event, at=now())
    sending.sweep_deliveries(at=now())


def link_of(user: User) -> str:
    """The address in the headers of the last mail, as a mail program reads it."""
    headers = mail.outbox[-1].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert user.email in mail.outbox[-1].to
    return str(headers["List-Unsubscribe"]).strip("<>").removeprefix("http://testserver")


@pytest.fixture
def user() -> User:
    return make_user(email="awa@exemple.cm", language="en")


def test_it_works(user: User) -> None:
    tell(user, "listing_merged")
    link = link_of(user)
    # A mail program has no cookie, and checks no token of a form.
    program = Client(enforce_csrf_checks=True)
    answer = program.post(link, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert link.startswith("/en/")
    assert Preference.objects.get(user=user).mode == "never"
    record = ConsentRecord.objects.get(user=user)
    assert (record.is_given, record.source, record.category) == (False, ConsentSource.ONE_CLICK, "listing")
    tell(user, "listing_unmerged", "2")
    assert len(mail.outbox) == 1, "effective at once"
    tell(user, "quota_reached", "3")
    tell(user, "new_device", "4")
    assert len(mail.outbox) == 3, "other categories go on"
    assert program.post(link).status_code == 200
    assert ConsentRecord.objects.filter(user=user).count() == 1, "harmless when repeated"
    (consent,) = personal_data.sources()["consents"](user)
    assert (consent["category"], consent["is_given"]) == ("listing", False)
    assert len(list(personal_data.sources()["notifications"](user))) == 4
    assert [row["mode"] for row in personal_data.sources()["message_preferences"](user)] == ["never"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_looking_changes_nothing(user: User, client: Client, language: str) -> None:
    tell(user, "listing_merged")
    link = link_of(user).replace("/en/", f"/{language}/")
    for method in (client.get, client.head):
        assert method(link).status_code == 200
    page = client.get(link).content.decode()
    assert ("Vos fiches" if language == "fr" else "Your listings") in page
    assert "noindex" in page
    assert client.get(link)["Referrer-Policy"] == "no-referrer"
    assert not Preference.objects.exists()


def test_what_waits_does_not_leave_either(user: User) -> None:
    tell(user, "listing_merged")
    notifying.notify("listing_unmerged", user=user, context=MESSAGES["listing_unmerged"].sample, dedup_key="2", at=now())
    Client().post(link_of(user))
    sending.sweep_deliveries(at=now())
    assert len(mail.outbox) == 1
    assert Delivery.objects.get(message="listing_unmerged").reason == "preference"


@pytest.mark.parametrize("token", ["x", "WyIx:a:b", "%00", "a" * 3000])
def test_links_that_are_not_ours(client: Client, token: str) -> None:
    for method in (client.get, client.post):
        assert method(f"/fr/compte/messages/quitter/{token}/").status_code == 404
    assert not Preference.objects.exists()


def test_a_link_of_an_account_that_is_gone(user: User, client: Client) -> None:
    tell(user, "listing_merged")
    link = link_of(user)
    User.objects.filter(pk=user.pk).update(deleted_at=now(), is_active=False)
    assert client.post(link).status_code == 404
