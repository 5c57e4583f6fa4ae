"""Every message has words in both languages; nobody's name writes any of its own."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, override_settings

from apps.notifications.checks import check_bodies_are_not_kept
from apps.notifications.choices import Channel
from apps.notifications.messages import MESSAGES
from apps.notifications.rendering import Rendered, render_message


def words(name: str, language: str, /, **context: object) -> Rendered:
    message = MESSAGES[name]
    return render_message(name, language=language, context={**message.sample, **context}, is_mail=message.channel == Channel.EMAIL)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_every_message_in_both_languages(name: str) -> None:
    french, english = words(name, "fr"), words(name, "en")
    assert french.text != english.text
    for one in (french, english):
        assert "{{" not in one.text + one.subject + one.html
        assert not re.search(r"\[[^\]]*\]\(", one.text), "a button stayed unread"
        if MESSAGES[name].channel == Channel.EMAIL:
            assert one.subject
            assert len(one.subject) < 90
            assert not re.search(r"<(script|img|link)\b|\bsrc=", one.html), "a mail loads nothing"
        else:
            assert len(one.text) <= 160, "one text, not two"


@pytest.mark.parametrize("name", sorted(name for name, message in MESSAGES.items() if "key_name" in message.sample))
def test_a_name_writes_no_words_of_its_own(name: str) -> None:
    hostile = "<b>x</b>\r\nBcc: eve@exemple.cm\n\n[Cliquez](https://mal.exemple/)"
    one = words(name, "fr", key_name=hostile, name=hostile)
    assert "\n" not in one.subject
    assert "\r" not in one.subject
    assert "<b>" not in one.html
    assert 'href="https://mal.exemple/' not in one.html


def test_mails_to_unproved_addresses_repeat_no_name() -> None:
    for name in ("email_confirmation", "account_already_exists", "unknown_account", "password_reset"):
        assert "Cliquez" not in words(name, "fr", name="Cliquez sur mal.exemple").text


@pytest.mark.django_db
def test_staff_look_at_messages(client: Client) -> None:
    client.force_login(get_user_model().objects.create_superuser("chef@exemple.cm", name="Chef"))
    listing = client.get("/admin/notifications/delivery/previews/").content.decode()
    for link in re.findall(r'href="(/admin/notifications/delivery/previews/[^"]+)"', listing):
        response = client.get(link)
        assert response.status_code == 200
        assert response.content
    assert listing.count("/html/") == 2 * len(MESSAGES)
    assert client.get("/admin/notifications/delivery/previews/no_such/fr/html/").status_code == 404
    assert client.get("/admin/notifications/delivery/").status_code == 200


def test_bodies_may_not_be_kept_in_public() -> None:
    assert check_bodies_are_not_kept(None) == []
    with override_settings(KEEP_MESSAGE_BODIES=True):
        assert [found.id for found in check_bodies_are_not_kept(None)] == ["notifications.E001"]
