"""What somebody's account pages show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from apps.accounts.models import DataExport, SecurityEvent, TokenFamily, User
from apps.accounts.origins import device_of, network_of

EVENTS_SHOWN = 50


@dataclass(frozen=True)
class Device:
    """A log-in that lasts: a session of the site, or a program's. `id` is the session's number or the family's UUID."""

    id: str
    name: str
    network: str
    since: dt.datetime
    is_program: bool
    is_current: bool


def devices_of(user: User, *, session_key: str, at: dt.datetime) -> list[Device]:
    """Where a user is logged in, this session first."""
    sessions = [
        Device(
            str(session.pk), device_of(session.user_agent), network_of(str(session.ip)), session.created_at, is_program=False,
            is_current=session.session_key == session_key,
        )
        for session in UserSession.objects.purge_and_list(user)
    ]  # fmt: skip
    families = TokenFamily.objects.filter(user=user, revoked_at=None, expires_at__gt=at).order_by("-created_at")[:100]
    programs = [
        Device(str(family.pk), family.device, family.ip_prefix, family.created_at, is_program=True, is_current=False) for family in families
    ]
    return sorted([*sessions, *programs], key=lambda device: (not device.is_current, -device.since.timestamp()))


def events_of(user: User) -> list[SecurityEvent]:
    """The newest security events of a user."""
    return list(SecurityEvent.objects.filter(user=user).order_by("-created_at")[:EVENTS_SHOWN])


def exports_of(user: User) -> list[DataExport]:
    """The newest archives of a user."""
    return list(DataExport.objects.filter(user=user).order_by("-requested_at")[:5])


def has_second_factor(user: User) -> bool:
    """Whether more than a password opens the account."""
    return bool(Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists())
