"""The end of an account: asked for, thirty days to change one's mind, then no personal data is left."""

from __future__ import annotations

import datetime as dt
import uuid

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from apps.accounts import events as accounts_events
from apps.accounts.choices import ExportState, SecurityEventKind
from apps.accounts.models import DataExport, PhoneCode, User
from apps.accounts.origins import NOWHERE, Origin
from apps.accounts.services.applications import delete_all_applications
from apps.accounts.services.exports import remove_file
from apps.accounts.services.grants import end_all_connections
from apps.accounts.services.keys import revoke_all_keys
from apps.accounts.services.security import record_security_event
from apps.accounts.services.tokens import revoke_all_families
from apps.core import events

GRACE = dt.timedelta(days=30)


@transaction.atomic
def request_deletion(*, user: User, origin: Origin, at: dt.datetime) -> User:
    """Have the account deleted in thirty days. Harmless when repeated: the first day counts."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.deletion_due_at is None:
        locked.deletion_due_at = at + GRACE
        locked.save(update_fields=["deletion_due_at", "updated_at"])
        record_security_event(user_id=user.pk, kind=SecurityEventKind.DELETION_REQUESTED, origin=origin)
        events.publish(accounts_events.deletion_requested, key=user.pk, user_id=str(user.pk), due_at=locked.deletion_due_at.isoformat())
    return locked


@transaction.atomic
def cancel_deletion(*, user: User, origin: Origin) -> User:
    """Keep the account. Harmless when repeated."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.deletion_due_at is not None and locked.deleted_at is None:
        locked.deletion_due_at = None
        locked.save(update_fields=["deletion_due_at", "updated_at"])
        record_security_event(user_id=user.pk, kind=SecurityEventKind.DELETION_CANCELLED, origin=origin)
    return locked


def delete_due_accounts(*, at: dt.datetime) -> int:
    """Delete the accounts whose thirty days are over; returns how many."""
    due = User.objects.filter(deletion_due_at__lte=at, deleted_at=None).order_by("deletion_due_at").values_list("pk", flat=True)
    return sum(delete_account(user_id=user_id, at=at) for user_id in list(due[:200]))


@transaction.atomic
def delete_account(*, user_id: uuid.UUID, at: dt.datetime) -> bool:
    """Take everything personal off an account whose time is over; False when it was cancelled, or done already.

    The row stays, because accounting records name it; so do its security events, which hold no address and no name.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    if user.deleted_at is not None or user.deletion_due_at is None or user.deletion_due_at > at:
        return False
    farewell = {"email": user.email, "language": user.language}
    revoke_all_keys(user=user, at=at)
    end_everything(user, at=at)
    end_all_connections(user=user)
    delete_all_applications(owner=user)
    for model in (EmailAddress, Authenticator, PhoneCode):
        model.objects.filter(user=user).delete()
    for export in DataExport.objects.filter(user=user, state=ExportState.READY):
        remove_file(export)
    user.email, user.name, user.company_name, user.phone, user.phone_verified_at = f"{user.pk}@deleted.invalid", "–", "", "", None
    user.set_unusable_password()
    user.is_active, user.is_staff, user.is_superuser, user.deleted_at = False, False, False, at
    user.save()
    record_security_event(user_id=user.pk, kind=SecurityEventKind.DELETED, origin=NOWHERE)
    events.publish(accounts_events.account_deleted, key=user.pk, user_id=str(user.pk), **farewell)
    return True


def end_everything(user: User, *, at: dt.datetime) -> None:
    """Log a user out everywhere: sessions of the site and log-ins of the API."""
    revoke_all_families(user_id=user.pk, at=at)
    for session in UserSession.objects.filter(user=user):
        session.end()
