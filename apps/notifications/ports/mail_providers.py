"""Providers of mail with an HTTP interface, by django-anymail (https://anymail.dev): what each needs, what it refuses, what it tells later.

One more of them is a row of `PROVIDERS`. Anymail is imported where one is chosen and nowhere else: it brings 8 MB along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from apps.notifications.exceptions import NoteRefused, PortFailed


@dataclass(frozen=True)
class MailProvider:
    """A provider. The names are members of the setting `ANYMAIL`, each an environment variable with `ANYMAIL_` before it.

    :param needs: without which nothing leaves.
    :param proof: what its notices are signed or accompanied with; without it none are taken.
    :param soft: its own words for a mail that did not arrive though the address exists: Anymail calls these bounces, too.
    """

    view: str
    needs: tuple[str, ...]
    proof: str
    soft: frozenset[str] = frozenset()


PROVIDERS = {
    "brevo": MailProvider(
        "anymail.webhooks.brevo.BrevoTrackingWebhookView", ("BREVO_API_KEY",), "WEBHOOK_SECRET", frozenset({"soft_bounce"})
    ),
    "mailgun": MailProvider(
        "anymail.webhooks.mailgun.MailgunTrackingWebhookView", ("MAILGUN_API_KEY",), "MAILGUN_WEBHOOK_SIGNING_KEY"
    ),
    "postmark": MailProvider(
        "anymail.webhooks.postmark.PostmarkTrackingWebhookView", ("POSTMARK_SERVER_TOKEN",), "WEBHOOK_SECRET", frozenset({"SoftBounce"})
    ),
}  # fmt: skip
# What `EMAIL_PROVIDER` may say, and Django's backend for it.
BACKENDS = {
    **{name: f"django.core.mail.backends.{name}.EmailBackend" for name in ("smtp", "console")},
    **{name: f"anymail.backends.{name}.EmailBackend" for name in PROVIDERS},
}


@dataclass(frozen=True)
class MailNote:
    """What a provider tells of a mail that it had taken; `kind` is one of `services.receipts.note_mail`, or empty."""

    kind: str
    address: str
    message_id: str
    detail: str


def failure_of(error: Exception) -> PortFailed | None:
    """What an exception of a provider's backend means; None for any other."""
    if settings.EMAIL_PROVIDER not in PROVIDERS or not isinstance(error, import_string("anymail.exceptions.AnymailError")):
        return None
    words = " ".join(str(error).split())[:300]
    if isinstance(error, import_string("anymail.exceptions.AnymailRecipientsRefused")):
        # Each of these mails has one reader, whom the provider will not write to: he bounced or complained before.
        return PortFailed(words, is_final=True)
    # Whatever else it answers is about us (a key, a domain, our pace) or itself: somebody mends it while the mail waits.
    return PortFailed(words)


def read_notes(name: str, request: HttpRequest) -> list[MailNote]:
    """What a provider's notice says, once it has proved whose it is.

    :raises NoteRefused: `forged` (no valid signature or password) or `unreadable`.
    """
    provider = PROVIDERS[name]
    try:
        view = import_string(provider.view)()
        view.run_validators(request)
        return [_note(event, provider) for event in view.parse_events(request)]
    except import_string("anymail.exceptions.AnymailWebhookValidationFailure") as error:
        raise NoteRefused("forged") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OSError) as error:
        # A body that Anymail stumbles over, or one that broke off: nothing a stranger sends is a fault of ours.
        raise NoteRefused("unreadable") from error


def _note(event: Any, provider: MailProvider) -> MailNote:
    detail = event.mta_response or event.description or event.reject_reason or ""
    return MailNote(_kind(event, provider), str(event.recipient or "")[:255], str(event.message_id or ""), str(detail)[:300])


def _kind(event: Any, provider: MailProvider) -> str:
    """In our words; empty for what is only about reading, or not over yet. https://anymail.dev/en/stable/sending/tracking/"""
    if event.event_type in {"bounced", "rejected"}:
        own = event.esp_event
        is_soft = bool(provider.soft & {str(own.get("event")), str(own.get("Type"))})
        return "bounce" if event.reject_reason in {"bounced", "invalid"} and not is_soft else "failed"
    return {"delivered": "delivered", "failed": "failed", "complained": "complaint", "unsubscribed": "unsubscribe"}.get(
        event.event_type, ""
    )  # fmt: skip
