"""What providers tell: of mails and WhatsApp with a proof, of texts under a secret address. Unknown messages are ignored."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.core.clock import now
from apps.notifications.choices import Channel
from apps.notifications.exceptions import NoteRefused
from apps.notifications.ports import mail_providers
from apps.notifications.ports.whatsapp import NO_ACCOUNT_CODE
from apps.notifications.services import receipts

# Meta sends at most 3 MB by its documentation and a few kB in fact; a thousand receipts fit.
BODY_MAX, NOTES_MAX = 512 * 1024, 1000
# Words by which a reader ends messages of WhatsApp, in both languages.
STOP_WORDS = {"stop", "arret", "arrêt", "unsubscribe", "désabonner"}
# https://developer.orange.com/apis/sms/getting-started#sms-delivery-receipt-notifications
ARRIVED, NOT_ARRIVED = {"DeliveredToTerminal"}, {"DeliveryImpossible"}


@csrf_exempt
@require_http_methods(["GET", "POST"])
def whatsapp(request: HttpRequest) -> HttpResponse:
    """Meta's notices. https://developers.facebook.com/docs/graph-api/webhooks/getting-started"""
    if request.method == "GET":
        is_ours = bool(settings.WHATSAPP_VERIFY_TOKEN) and constant_time_compare(
            request.GET.get("hub.verify_token", ""), settings.WHATSAPP_VERIFY_TOKEN
        )
        return HttpResponse(request.GET.get("hub.challenge", "")[:200], content_type="text/plain", status=200 if is_ours else 403)
    if not settings.WHATSAPP_APP_SECRET:
        raise Http404
    body = _body(request)
    signed = hmac.new(settings.WHATSAPP_APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    if not constant_time_compare(request.headers.get("X-Hub-Signature-256", ""), f"sha256={signed}"):
        return HttpResponse(status=403)
    at = now()
    for value in _values(_read(body)):
        for status in _dicts(value.get("statuses")):
            word, errors = status.get("status"), _dicts(status.get("errors"))
            if word in {"delivered", "read", "failed"}:
                code, title = (errors[0].get("code"), errors[0].get("title", "")) if errors else ("", "")
                receipts.note_receipt(
                    provider_id=str(status.get("id", "")), is_arrived=word != "failed", detail=f"{code} {title}".strip(),
                    is_bounce=code == NO_ACCOUNT_CODE, at=at,
                )  # fmt: skip
        for message in _dicts(value.get("messages")):
            text = message.get("text")
            words = str(text.get("body", "")) if isinstance(text, dict) else ""
            if words.strip(" .!").lower() in STOP_WORDS:
                receipts.note_stop(channel=Channel.WHATSAPP, address=f"+{message.get('from', '')}", at=at)
    return HttpResponse(status=200)


@csrf_exempt
@require_http_methods(["POST"])
def sms(request: HttpRequest, token: str) -> HttpResponse:
    """Orange's receipts: their address is the secret that they come by."""
    if not settings.SMS_RECEIPT_TOKEN or not constant_time_compare(token, settings.SMS_RECEIPT_TOKEN):
        raise Http404
    note = _read(_body(request)).get("deliveryInfoNotification")
    if not isinstance(note, dict):
        return HttpResponse(status=200)
    for info in _dicts([note.get("deliveryInfo")]):
        word, provider_id = str(info.get("deliveryStatus", "")), str(note.get("callbackData", ""))
        if word in ARRIVED | NOT_ARRIVED:
            receipts.note_receipt(provider_id=provider_id, is_arrived=word in ARRIVED, detail=word, at=now())
    return HttpResponse(status=200)


@csrf_exempt
@require_http_methods(["POST"])
def mail(request: HttpRequest, token: str) -> HttpResponse:
    """What a mail server or its provider learns after it took a mail: `{"notes": [{kind, address, message_id, detail}]}`.

    `kind` is `bounce` (the address does not exist), `complaint` or `delivered`. A hook of the mail server posts it, under a secret address.
    """
    if not settings.MAIL_RECEIPT_TOKEN or not constant_time_compare(token, settings.MAIL_RECEIPT_TOKEN):
        raise Http404
    at = now()
    for note in _dicts(_read(_body(request)).get("notes")):
        receipts.note_mail(
            kind=str(note.get("kind", "")), address=str(note.get("address", ""))[:255], provider_id=str(note.get("message_id", "")),
            detail=str(note.get("detail", ""))[:300], at=at,
        )  # fmt: skip
    return HttpResponse(status=200)


@csrf_exempt
@require_http_methods(["POST", "HEAD"])
def mail_provider(request: HttpRequest, name: str) -> HttpResponse:
    """What the provider in use learns of mails that it took; only with the proof that was agreed with it."""
    provider = mail_providers.PROVIDERS.get(name)
    if provider is None or name != settings.EMAIL_PROVIDER or not settings.ANYMAIL.get(provider.proof):
        raise Http404
    if request.method == "HEAD":
        # Some ask so whether the address is there.
        return HttpResponse(status=200)
    try:
        notes = mail_providers.read_notes(name, request)
    except NoteRefused as error:
        return HttpResponse(status=403 if error.code == "forged" else 400)
    at = now()
    for note in notes[:NOTES_MAX]:
        receipts.note_mail(kind=note.kind, address=note.address, provider_id=note.message_id, detail=note.detail, at=at)
    return HttpResponse(status=200)


def _body(request: HttpRequest) -> bytes:
    """As much of the body as we take: of a longer one neither signature nor JSON fits."""
    try:
        return request.read(BODY_MAX)
    except OSError:
        # The sender went away in the middle.
        return b""


def _read(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _values(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in _dicts(data.get("entry")):
        for change in _dicts(entry.get("changes")):
            value = change.get("value")
            if isinstance(value, dict):
                yield value


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value[:NOTES_MAX] if isinstance(one, dict)] if isinstance(value, list) else []
