"""Who is told what when something happens: from an event to a message."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from apps.accounts.choices import SecurityEventKind
from apps.accounts.keys import revocation_token
from apps.accounts.models import Application, SecurityEvent, User
from apps.ingestion.models import Source
from apps.notifications.services import notifying, suppressions

# A word to everybody who could act, not to a whole company.
STAFF_MAX = 200

# Password and second factor are told by allauth's own notifications, in the moment of the change.
_MESSAGES = {
    SecurityEventKind.NEW_DEVICE: "new_device",
    SecurityEventKind.KEY_CREATED: "key_created",
    SecurityEventKind.KEY_EXPOSED: "key_exposed",
    SecurityEventKind.KEY_REVOKED: "key_revoked",
    SecurityEventKind.TOKEN_REUSED: "token_reused",
    SecurityEventKind.SUSPENDED: "suspended",
    SecurityEventKind.MFA_RESET: "mfa_reset",
    SecurityEventKind.REINSTATED: "reinstated",
    SecurityEventKind.PHONE_REMOVED: "phone_removed",
    SecurityEventKind.STAFF_CHANGED: "staff_changed",
    SecurityEventKind.APPLICATION_AUTHORISED: "application_authorised",
}


def tell_security_event(*, event_id: uuid.UUID, at: dt.datetime) -> None:
    """Write to the user of an event, once; most kinds are only listed on his pages."""
    event = SecurityEvent.objects.select_related("user").get(pk=event_id)
    if event.kind == SecurityEventKind.EMAIL_VERIFIED:
        suppressions.lift_bounce(address=event.user.email, at=at)
    name = _MESSAGES.get(SecurityEventKind(event.kind))
    if name is None or event.user.deleted_at is not None:
        return
    context: dict[str, Any] = {"device": event.device, "network": event.ip_prefix, "when": event.created_at.isoformat()}
    if "key_id" in event.details:
        token = revocation_token(key_id=event.details["key_id"], user_id=event.user_id)
        context |= {
            "key_name": event.details["name"], "key_shown": event.details["shown"],
            "revoke_url": page_address(event.user, "web:revoke_key", token),
        }  # fmt: skip
        url = page_address(event.user, "web:developer_keys")
    elif event.kind == SecurityEventKind.APPLICATION_AUTHORISED:
        context["application"] = event.details.get("name", "")
        url = page_address(event.user, "web:account_applications")
    else:
        url = page_address(event.user, "web:account_security")
    notifying.notify(name, user=event.user, context=context, url=url, dedup_key=f"security:{event.pk}", at=at)


def tell_quota(*, user_id: uuid.UUID, percent: int, used: int, quota: int, month: str, forecast: str | None, at: dt.datetime) -> None:
    """Write to a user that a share of the month's quota is used, once a share."""
    user = User.objects.get(pk=user_id)
    context = {"percent": percent, "used": used, "quota": quota, "forecast": forecast, "url": page_address(user, "web:developers")}
    notifying.notify("quota_reached", user=user, context=context, dedup_key=f"quota:{user_id}:{month}:{percent}", at=at)


def tell_export_ready(*, user_id: uuid.UUID, export_id: str, at: dt.datetime) -> None:
    """Write to a user that his archive is ready."""
    user = User.objects.get(pk=user_id)
    notifying.notify(
        "export_ready", user=user, context={"url": page_address(user, "web:account_data")}, dedup_key=f"export:{export_id}", at=at
    )


def tell_application_reviewed(*, application_id: uuid.UUID, state: str, note: str, reviewed_at: str, at: dt.datetime) -> None:
    """Write to the owner of an application what staff decided; nobody, when it is gone."""
    application = Application.objects.select_related("client", "owner").filter(pk=application_id).first()
    if application is None or application.owner.deleted_at is not None:
        return
    owner = application.owner
    url = page_address(owner, "web:developer_application", str(application.pk))
    notifying.notify(
        "application_reviewed", user=owner, context={"application": application.client.name, "state": state, "note": note, "url": url},
        dedup_key=f"application:{application.pk}:{reviewed_at}", at=at,
    )  # fmt: skip


def tell_deletion_requested(*, user_id: uuid.UUID, due_at: str, at: dt.datetime) -> None:
    """Write to a user that his account ends, and how to keep it."""
    user = User.objects.get(pk=user_id)
    context = {"due": due_at, "url": page_address(user, "web:account_data")}
    notifying.notify("deletion_requested", user=user, context=context, dedup_key=f"deletion:{user_id}:{due_at}", at=at)


def tell_source_paused(*, source_id: uuid.UUID, reason: str, paused_at: str, at: dt.datetime) -> None:
    """Write to the staff that may change sources that one was paused, once a pause; nobody, when it is gone."""
    source = Source.objects.filter(pk=source_id).first()
    if source is None:
        return
    url = staff_address("admin:ingestion_source_change", source.pk)
    for user in staff_with("ingestion.change_source"):
        notifying.notify(
            "source_paused", user=user, context={"source": source.name, "reason": reason, "url": url},
            dedup_key=f"source:{source_id}:{paused_at}", at=at,
        )  # fmt: skip


def staff_with(permission: str) -> list[User]:
    """The staff that may do something, at most `STAFF_MAX` people."""
    staff = User.objects.filter(is_staff=True, is_active=True, deleted_at=None).order_by("pk")[:STAFF_MAX]
    return [one for one in staff if one.has_perm(permission)]


def staff_address(name: str, *arguments: object) -> str:
    """The absolute address of a page of the admin."""
    return f"{settings.SITE_URL}{reverse(name, args=arguments)}"


def page_address(user: User, name: str, *arguments: str) -> str:
    """The absolute address of a page in the user's language."""
    with translation.override(user.language):
        return f"{settings.SITE_URL}{reverse(name, args=arguments)}"
