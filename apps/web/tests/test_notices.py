"""The inbox of the account, and the preferences of messages."""

from __future__ import annotations

import uuid

import pytest
from django.conf import settings as django_settings
from django.test import Client

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.core.clock import now
from apps.notifications.choices import Category, Channel, Mode
from apps.notifications.models import ConsentRecord, Notification
from apps.notifications.selectors.inbox import PAGE_SIZE, unread_count
from apps.notifications.selectors.preferences import preferences_of
from apps.notifications.services.notifying import notify

pytestmark = pytest.mark.django_db
INBOX, PREFERENCES = "/fr/compte/messages/", "/fr/compte/messages/preferences/"


@pytest.fixture
def owner() -> User:
    return make_user(email="awa@exemple.cm")


@pytest.fixture
def signed_in(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def tell(user: User, number: int = 1, url: str = "") -> Notification:
    """A notice that somebody's archive is ready."""
    address = url or f"{django_settings.SITE_URL}/fr/compte/donnees/"
    notification = notify("export_ready", user=user, context={}, url=address, dedup_key=f"export:{number}", at=now())
    assert notification is not None
    return notification


def test_a_notice_is_shown_opened_and_read(signed_in: Client, owner: User) -> None:
    """The count of the navigation falls; the button leads where the notice says."""
    one = tell(owner)
    page = signed_in.get(INBOX).content.decode()
    assert "archive" in page
    assert 'class="acc-count">1<' in page
    answer = signed_in.post(f"{INBOX}{one.pk}/", {"ouvrir": ""})
    assert (answer.status_code, answer["Location"]) == (302, "/fr/compte/donnees/")
    assert unread_count(owner) == 0
    assert 'class="acc-count"' not in signed_in.get(INBOX).content.decode()
    assert "Vous avez tout lu" in signed_in.get(f"{INBOX}?non_lues").content.decode()


def test_a_notice_never_leads_off_the_site(signed_in: Client, owner: User) -> None:
    """Whatever an older release wrote."""
    one = tell(owner, url="https://ailleurs.example/fr/")
    assert signed_in.post(f"{INBOX}{one.pk}/", {"ouvrir": ""})["Location"] == INBOX


def test_notices_of_others_stay_theirs(signed_in: Client) -> None:
    """Opening them changes nothing and leads nowhere."""
    one = tell(make_user(email="autre@exemple.cm"))
    assert signed_in.post(f"{INBOX}{one.pk}/", {"ouvrir": ""})["Location"] == INBOX
    assert signed_in.post(f"{INBOX}{uuid.uuid4()}/")["Location"] == INBOX
    one.refresh_from_db()
    assert one.read_at is None


def test_the_inbox_has_pages_and_is_read_at_once(signed_in: Client, owner: User) -> None:
    """Twenty a page; a forged place is the first page."""
    for number in range(PAGE_SIZE + 1):
        tell(owner, number)
    first = signed_in.get(INBOX).content.decode()
    assert first.count('<li class="row') == PAGE_SIZE
    following = first.split('href="?suite=')[1].split('"')[0]
    assert signed_in.get(f"{INBOX}?suite={following}").content.decode().count('<li class="row') == 1
    assert signed_in.get(f"{INBOX}?suite=faux").content.decode().count('<li class="row') == PAGE_SIZE
    signed_in.post(f"{INBOX}tout-lire/")
    assert unread_count(owner) == 0


def fields(user: User, **changes: str) -> dict[str, str]:
    """What the page would send: every choice as it is, with some changed; a value of "" is an empty box."""
    sent = {}
    for one in preferences_of(user).choices:
        if one.is_fixed:
            continue
        name = f"{one.category}-{one.channel}"
        if one.channel == Channel.EMAIL:
            sent[name] = str(one.mode)
        elif one.mode != Mode.NEVER:
            sent[name] = "on"
    sent.update({name.replace("__", "-"): value for name, value in changes.items()})
    return {name: value for name, value in sent.items() if value}


def test_choices_are_kept_with_the_consent_that_they_need(signed_in: Client, owner: User) -> None:
    """News by mail is a yes that is recorded with its words, and a no later."""
    assert "J’accepte de recevoir par e-mail les messages" in signed_in.get(PREFERENCES).content.decode()
    assert "I agree to receive" in signed_in.get(PREFERENCES.replace("/fr/", "/en/")).content.decode()
    answer = signed_in.post(PREFERENCES, fields(owner, news__email="now", listing__email="weekly", reports__in_app=""))
    assert answer.status_code == 302
    chosen = preferences_of(owner)
    assert chosen.mode(Category.NEWS, Channel.EMAIL) == Mode.NOW
    assert chosen.mode(Category.LISTING, Channel.EMAIL) == Mode.WEEKLY
    assert chosen.mode(Category.REPORTS, Channel.IN_APP) == Mode.NEVER
    assert ConsentRecord.objects.get().is_given
    signed_in.post(PREFERENCES, fields(owner, news__email="never"))
    assert list(ConsentRecord.objects.order_by("created_at").values_list("is_given", flat=True)) == [True, False]


def test_what_must_arrive_cannot_be_muted(signed_in: Client, owner: User) -> None:
    """Security and billing have no field for the site and mails; a forged one is ignored, an unknown mode refused."""
    signed_in.post(PREFERENCES, fields(owner, security__email="never", billing__email="never"))
    assert preferences_of(owner).mode(Category.SECURITY, Channel.EMAIL) == Mode.NOW
    assert signed_in.post(PREFERENCES, fields(owner, listing__email="toujours")).status_code == 422
    # Without a confirmed number the phone's boxes are off, and a forged one changes nothing.
    signed_in.post(PREFERENCES, fields(owner, listing__sms="on"))
    assert preferences_of(owner).mode(Category.LISTING, Channel.SMS) == Mode.NEVER


def test_quiet_hours(signed_in: Client, owner: User) -> None:
    """Changed, switched off, and refused when they have no length."""
    address = "/fr/compte/messages/heures-calmes/"
    assert signed_in.post(address, {"is_on": "on", "starts_at": "22:30", "ends_at": "06:00"}).status_code == 302
    quiet = preferences_of(owner).quiet
    assert quiet is not None
    assert [f"{one:%H:%M}" for one in quiet] == ["22:30", "06:00"]
    assert signed_in.post(address, {"is_on": "on", "starts_at": "22:30", "ends_at": "22:30"}).status_code == 422
    # Who is quiet all day would never hear of what must arrive.
    assert signed_in.post(address, {"is_on": "on", "starts_at": "06:00", "ends_at": "05:59"}).status_code == 422
    assert signed_in.post(address, {"starts_at": "22:30", "ends_at": "06:00"}).status_code == 302
    assert preferences_of(owner).quiet is None
