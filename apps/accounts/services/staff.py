"""What staff may do to an account. Each is written down with who did it, and its owner is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import SecurityEventKind
from apps.accounts.credentials import forget_keys
from apps.accounts.models import MfaReset, User
from apps.accounts.services.closure import end_everything
from apps.accounts.services.security import record_security_event
from apps.core.exceptions import Conflict, PermissionRefused


@transaction.atomic
def suspend_user(*, user: User, actor: User, reason: str, at: dt.datetime) -> None:
    """Close an account to its owner; nothing of it is lost. Harmless when repeated."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.suspended_at is not None:
        return
    locked.suspended_at, locked.is_active = at, False
    locked.save(update_fields=["suspended_at", "is_active", "updated_at"])
    end_everything(locked, at=at)
    forget_keys()
    record_security_event(user_id=user.pk, kind=SecurityEventKind.SUSPENDED, actor_id=actor.pk, reason=reason)


@transaction.atomic
def reinstate_user(*, user: User, actor: User) -> None:
    """Open a suspended account again. Harmless when repeated. :raises Conflict: the account is deleted."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.deleted_at is not None:
        raise Conflict(_("Ce compte est supprimé."))
    if locked.suspended_at is None:
        return
    locked.suspended_at, locked.is_active = None, True
    locked.save(update_fields=["suspended_at", "is_active", "updated_at"])
    forget_keys()
    record_security_event(user_id=user.pk, kind=SecurityEventKind.REINSTATED, actor_id=actor.pk)


@transaction.atomic
def set_staff(*, user: User, actor: User, is_staff: bool, groups: Iterable[Group]) -> None:
    """Give or take the rights of staff: the administration, and what its groups may do there.

    :raises PermissionRefused: the actor is no superuser, or it is his own account.
    """
    if not actor.is_superuser or user.pk == actor.pk:
        raise PermissionRefused(_("Un autre administrateur doit changer ces droits."))
    locked = User.objects.select_for_update().get(pk=user.pk)
    locked.is_staff = is_staff
    locked.save(update_fields=["is_staff", "updated_at"])
    locked.groups.set(groups)
    names = sorted(group.name for group in groups)
    record_security_event(user_id=user.pk, kind=SecurityEventKind.STAFF_CHANGED, actor_id=actor.pk, is_staff=is_staff, groups=names)


def unlock_login(*, user: User, actor: User, request: HttpRequest) -> None:
    """Forget the wrong passwords of an account, so that its owner may try again at once."""
    key = get_adapter(request)._get_login_attempts_cache_key(request, email=user.email)  # noqa: SLF001  allauth has no public name for it
    ratelimit.clear(request, app="allauth.account", action="login_failed", key=key)
    record_security_event(user_id=user.pk, kind=SecurityEventKind.UNLOCKED, actor_id=actor.pk)


@transaction.atomic
def request_mfa_reset(*, user: User, actor: User, reason: str, at: dt.datetime) -> MfaReset:
    """Ask that a lost second factor be taken off; another member of staff carries it out.

    :raises PermissionRefused: one's own. :raises Conflict: somebody asked already, or there is no second factor.
    """
    if user.pk == actor.pk:
        raise PermissionRefused(_("Demandez à un collègue : nul ne remet à zéro son propre second facteur."))
    if not Authenticator.objects.filter(user=user).exists():
        raise Conflict(_("Ce compte n’a pas de second facteur."))
    try:
        with transaction.atomic():
            reset = MfaReset.objects.create(user=user, reason=reason, requested_by=actor, requested_at=at)
    except IntegrityError as error:
        raise Conflict(_("Une demande attend déjà pour ce compte.")) from error
    record_security_event(user_id=user.pk, kind=SecurityEventKind.MFA_RESET_REQUESTED, actor_id=actor.pk, reason=reason)
    return reset


@transaction.atomic
def approve_mfa_reset(*, reset_id: int, actor: User, at: dt.datetime) -> None:
    """Take every second factor off and log the user out everywhere.

    :raises PermissionRefused: one's own request or account. :raises Conflict: done already.
    """
    reset = MfaReset.objects.select_for_update().select_related("user").get(pk=reset_id)
    if reset.approved_at is not None:
        raise Conflict(_("Cette demande est déjà exécutée."))
    if actor.pk in {reset.requested_by_id, reset.user_id}:
        raise PermissionRefused(_("Une autre personne de l’équipe doit approuver."))
    reset.approved_by, reset.approved_at = actor, at
    reset.save(update_fields=["approved_by", "approved_at"])
    Authenticator.objects.filter(user=reset.user).delete()
    end_everything(reset.user, at=at)
    record_security_event(user_id=reset.user_id, kind=SecurityEventKind.MFA_RESET, actor_id=actor.pk)
