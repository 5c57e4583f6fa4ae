"""What accounts do after events: their own, and what allauth tells of people (signals are its documented way to tell)."""

from __future__ import annotations

from typing import Any

from allauth.account import signals
from allauth.mfa import signals as mfa_signals
from django.dispatch import receiver
from django.http import HttpRequest

from apps.accounts import events as accounts_events
from apps.accounts.choices import SecurityEventKind
from apps.accounts.models import User
from apps.accounts.origins import origin_of
from apps.accounts.services.security import record_security_event
from apps.accounts.services.signin import record_login
from apps.accounts.services.tokens import revoke_all_families
from apps.core import events
from apps.core.background import enqueue
from apps.core.clock import now


@events.receiver(accounts_events.data_export_requested, uid="accounts.make_export")
def make_export(*, key: str, export_id: str, **_: object) -> None:  # noqa: ARG001  every receiver takes the key
    """Somebody waits for an archive."""
    enqueue("apps.accounts.tasks.make_export", export_id=export_id)


def _record(kind: SecurityEventKind, request: HttpRequest, user: User, **details: Any) -> None:
    record_security_event(user_id=user.pk, kind=kind, origin=origin_of(request), **details)


@receiver(signals.user_logged_in, dispatch_uid="accounts.logged_in")
def logged_in(request: HttpRequest, user: User, **_: object) -> None:
    """Somebody is in, second factor included."""
    record_login(user=user, origin=origin_of(request), means="site", at=now())


@receiver(signals.user_logged_out, dispatch_uid="accounts.logged_out")
def logged_out(request: HttpRequest, user: User | None, **_: object) -> None:
    """Somebody left."""
    if isinstance(user, User):
        _record(SecurityEventKind.LOGGED_OUT, request, user)


@receiver(signals.password_changed, dispatch_uid="accounts.password_changed")
@receiver(signals.password_set, dispatch_uid="accounts.password_set")
def password_changed(request: HttpRequest, user: User, **_: object) -> None:
    """Sessions elsewhere end by themselves (their hash is of the password); API log-ins are ended here."""
    revoke_all_families(user_id=user.pk, at=now())
    _record(SecurityEventKind.PASSWORD_CHANGED, request, user)


@receiver(signals.password_reset, dispatch_uid="accounts.password_reset")
def password_reset(request: HttpRequest, user: User, **_: object) -> None:
    """Likewise."""
    revoke_all_families(user_id=user.pk, at=now())
    _record(SecurityEventKind.PASSWORD_RESET, request, user)


@receiver(signals.email_confirmed, dispatch_uid="accounts.email_confirmed")
def email_confirmed(request: HttpRequest, email_address: Any, **_: object) -> None:
    """An address is its user's."""
    _record(SecurityEventKind.EMAIL_VERIFIED, request, email_address.user)


@receiver(signals.email_changed, dispatch_uid="accounts.email_changed")
def email_changed(request: HttpRequest, user: User, from_email_address: Any, **_: object) -> None:
    """Another address is the login now; the first one of a new account changes nothing. Events outlive accounts: they hold no address."""
    if from_email_address is not None:
        _record(SecurityEventKind.EMAIL_CHANGED, request, user)


@receiver(mfa_signals.authenticator_added, dispatch_uid="accounts.mfa_added")
def authenticator_added(request: HttpRequest, user: User, authenticator: Any, **_: object) -> None:
    """A second factor more; recovery codes come with the first."""
    kind = SecurityEventKind.RECOVERY_CODES if authenticator.type == "recovery_codes" else SecurityEventKind.MFA_ENABLED
    _record(kind, request, user, factor=authenticator.type)


@receiver(mfa_signals.authenticator_removed, dispatch_uid="accounts.mfa_removed")
def authenticator_removed(request: HttpRequest, user: User, authenticator: Any, **_: object) -> None:
    """A second factor less."""
    _record(SecurityEventKind.MFA_DISABLED, request, user, factor=authenticator.type)


@receiver(mfa_signals.authenticator_reset, dispatch_uid="accounts.mfa_reset")
def authenticator_reset(request: HttpRequest, user: User, authenticator: Any, **_: object) -> None:
    """New recovery codes."""
    _record(SecurityEventKind.RECOVERY_CODES, request, user, factor=authenticator.type)
