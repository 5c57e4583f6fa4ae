"""WhatsApp and SMS providers on a socket: what we ask, as their documentation has it, and what each of their answers means."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings

from apps.notifications.exceptions import PortFailed
from apps.notifications.ports import sms, whatsapp
from apps.notifications.ports.receipts import Receipt
from apps.notifications.tests.mail_server import free_port
from apps.notifications.tests.provider_server import Provider, provider_server


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provider_server() as one:
        yield one


@pytest.fixture
def meta(settings: Settings, provider: Provider) -> Provider:
    settings.WHATSAPP_BACKEND = "apps.notifications.ports.whatsapp.MetaWhatsApp"
    settings.WHATSAPP_BASE_URL, settings.WHATSAPP_PHONE_NUMBER_ID = f"{provider.url}/v23.0", "106540352242922"
    settings.WHATSAPP_ACCESS_TOKEN = "EAAJB"
    return provider


@pytest.fixture
def orange(settings: Settings, provider: Provider) -> Provider:
    cache.clear()
    settings.SMS_BACKEND = "apps.notifications.ports.sms.OrangeSms"
    settings.ORANGE_SMS_BASE_URL, settings.ORANGE_SMS_SENDER, settings.ORANGE_SMS_CREDENTIALS = provider.url, "+2370000", "Y2xpOnNlYw=="
    provider.answers["/oauth/v3/token"] = (200, b'{"token_type": "Bearer", "access_token": "i6m2iIc", "expires_in": 3600}')
    return provider


MESSAGES_PATH = "/v23.0/106540352242922/messages"
SMS_PATH = "/smsmessaging/v1/outbound/tel%3A%2B2370000/requests"


def send_template() -> Receipt:
    return whatsapp.send(to="+237670005001", template="renewal_due", language="fr", parameters=["Premium", "26 déc."], reference="ref-1")


def test_meta_takes_a_template(meta: Provider) -> None:
    taken = {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "237670005001", "wa_id": "237670005001"}],
        "messages": [{"id": "wamid.HBgL", "message_status": "accepted"}],
    }
    meta.answers[MESSAGES_PATH] = (200, json.dumps(taken).encode())
    receipt = send_template()
    assert (receipt.provider_id, receipt.is_confirmed_later) == ("wamid.HBgL", True)
    assert receipt.cost_xaf > 0
    ((path, headers, body),) = meta.asked
    assert (path, headers["Authorization"]) == (MESSAGES_PATH, "Bearer EAAJB")
    assert body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "237670005001",
        "type": "template",
        "template": {
            "name": "renewal_due",
            "language": {"code": "fr"},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "Premium"}, {"type": "text", "text": "26 déc."}]}],
        },
        "biz_opaque_callback_data": "ref-1",
    }


@pytest.mark.parametrize(
    ("status", "code", "is_final", "is_bounce"),
    [
        (400, 131026, True, True), (404, 132001, True, False), (400, 132000, True, False), (400, 131050, True, False),
        (429, 130429, False, False), (401, 190, False, False), (500, 131000, False, False), (503, 131016, False, False),
    ],
    ids=["no account", "no template", "wrong count", "stopped", "rate", "token", "their fault", "away"],
)  # fmt: skip
def test_what_meta_refuses(meta: Provider, status: int, code: int, is_final: bool, is_bounce: bool) -> None:
    error = {
        "message": "(#1) no",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp"},
        "fbtrace_id": "A",
    }
    meta.answers[MESSAGES_PATH] = (status, json.dumps({"error": error}).encode())
    with pytest.raises(PortFailed, match=str(code)) as refused:
        send_template()
    assert (refused.value.is_final, refused.value.is_bounce) == (is_final, is_bounce)


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b'{"error": []}', b"\xff", b"x" * 100_000], ids=["page", "list", "shape", "bytes", "long"]
)
def test_answers_that_are_none(meta: Provider, body: bytes) -> None:
    meta.answers[MESSAGES_PATH] = (502, body)
    with pytest.raises(PortFailed) as refused:
        send_template()
    assert not refused.value.is_final


def test_a_taken_template_without_an_id_is_not_sent_twice(meta: Provider) -> None:
    meta.answers[MESSAGES_PATH] = (200, b"{}")
    assert send_template().provider_id == ""


def test_a_provider_that_is_not_there(settings: Settings, meta: Provider) -> None:
    settings.WHATSAPP_BASE_URL = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(PortFailed, match="ConnectError"):
        send_template()
    assert meta.asked == []


def test_orange_takes_a_text_in_the_cheap_alphabet(orange: Provider, settings: Settings) -> None:
    answer = {"outboundSMSMessageRequest": {"resourceURL": f"{orange.url}{SMS_PATH}/9be8c3a1"}}
    orange.answers[SMS_PATH] = (201, json.dumps(answer).encode())
    for _ in range(2):
        receipt = sms.send(to="+237690005001", text="L’hôtel est prêt " + "a" * 150)
    assert (receipt.provider_id, receipt.cost_xaf) == ("9be8c3a1", 2 * settings.SMS_COST_XAF)
    assert orange.paths() == ["/oauth/v3/token", SMS_PATH, SMS_PATH], "one token for both"
    request = orange.asked[1][2]["outboundSMSMessageRequest"]
    assert (request["address"], request["senderAddress"]) == ("tel:+237690005001", "tel:+2370000")
    assert request["outboundSMSTextMessage"]["message"].startswith("L'hotel est pret")


def test_a_token_that_ended_is_asked_for_again(orange: Provider) -> None:
    orange.answers[SMS_PATH] = (401, b'{"code": 42, "message": "Expired credentials"}')
    for _ in range(2):
        with pytest.raises(PortFailed, match="401") as refused:
            sms.send(to="+237690005001", text="Bonjour")
        assert not refused.value.is_final
    assert orange.paths().count("/oauth/v3/token") == 2


def test_no_token_no_text(orange: Provider) -> None:
    orange.answers["/oauth/v3/token"] = (401, b"")
    with pytest.raises(PortFailed, match="no token"):
        sms.send(to="+237690005001", text="Bonjour")
