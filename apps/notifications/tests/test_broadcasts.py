"""Staff writes to many people: who is told, at which pace, stopped and gone on with, and what it costs before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.core.clock import now
from apps.notifications.choices import BroadcastState, Category, Channel, DeliveryState, Mode, Segment
from apps.notifications.exceptions import BroadcastRefused
from apps.notifications.models import Broadcast, Delivery, Notification
from apps.notifications.selectors.broadcasts import reach_of, result_of
from apps.notifications.services import broadcasts
from apps.notifications.services.notifying import notify
from apps.notifications.services.preferences import set_preference

pytestmark = pytest.mark.django_db


def write(**values: Any) -> Broadcast:
    """An announcement to everybody, not sent yet."""
    words = {
        "subject_fr": "Horaires des fêtes", "subject_en": "Holiday hours", "text_fr": "Bonjour.\n\nIndiquez vos horaires.",
        "text_en": "Hello.\n\nTell your hours.", "page": "/fr/compte/fiches/",
    }  # fmt: skip
    return Broadcast.objects.create(**{"segment": Segment.EVERYONE, "per_minute": 8, **words, **values})


def people(count: int) -> list[User]:
    """So many people, in the order in which they are told."""
    return sorted((make_user(email=f"p{number}@exemple.cm") for number in range(count)), key=lambda one: one.pk)


def test_it_goes_on_at_its_pace_and_tells_everybody_once() -> None:
    """Two people a turn; a turn that comes early does nothing."""
    several, at = people(5), now()
    one = write()
    broadcasts.start(broadcast_id=one.pk, at=at)
    assert broadcasts.work_off(at=at) == 2
    assert broadcasts.work_off(at=at + dt.timedelta(seconds=5)) == 0
    for turn in (1, 2, 3):
        broadcasts.work_off(at=at + turn * broadcasts.TURN)
    one.refresh_from_db()
    assert (one.state, one.told, one.audience) == (BroadcastState.DONE, 5, 5)
    assert sorted(Notification.objects.values_list("user_id", flat=True)) == [user.pk for user in several]
    with pytest.raises(BroadcastRefused):
        broadcasts.start(broadcast_id=one.pk, at=at)


def test_it_stops_and_goes_on_where_it_was() -> None:
    """Nobody is left out and nobody told twice."""
    people(4)
    one, at = write(), now()
    broadcasts.start(broadcast_id=one.pk, at=at)
    broadcasts.work_off(at=at)
    assert broadcasts.stop(broadcast_id=one.pk)
    assert broadcasts.work_off(at=at + dt.timedelta(minutes=5)) == 0
    broadcasts.start(broadcast_id=one.pk, at=at + dt.timedelta(minutes=6))
    for turn in range(3):
        broadcasts.work_off(at=at + dt.timedelta(minutes=6) + turn * broadcasts.TURN)
    assert Notification.objects.count() == 4
    assert Notification.objects.values("user_id").distinct().count() == 4


def test_a_turn_that_dies_tells_the_same_people_again_without_doubling(monkeypatch: pytest.MonkeyPatch) -> None:
    """The turn is one transaction; what it began is not there when it fails."""
    several, at = people(2), now()
    one = write()
    broadcasts.start(broadcast_id=one.pk, at=at)

    def dies(*args: Any, **values: Any) -> object:
        if values["user"].pk == several[1].pk:
            raise KeyboardInterrupt
        return notify(*args, **values)

    monkeypatch.setattr("apps.notifications.services.broadcasts.notify", dies)
    with pytest.raises(KeyboardInterrupt):
        broadcasts.work_off(at=at)
    assert not Notification.objects.exists()
    monkeypatch.undo()
    broadcasts.work_off(at=at)
    assert Notification.objects.count() == 2


def test_mails_go_to_who_agreed_alone() -> None:
    """News are nobody's by default; the inbox has them."""
    willing, other = people(2)
    set_preference(user=willing, category=Category.NEWS, channel=Channel.EMAIL, mode=Mode.NOW, at=now())
    one, at = write(), now()
    assert (reach_of(one).people, reach_of(one).by_channel, reach_of(one).cost_xaf) == (2, 1, 0)
    broadcasts.start(broadcast_id=one.pk, at=at)
    broadcasts.work_off(at=at)
    assert list(Delivery.objects.values_list("user_id", flat=True)) == [willing.pk]
    assert Notification.objects.filter(user=other).exists()


