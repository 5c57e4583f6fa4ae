"""Logging out elsewhere."""

from __future__ import annotations

import datetime as dt

from allauth.usersessions.models import UserSession
from django.db import transaction

from apps.accounts.choices import SecurityEventKind
from apps.accounts.models import TokenFamily, User
from apps.accounts.origins import Origin
from apps.accounts.services.security import record_security_event
from apps.accounts.services.tokens import revoke_all_families
from apps.core.exceptions import NotFound


@transaction.atomic
def end_session(*, user: User, session_id: int, origin: Origin) -> None:
    """End one session of the site. :raises NotFound: not his, or over."""
    session = UserSession.objects.filter(pk=session_id, user=user).first()
    if session is None:
        raise NotFound
    session.end()
    record_security_event(user_id=user.pk, kind=SecurityEventKind.SESSION_REVOKED, origin=origin)


@transaction.atomic
def end_others(*, user: User, session_key: str, origin: Origin, at: dt.datetime) -> int:
    """End every session and API log-in but this session; returns how many."""
    others = list(UserSession.objects.filter(user=user).exclude(session_key=session_key))
    for session in others:
        session.end()
    count = len(others) + TokenFamily.objects.filter(user=user, revoked_at=None, expires_at__gt=at).count()
    revoke_all_families(user_id=user.pk, at=at)
    if count:
        record_security_event(user_id=user.pk, kind=SecurityEventKind.SESSION_REVOKED, origin=origin, count=count)
    return count
