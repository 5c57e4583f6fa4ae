"""What somebody wants to be told, how, and when."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from apps.accounts.models import User
from apps.notifications.choices import MANDATORY, Category, Channel, Mode
from apps.notifications.gate import Quiet, default_mode, is_mandatory
from apps.notifications.models import ConsentRecord, Preference, QuietHours


@dataclass(frozen=True)
class Choice:
    """One cell of the page of preferences."""

    category: Category
    channel: Channel
    mode: Mode
    is_fixed: bool


@dataclass(frozen=True)
class Preferences:
    """Everything that somebody may choose. `quiet` is None when his quiet hours are off."""

    choices: list[Choice]
    quiet: Quiet | None
    phone: str

    def mode(self, category: str, channel: str) -> Mode:
        """What holds for a category and channel."""
        return next(one.mode for one in self.choices if (one.category, one.channel) == (category, channel))


def categories_for(user: User) -> list[Category]:
    """The categories that concern somebody: alerts of the staff are for the staff."""
    return [one for one in Category if one != Category.STAFF or user.is_staff]


def preferences_of(user: User) -> Preferences:
    """Every choice of somebody, defaults included: two queries."""
    own = {
        (category, channel): mode
        for category, channel, mode in Preference.objects.filter(user=user).values_list("category", "channel", "mode")
    }
    choices = [
        Choice(
            category, channel, Mode(own.get((category, channel), default_mode(category, channel))), is_mandatory(category, channel)
        )
        for category in categories_for(user)
        for channel in Channel
    ]  # fmt: skip
    return Preferences(choices, quiet_of([user.pk])[user.pk], user.phone if user.phone_verified_at else "")


def mode_of(user_id: uuid.UUID, category: str, channel: str) -> Mode:
    """What holds for a category and channel."""
    own = Preference.objects.filter(user=user_id, category=category, channel=channel).values_list("mode", flat=True).first()
    return Mode(own) if own else default_mode(category, channel)


def default_quiet() -> Quiet | None:
    """The quiet hours of who chose none: `QUIET_HOURS`."""
    given = settings.QUIET_HOURS
    if not given:
        return None
    starts_at, ends_at = (dt.time.fromisoformat(part) for part in given.split("-"))
    return starts_at, ends_at


def quiet_of(user_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Quiet | None]:
    """The quiet hours of several people, own or default."""
    ids = list(user_ids)
    quiet: dict[uuid.UUID, Quiet | None] = dict.fromkeys(ids, default_quiet())
    for row in QuietHours.objects.filter(user__in=ids):
        quiet[row.user_id] = (row.starts_at, row.ends_at) if row.is_on else None
    return quiet


def has_consent(user_id: uuid.UUID, category: str, channel: str) -> bool:
    """Whether the last word of somebody on this was yes."""
    last = ConsentRecord.objects.filter(user=user_id, category=category, channel=channel).order_by("-created_at", "-id")
    return bool(last.values_list("is_given", flat=True).first())


def may_leave(category: str) -> bool:
    """Whether unsubscribing from a category by a link is offered."""
    return category in Category.values and category not in MANDATORY
