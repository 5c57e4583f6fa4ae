"""Laws of messages, tried with whatever people can choose: nothing leaves against a choice, and what must arrive leaves."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from dataclasses import dataclass

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.notifications.choices import DIGEST_MODES, MANDATORY, PHONE_CHANNELS, Category, Channel, DeliveryState, Mode, SuppressionReason
from apps.notifications.exceptions import ChoiceRefused
from apps.notifications.gate import QUIET_MOST, Answer, Facts, decide, is_mandatory, length_of, needs_consent, quiet_until
from apps.notifications.messages import MESSAGES
from apps.notifications.models import ConsentRecord, Delivery, Notification
from apps.notifications.ports.sms import FakeSms
from apps.notifications.ports.whatsapp import FakeWhatsApp
from apps.notifications.selectors.preferences import has_consent, mode_of
from apps.notifications.services import digests, notifying, sending, suppressions
from apps.notifications.services.preferences import set_preference, set_quiet_hours

# A Tuesday at noon in Douala.
NOON = dt.datetime(2026, 11, 24, 11, tzinfo=dt.UTC)
NAMES = sorted(name for name, message in MESSAGES.items() if not message.is_secret and message.is_listed)
# Past the numbers that the fake providers fail for.
_numbers = itertools.count(5001)
times = st.times().map(lambda one: one.replace(microsecond=0))
moments = st.integers(0, 7 * 24 * 60).map(lambda minutes: NOON + dt.timedelta(minutes=minutes))
spans = st.none() | st.tuples(times, times).filter(lambda pair: pair[0] != pair[1])
facts = st.builds(
    Facts,
    category=st.sampled_from(Category.values),
    channel=st.sampled_from(Channel.values),
    is_urgent=st.booleans(),
    has_address=st.booleans(),
    mode=st.sampled_from(Mode.values),
    has_consent=st.booleans(),
    suppressed=st.sampled_from(["", *SuppressionReason.values]),
    quiet=spans,
    is_over_budget=st.booleans(),
    is_unready=st.booleans(),
)


@hypothesis_settings(max_examples=600)
@given(known=facts, at=moments)
def test_the_gate_obeys_every_choice(known: Facts, at: dt.datetime) -> None:
    verdict = decide(known, at=at)
    leaves, mandatory = verdict.answer is Answer.LEAVE, is_mandatory(known.category, known.channel)
    if mandatory and known.has_address:
        assert verdict.answer in {Answer.LEAVE, Answer.DEFER}, "security and billing always leave"
    if leaves and not mandatory:
        assert known.mode != Mode.NEVER
        assert known.has_consent or not needs_consent(known.category, known.channel)
        assert not known.suppressed
        assert known.is_urgent or known.channel == Channel.IN_APP or known.mode not in DIGEST_MODES
    if leaves and not known.is_urgent and known.channel != Channel.IN_APP and known.quiet is not None:
        assert quiet_until(known.quiet, at=at) is None
    if verdict.answer is Answer.DEFER:
        assert verdict.until is not None
        assert verdict.until > at, "deferred, never dropped"
        assert decide(known, at=verdict.until).answer is Answer.LEAVE


@hypothesis_settings(max_examples=300)
@given(starts_at=times, ends_at=times, at=moments)
def test_quiet_hours_end_when_they_say(starts_at: dt.time, ends_at: dt.time, at: dt.datetime) -> None:
    if starts_at == ends_at:
        return
    until = quiet_until((starts_at, ends_at), at=at)
    if until is not None:
        assert at < until <= at + dt.timedelta(days=1)
        assert timezone.localtime(until).time() == ends_at
        assert quiet_until((starts_at, ends_at), at=until) is None


@dataclass(frozen=True)
class Chosen:
    """What somebody clicked, in order, and what is wrong with his addresses."""

    clicks: list[tuple[str, str, str]]
    quiet: tuple[dt.time, dt.time] | None
    has_phone: bool
    faults: list[tuple[str, str]]


people = st.builds(
    Chosen,
    clicks=st.lists(
        st.tuples(st.sampled_from(Category.values), st.sampled_from(Channel.values), st.sampled_from(Mode.values)), max_size=6
    ),
    quiet=spans.filter(lambda pair: pair is None or length_of(*pair) <= QUIET_MOST),
    has_phone=st.booleans(),
    faults=st.lists(st.tuples(st.sampled_from(["email", "sms", "whatsapp"]), st.sampled_from(SuppressionReason.values)), max_size=2),
)  # fmt: skip


def make_person(chosen: Chosen) -> User:
    number = next(_numbers)
    phone = f"+2376{70000000 + number}" if chosen.has_phone else ""
    user = make_user(email=f"loi{number}@exemple.cm", phone=phone, phone_verified_at=NOON if chosen.has_phone else None, is_staff=True)
    for category, channel, mode in chosen.clicks:
        try:
            set_preference(user=user, category=category, channel=channel, mode=mode, at=NOON)
        except ChoiceRefused:
            assert mode != Mode.NOW or channel in PHONE_CHANNELS, "only what cannot be chosen is refused"
    if chosen.quiet is not None:
        set_quiet_hours(user=user, is_on=True, starts_at=chosen.quiet[0], ends_at=chosen.quiet[1], at=NOON)
    notes = {
        SuppressionReason.BOUNCE: suppressions.note_bounce,
        SuppressionReason.COMPLAINT: suppressions.note_complaint,
    }
    for channel, reason in chosen.faults:
        address = user.email if channel == Channel.EMAIL else user.phone
        if not address:
            continue
        if reason in notes:
            notes[SuppressionReason(reason)](channel=channel, address=address, detail="", at=NOON)
        else:
            suppressions.note_unsubscribe(channel=channel, address=address, at=NOON)
    return user


def tell(user: User, name: str, *, at: dt.datetime, event: str = "") -> Notification | None:
    message = MESSAGES[name]
    return notifying.notify(name, user=user, context=message.sample, dedup_key=event or uuid.uuid4().hex, at=at)


def left(user: User) -> dict[str, int]:
    """How many messages really left to a person, by channel."""
    return {
        Channel.EMAIL: sum(one.to == [user.email] for one in mail.outbox),
        Channel.SMS: sum(one.to == user.phone for one in FakeSms.outbox),
        Channel.WHATSAPP: sum(one.to == user.phone for one in FakeWhatsApp.outbox),
    }


@pytest.mark.django_db
@hypothesis_settings(max_examples=50)
@given(chosen=people, name=st.sampled_from(NAMES), at=moments)
def test_no_message_leaves_against_its_reader(settings: Settings, chosen: Chosen, name: str, at: dt.datetime) -> None:
    settings.WHATSAPP_APPROVED = NAMES
    user, message = make_person(chosen), MESSAGES[name]
    notification = tell(user, name, at=at)
    assert notification is not None
    sending.sweep_deliveries(at=at)
    told = left(user)
    is_bounced = ("email", "bounce") in chosen.faults
    for channel in (Channel.EMAIL, Channel.SMS, Channel.WHATSAPP):
        if not told[channel]:
            continue
        assert told[channel] == 1
        if channel == Channel.SMS and is_bounced and message.category in MANDATORY:
            continue
        if not is_mandatory(message.category, channel):
            assert mode_of(user.pk, message.category, channel) == Mode.NOW or (message.is_urgent and channel == Channel.EMAIL)
            assert mode_of(user.pk, message.category, channel) != Mode.NEVER
            assert not needs_consent(message.category, channel) or has_consent(user.pk, message.category, channel)
            assert not any(fault[0] == channel for fault in chosen.faults if user.phone or channel == Channel.EMAIL)
        if not message.is_urgent and chosen.quiet is not None:
            assert quiet_until(chosen.quiet, at=at) is None
    if message.category in MANDATORY:
        until = quiet_until(chosen.quiet, at=at) if chosen.quiet else None
        sending.sweep_deliveries(at=until or at)
        assert sum(left(user).values()) >= 1, "security and billing always leave"
        assert notification.is_listed
    held = Delivery.objects.filter(user=user, state=DeliveryState.HELD)
    for one in held:
        assert mode_of(user.pk, one.category, one.channel) in DIGEST_MODES


@pytest.mark.django_db
@hypothesis_settings(max_examples=15)
@given(events=st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 3)), min_size=1, max_size=12))
def test_the_same_event_is_told_once(events: list[tuple[str, int]]) -> None:
    user = make_person(Chosen([], None, has_phone=False, faults=[]))
    for name, number in events:
        tell(user, name, at=NOON, event=f"event:{number}")
    for _ in range(2):
        sending.sweep_deliveries(at=NOON)
    different = set(events)
    assert Notification.objects.filter(user=user).count() == len(different)
    by_mail = {(name, number) for name, number in different if MESSAGES[name].category != Category.NEWS}
    assert left(user)[Channel.EMAIL] == len(by_mail)


@pytest.mark.django_db
@hypothesis_settings(max_examples=15)
@given(
    modes=st.dictionaries(
        st.sampled_from(["account", "listing", "moderation", "api", "reports"]), st.sampled_from(["daily", "weekly", "never", "now"])
    ),
    names=st.lists(st.sampled_from([name for name in NAMES if MESSAGES[name].category not in MANDATORY]), max_size=8),
    later=st.dictionaries(st.sampled_from(["listing", "api"]), st.sampled_from(["daily", "weekly", "never"])),
)
def test_a_digest_holds_exactly_what_was_deferred(modes: dict[str, str], names: list[str], later: dict[str, str]) -> None:
    user = make_person(Chosen([], None, has_phone=False, faults=[]))
    for category, mode in modes.items():
        set_preference(user=user, category=category, channel="email", mode=mode, at=NOON)
    for name in names:
        tell(user, name, at=NOON)
    sending.sweep_deliveries(at=NOON)
    held = Delivery.objects.filter(user=user, state=DeliveryState.HELD)
    kept = list(held.values_list("pk", flat=True))
    now_left = left(user)[Channel.EMAIL]
    for category, mode in later.items():
        set_preference(user=user, category=category, channel="email", mode=mode, at=NOON)
    # `created_at` is the database's own; the mornings after today are those that matter.
    morning = digests.morning_of(timezone.now()) + dt.timedelta(days=1)
    for day in range(8):
        for _ in range(2):
            digests.send_digests(at=morning + dt.timedelta(days=day, minutes=5))
            sending.sweep_deliveries(at=morning + dt.timedelta(days=day, minutes=5))
    sent = Delivery.objects.filter(user=user, message=digests.DIGEST, state=DeliveryState.SENT)
    in_digests = set(Delivery.objects.filter(pk__in=kept, digest__in=sent).values_list("pk", flat=True))
    wanted = {pk for pk in kept if mode_of(user.pk, Delivery.objects.get(pk=pk).category, "email") != Mode.NEVER}
    assert in_digests == wanted
    assert left(user)[Channel.EMAIL] == now_left + sent.count(), "no empty digest, and none twice"
    assert all(one.held.exists() for one in sent)
    assert not held.exists()


@pytest.mark.django_db
def test_whoever_leaves_while_a_message_waits_does_not_get_it() -> None:
    user = make_person(Chosen([], (dt.time(10), dt.time(14)), has_phone=False, faults=[]))
    tell(user, "listing_merged", at=NOON)
    waiting = Delivery.objects.get(user=user)
    assert (waiting.state, waiting.reason) == (DeliveryState.PENDING, "quiet_hours")
    set_preference(user=user, category="listing", channel="email", mode="never", at=NOON)
    sending.sweep_deliveries(at=NOON + dt.timedelta(hours=3))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason, mail.outbox) == (DeliveryState.SKIPPED, "preference", [])


@pytest.mark.django_db
def test_consent_is_a_record_with_its_words() -> None:
    user = make_person(Chosen([], None, has_phone=True, faults=[]))
    set_preference(user=user, category="news", channel="email", mode="weekly", at=NOON)
    set_preference(user=user, category="news", channel="email", mode="never", at=NOON + dt.timedelta(days=1))
    given_one, withdrawn = ConsentRecord.objects.filter(user=user).order_by("created_at")
    assert (given_one.is_given, withdrawn.is_given) == (True, False)
    assert "Nouveautés" in given_one.text_shown
    assert given_one.text_version
