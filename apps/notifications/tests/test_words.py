"""Every message has words in both languages and all that its words need; nobody's name writes any of its own."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import get_user_model
from django.template import Engine
from django.test import Client, override_settings

from apps.notifications.checks import check_bodies_are_not_kept
from apps.notifications.choices import Category, Channel
from apps.notifications.exceptions import MissingVariable
from apps.notifications.messages import MESSAGES
from apps.notifications.models import Notification
from apps.notifications.ports import gsm
from apps.notifications.rendering import (
    Rendered,
    StrictContext,
    render_message,
    render_notice,
    render_parameters,
    render_short,
)

# Values that the page, a short text, or another branch of the words takes.
ELSEWHERE = {"url", "categories", "product", "listing", "revoke_url", "note", "best", "reason"}
UNSUBSCRIBE = "https://ecosyste.example/fr/compte/messages/quitter/x/"


def words(name: str, language: str, /, **context: object) -> Rendered:
    message = MESSAGES[name]
    return render_message(
        name, language=language, context={**message.sample, **context}, is_mail=message.channel == Channel.EMAIL,
        unsubscribe_url=UNSUBSCRIBE, is_strict=True,
    )  # fmt: skip


def test_the_catalogue_is_large_enough_and_every_category_has_messages() -> None:
    events = [message for message in MESSAGES.values() if not message.is_secret]
    assert len(events) >= 40
    assert {message.category for message in events} == set(Category)
    assert all(message.event for message in MESSAGES.values()), "each says what causes it"


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
            assert gsm.parts(gsm.plain(one.text)) == 1, "one text, not two"


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_value_that_is_missing_is_an_error(name: str) -> None:
    """Each value of the sample is used by the words, but for a few of other branches, or of the page that they lead to."""
    used = {key for key in MESSAGES[name].sample if lacks(name, key)}
    assert set(MESSAGES[name].sample) - used <= ELSEWHERE


def lacks(name: str, key: str) -> bool:
    """Whether the words of a message cannot do without a value, which strict rendering tells."""
    message = MESSAGES[name]
    context = {one: value for one, value in message.sample.items() if one != key}
    try:
        render_message(name, language="fr", context=context, is_mail=message.channel == Channel.EMAIL, is_strict=True)
    except MissingVariable as error:
        return str(error) == key
    return False


@pytest.mark.parametrize(
    "source",
    [
        "{{ nothing }}",
        "{% if nothing %}x{% endif %}",
        "{% if nothing == 1 %}x{% endif %}",
        "{% load i18n %}{% blocktranslate %}{{ nothing }}{% endblocktranslate %}",
    ],
    ids=["value", "condition", "comparison", "translated"],
)
def test_strictness_itself(source: str) -> None:
    context = StrictContext({"something": 1})
    Engine.get_default().from_string(source).render(context)
    assert "nothing" in context.missing


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", sorted(name for name, message in MESSAGES.items() if not message.is_secret))
def test_what_the_inbox_and_phones_show(name: str, language: str) -> None:
    message = MESSAGES[name]
    kept = {key: value for key, value in message.sample.items() if key not in message.private}
    notice = render_notice(name, language=language, context=kept)
    assert notice.subject
    assert not notice.text.endswith(":"), "it leads to a link that is not shown"
    assert not re.search(r"https?://(?!ecosyste\.example/fr/compte/exemple/|exemple\.cm)", notice.text)
    short = gsm.plain(render_short(name, language=language, context=message.sample, is_strict=True))
    assert gsm.parts(short) <= 2, short
    if Channel.WHATSAPP in message.channels:
        parameters = render_parameters(name, language=language, context=message.sample, is_strict=True)
        assert parameters[-1].startswith("https://")
        assert all(one and "\n" not in one for one in parameters)


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


def test_texts_are_counted_as_operators_count_them() -> None:
    assert gsm.plain("L’hôtel « Œuvre » à 5\u202f000 F") == 'L\'hotel "OEuvre" à 5 000 F'
    assert [gsm.parts(text) for text in ("a" * 160, "a" * 161, "€" * 80, "€" * 81, "ঢ" * 70, "ঢ" * 71)] == [1, 2, 1, 2, 1, 2]


@pytest.mark.django_db
def test_staff_look_at_messages(client: Client) -> None:
    chief = get_user_model().objects.create_superuser("chef@exemple.cm", name="Chef")
    client.force_login(chief)
    listing = client.get("/admin/notifications/delivery/previews/").content.decode()
    for link in re.findall(r'href="(/admin/notifications/delivery/previews/[^"]+)"', listing):
        response = client.get(link)
        assert response.status_code == 200
        assert response.content
    assert listing.count("/html/") == 2 * len(MESSAGES)
    assert client.get("/admin/notifications/delivery/previews/no_such/fr/html/").status_code == 404
    for page in ("delivery", "notification", "suppression", "consentrecord"):
        assert client.get(f"/admin/notifications/{page}/").status_code == 200
    assert "deliveries_failing" in client.get("/admin/notifications/delivery/runbook/").content.decode()


@pytest.mark.django_db
def test_staff_look_at_a_message_with_its_real_values(client: Client) -> None:
    chief = get_user_model().objects.create_superuser("chef@exemple.cm", name="Chef")
    row = Notification.objects.create(
        user=chief, message="key_created", category="security", dedup_key="x", created_at="2026-11-20T10:00:00Z",
        context={"key_name": "Ma caisse", "key_shown": "romapi_…", "device": "", "network": "", "when": ""},
    )  # fmt: skip
    address = f"/admin/notifications/delivery/real/{row.pk}/fr/html/"
    assert client.get(address).status_code == 302
    client.force_login(chief)
    page = client.get(address).content.decode()
    assert "Ma caisse" in page
    assert MESSAGES["key_created"].sample["revoke_url"] in page, "the real link was forgotten; the sample's stands there"
    helper = get_user_model().objects.create_user("aide@exemple.cm", name="Aide", is_staff=True)
    client.force_login(helper)
    assert client.get(address).status_code == 403


def test_bodies_may_not_be_kept_in_public() -> None:
    assert check_bodies_are_not_kept(None) == []
    with override_settings(KEEP_MESSAGE_BODIES=True):
        assert [found.id for found in check_bodies_are_not_kept(None)] == ["notifications.E001"]