def test_texts_are_counted_in_parts_and_cost(settings: Any) -> None:
    """Two parts each, at the price of the settings."""
    settings.SMS_COST_XAF = 20
    user = make_user(email="awa@exemple.cm", phone="+237670000001")
    user.phone_verified_at = now()
    user.save(update_fields=["phone_verified_at"])
    set_preference(user=user, category=Category.NEWS, channel=Channel.SMS, mode=Mode.NOW, at=now())
    short, long = write(channel=Channel.SMS, subject_fr="Bonjour"), write(channel=Channel.SMS, subject_fr="o" * 99, page="/fr/" + "x" * 60)
    assert reach_of(short).cost_xaf == 20
    assert reach_of(long).cost_xaf == 40


def test_the_result_says_what_left_and_what_it_cost(settings: Any) -> None:
    """By state, with the reasons of what did not leave, and the price that was paid; another announcement is not in it."""
    settings.SMS_COST_XAF = 20
    for number, user in enumerate(people(3)):
        user.phone, user.phone_verified_at = f"+23767000000{number}", now()
        user.save(update_fields=["phone", "phone_verified_at"])
        set_preference(user=user, category=Category.NEWS, channel=Channel.SMS, mode=Mode.NOW, at=now())
    set_preference(user=user, category=Category.NEWS, channel=Channel.IN_APP, mode=Mode.NEVER, at=now())
    one, other, at = write(channel=Channel.SMS, per_minute=60), write(per_minute=60), now()
    for each in (one, other):
        broadcasts.start(broadcast_id=each.pk, at=at)
    broadcasts.work_off(at=at)
    first, second, last = Delivery.objects.filter(channel=Channel.SMS).order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(state=DeliveryState.SENT, cost_xaf=40)
    Delivery.objects.filter(pk=second.pk).update(state=DeliveryState.FAILED, reason="numéro inconnu")
    Delivery.objects.filter(pk=last.pk).update(state=DeliveryState.SENT, cost_xaf=20)

    result = result_of(one)

    assert result.in_inbox == 2
    assert list(result.states) == [(DeliveryState.SENT, 2), (DeliveryState.FAILED, 1)]
    assert list(result.reasons) == [("numéro inconnu", 1)]
    assert result.cost_xaf == 60
    assert list(result_of(other).states) == []


def test_the_database_keeps_the_page_on_our_site() -> None:
    """A button of an announcement never leads elsewhere."""
    for page in ("https://ailleurs.example/", "//ailleurs.example/"):
        with pytest.raises(IntegrityError), transaction.atomic():
            write(page=page)


def test_staff_writes_looks_sends_and_stops() -> None:
    """The whole way in the admin; without the permission nobody sends."""
    people(3)
    staff = make_user(email="equipe@exemple.cm")
    staff.is_staff = True
    staff.save()
    rights = Permission.objects.filter(content_type__app_label="notifications", content_type__model="broadcast")
    staff.user_permissions.set(rights.exclude(codename="send_broadcast"))
    client = Client()
    client.force_login(staff)
    values = {
        "segment": "everyone", "channel": "email", "per_minute": "8", "subject_fr": "Bonne année", "subject_en": "Happy new year",
        "text_fr": "Meilleurs vœux.", "text_en": "Best wishes.", "page": "",
    }  # fmt: skip
    assert client.post("/admin/notifications/broadcast/add/", values).status_code == 302
    one = Broadcast.objects.get()
    assert one.created_by_id == staff.pk
    address = f"/admin/notifications/broadcast/{one.pk}/envoyer/"
    assert client.get(address).status_code == 403
    staff.user_permissions.set(rights)
    client.force_login(User.objects.get(pk=staff.pk))
    page = client.get(address).content.decode()
    assert "Envoyer à 4 personnes" in page
    assert "Happy new year" in page
    assert "1 minute en tout" in page
    assert "Coût réel" not in page
    assert client.post(address, {"start": ""}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.audience) == (BroadcastState.SENDING, 4)
    assert client.post(f"/admin/notifications/broadcast/{one.pk}/change/", {**values, "text_fr": "Autre"}).status_code == 403
    broadcasts.work_off(at=now())
    client.post(address, {"stop": ""})
    one.refresh_from_db()
    assert one.state == BroadcastState.STOPPED
    page = client.get(address).content.decode()
    assert "Reprendre l’envoi" in page
    assert "Messages sur le site</th><td>2</td>" in page
    assert "personne n’a demandé ces nouvelles" in page
    assert "Coût réel" in page
