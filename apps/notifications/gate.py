"""The law of every message that leaves: may it, now, by this channel? Facts in, a verdict out; nothing is read or written here.

It is asked twice: when a message is written down, and again in the moment of sending, so that whoever unsubscribes
or starts his quiet hours meanwhile is obeyed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

from django.utils import timezone

from apps.notifications.choices import DIGEST_MODES, MANDATORY, PHONE_CHANNELS, Category, Channel, Mode

Quiet = tuple[dt.time, dt.time]
# What must arrive has to find an hour: quiet all day long would be never.
QUIET_MOST = dt.timedelta(hours=16)


class Answer(Enum):
    """What becomes of a message."""

    LEAVE = "leave"
    DEFER = "defer"
    HOLD = "hold"
    SKIP = "skip"


@dataclass(frozen=True)
class Facts:
    """What is known about a message, a person and an address.

    :param quiet: None for who has no quiet hours.
    :param is_unready: the provider did not approve the words yet.
    :param is_rescue: a text instead of the mail of a message that must arrive, to somebody whose address refuses mails.
    """

    category: str
    channel: str
    is_urgent: bool
    has_address: bool
    mode: str
    has_consent: bool
    suppressed: str
    quiet: Quiet | None
    is_over_budget: bool = False
    is_unready: bool = False
    is_rescue: bool = False


@dataclass(frozen=True)
class Verdict:
    """The answer, with its reason, and `until` for what is deferred."""

    answer: Answer
    reason: str = ""
    until: dt.datetime | None = None


def default_mode(category: str, channel: str) -> Mode:
    """What holds for somebody who chose nothing: the site and e-mail for everything but news, a phone for nothing."""
    if channel in PHONE_CHANNELS or (category == Category.NEWS and channel == Channel.EMAIL):
        return Mode.NEVER
    return Mode.NOW


def needs_consent(category: str, channel: str) -> bool:
    """Whether a choice alone is not enough: the words that were agreed to are kept (`ConsentRecord`)."""
    return channel in PHONE_CHANNELS or (category == Category.NEWS and channel == Channel.EMAIL)


def is_mandatory(category: str, channel: str) -> bool:
    """Whether a message leaves whatever was chosen: security and billing, on the site and by e-mail."""
    return category in MANDATORY and channel in (Channel.IN_APP, Channel.EMAIL)


def decide(facts: Facts, *, at: dt.datetime) -> Verdict:
    """Say what becomes of a message."""
    forbidden = _forbidden_by(facts)
    if forbidden:
        return Verdict(Answer.SKIP, forbidden)
    if facts.is_urgent or facts.channel == Channel.IN_APP:
        return Verdict(Answer.LEAVE)
    if facts.mode in DIGEST_MODES and not is_mandatory(facts.category, facts.channel):
        return Verdict(Answer.HOLD, facts.mode)
    until = quiet_until(facts.quiet, at=at) if facts.quiet is not None else None
    return Verdict(Answer.DEFER, "quiet_hours", until) if until is not None else Verdict(Answer.LEAVE)


def _forbidden_by(facts: Facts) -> str:
    """The first rule that forbids a message; empty when none does."""
    if not facts.has_address:
        return "no_address"
    if is_mandatory(facts.category, facts.channel):
        return ""
    is_wanted = facts.is_rescue or facts.mode != Mode.NEVER
    is_agreed = facts.is_rescue or facts.has_consent or not needs_consent(facts.category, facts.channel)
    rules = (
        (not is_wanted, "preference"),
        (not is_agreed, "consent"),
        (bool(facts.suppressed), f"suppressed:{facts.suppressed}"),
        (facts.is_unready, "not_ready"),
        (facts.is_over_budget and not facts.is_urgent, "budget"),
    )
    return next((reason for is_broken, reason in rules if is_broken), "")


def length_of(starts_at: dt.time, ends_at: dt.time) -> dt.timedelta:
    """How long quiet hours last; they may pass midnight."""
    day = dt.date(2000, 1, 1)
    length = dt.datetime.combine(day, ends_at) - dt.datetime.combine(day, starts_at)
    return length if length > dt.timedelta(0) else length + dt.timedelta(days=1)


def quiet_until(quiet: Quiet, *, at: dt.datetime) -> dt.datetime | None:
    """When the quiet hours that run at `at` end; None outside them. They may pass midnight."""
    starts_at, ends_at = quiet
    local = timezone.localtime(at)
    clock = local.time()
    if starts_at < ends_at:
        is_quiet, is_tomorrow = starts_at <= clock < ends_at, False
    else:
        is_quiet, is_tomorrow = clock >= starts_at or clock < ends_at, clock >= starts_at
    if not is_quiet:
        return None
    day = local.date() + dt.timedelta(days=is_tomorrow)
    return timezone.make_aware(dt.datetime.combine(day, ends_at))
