"""Phone numbers as verified contacts: a code by text message proves that the number is the user's."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction

from apps.accounts.choices import SecurityEventKind
from apps.accounts.exceptions import PhoneCodeRefused, PhoneTaken, TooManyCodes
from apps.accounts.models import PhoneCode, User
from apps.accounts.origins import Origin
from apps.accounts.services.security import record_security_event
from apps.core import cache_keys
from apps.core.phones import parse_phone

CODE_LIFE = dt.timedelta(minutes=10)
PAUSE = dt.timedelta(minutes=1)
# Text messages cost money and can annoy strangers: so many a day, for a user and for a number.
DAILY = 5
ATTEMPTS = 5


def send_phone_code(*, user: User, phone: str, at: dt.datetime) -> str:
    """Text a code to a number; returns the number as E.164.

    :raises InvalidPhone: not a number. :raises TooManyCodes: within a minute of the last one, or beyond five a day.
    """
    number = parse_phone(phone)
    code = f"{secrets.randbelow(1_000_000):06}"
    _keep_code(user=user, phone=number, code=code, at=at)
    # After the commit and outside any transaction: an operator may take seconds.
    get_adapter().send_verification_code_sms(user=user, phone=number, code=code)
    return number


@transaction.atomic
def _keep_code(*, user: User, phone: str, code: str, at: dt.datetime) -> None:
    User.objects.select_for_update().get(pk=user.pk)
    kept = PhoneCode.objects.filter(user=user).first()
    sent_by_user = kept.sent_count if kept is not None and kept.day == at.date() else 0
    if (kept is not None and at - kept.sent_at < PAUSE) or sent_by_user >= DAILY or _texts_to(phone, at=at) > DAILY:
        raise TooManyCodes
    PhoneCode.objects.update_or_create(
        user=user,
        defaults={
            "phone": phone, "code_hash": _hash(user, phone, code), "sent_at": at, "day": at.date(), "sent_count": sent_by_user + 1,
            "attempts": 0,
        },
    )  # fmt: skip


def _texts_to(phone: str, *, at: dt.datetime) -> int:
    """How many texts a number was asked to get today, this one included, whoever asked."""
    name = cache_keys.phone_texts(phone, at.date())
    cache.add(name, 0, cache_keys.PHONE_TEXTS_TTL_S)
    return int(cache.incr(name))


def confirm_phone(*, user: User, code: str, origin: Origin, at: dt.datetime) -> User:
    """Make the number that the code was sent to the user's verified contact.

    :raises PhoneCodeRefused: wrong, too old, or tried five times. :raises PhoneTaken: the number is another account's.
    """
    phone = _try_code(user, code, at=at)
    if not phone:
        raise PhoneCodeRefused
    try:
        return _save_phone(user, phone, origin=origin, at=at)
    except IntegrityError as error:
        raise PhoneTaken from error


@transaction.atomic
def _try_code(user: User, code: str, *, at: dt.datetime) -> str:
    """The number that the code proves, which is spent by it; empty when it is wrong. A try is counted before it is judged."""
    kept = PhoneCode.objects.select_for_update().filter(user=user).first()
    if kept is None or at - kept.sent_at > CODE_LIFE or kept.attempts >= ATTEMPTS:
        return ""
    is_right = hmac.compare_digest(kept.code_hash, _hash(user, kept.phone, "".join(code.split())))
    # The row stays, so that the day's texts stay counted.
    kept.attempts = ATTEMPTS if is_right else kept.attempts + 1
    kept.save(update_fields=["attempts"])
    return kept.phone if is_right else ""


@transaction.atomic
def _save_phone(user: User, phone: str, *, origin: Origin, at: dt.datetime) -> User:
    """`phone` is what the code proved: meanwhile a code for another number may have been sent."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    locked.phone, locked.phone_verified_at, locked.updated_at = phone, at, at
    locked.save(update_fields=["phone", "phone_verified_at", "updated_at"])
    record_security_event(user_id=user.pk, kind=SecurityEventKind.PHONE_VERIFIED, origin=origin)
    return locked


@transaction.atomic
def remove_phone(*, user: User, origin: Origin, at: dt.datetime) -> None:
    """Forget the number. Harmless when repeated."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if locked.phone:
        locked.phone, locked.phone_verified_at, locked.updated_at = "", None, at
        locked.save(update_fields=["phone", "phone_verified_at", "updated_at"])
        record_security_event(user_id=user.pk, kind=SecurityEventKind.PHONE_REMOVED, origin=origin)


def _hash(user: User, phone: str, code: str) -> str:
    return hmac.new(str(settings.API_KEY_PEPPER).encode(), f"phone {user.pk} {phone} {code}".encode(), hashlib.sha256).hexdigest()
