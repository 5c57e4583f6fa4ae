"""What logging in, on the site or not, leaves behind."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from django.http import HttpRequest

from apps.accounts.choices import SecurityEventKind
from apps.accounts.models import SecurityEvent, User
from apps.accounts.origins import Origin, origin_of
from apps.accounts.services.security import record_security_event
from apps.core.background import BrokerAway, enqueue

# An appliance not seen for so long is new again.
KNOWN_FOR = dt.timedelta(days=180)
# Of a storm of wrong passwords one is remembered in so long.
FAILURES_APART = dt.timedelta(minutes=15)


def record_login(*, user: User, origin: Origin, means: str, at: dt.datetime) -> None:
    """Write a log-in down, and that its device is new when another one was there before."""
    earlier = SecurityEvent.objects.filter(user=user, kind=SecurityEventKind.LOGGED_IN, created_at__gte=at - KNOWN_FOR)
    is_known = earlier.filter(device=origin.device, ip_prefix=origin.ip_prefix).exists()
    is_first = not is_known and not earlier.exists()
    record_security_event(user_id=user.pk, kind=SecurityEventKind.LOGGED_IN, origin=origin, means=means)
    if not is_known and not is_first:
        record_security_event(user_id=user.pk, kind=SecurityEventKind.NEW_DEVICE, origin=origin, means=means)


def note_failed_login(*, email: str, request: HttpRequest) -> None:
    """Have a wrong password remembered by a worker: the request takes as long whether or not there is such a user."""
    origin = origin_of(request)
    # Without a broker nothing is remembered; the limits on failures count elsewhere and hold.
    with suppress(BrokerAway):
        enqueue("apps.accounts.tasks.record_failed_login", email=email, ip_prefix=origin.ip_prefix, device=origin.device)


def record_failed_login(*, email: str, origin: Origin, at: dt.datetime) -> None:
    """Write a wrong password down for the user of this address, if there is one."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return
    recent = SecurityEvent.objects.filter(user=user, kind=SecurityEventKind.LOGIN_FAILED, created_at__gte=at - FAILURES_APART)
    if not recent.exists():
        record_security_event(user_id=user.pk, kind=SecurityEventKind.LOGIN_FAILED, origin=origin)
