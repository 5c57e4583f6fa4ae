"""Choices of a person: preferences, quiet hours, consent. The only place that writes them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.notifications.choices import DIGEST_MODES, PHONE_CHANNELS, Category, Channel, ConsentSource, Mode
from apps.notifications.exceptions import ChoiceRefused
from apps.notifications.gate import QUIET_MOST, is_mandatory, length_of, needs_consent
from apps.notifications.models import ConsentRecord, Preference, QuietHours
from apps.notifications.selectors.preferences import has_consent


def consent_text(category: str, channel: str, *, language: str) -> str:
    """The words somebody agrees to when he turns a channel on; show exactly these."""
    with translation.override(language):
        by = str(Channel(channel).label)
        return _(
            "J’accepte de recevoir par {channel} les messages « {category} ». Je peux arrêter à tout moment, ici ou en répondant STOP."
        ).format(channel=by.lower() if channel == Channel.EMAIL else by, category=Category(category).label)


@transaction.atomic
def set_preference(
    *, user: User, category: str, channel: str, mode: str, source: str = ConsentSource.PAGE, language: str = "", at: dt.datetime
) -> Preference:  # fmt: skip
    """Note what somebody chose for a category and channel. Where consent is needed, the yes or no is recorded with its words.

    :param language: of the words that were shown; the person's own when empty.
    :raises ChoiceRefused: no such choice; security and billing cannot be muted; a digest is a mail; a phone has to be confirmed first.
    """
    if category not in Category.values or channel not in Channel.values or mode not in Mode.values:
        raise ChoiceRefused("unknown", _("Ce choix n’existe pas."))
    if is_mandatory(category, channel) and mode != Mode.NOW:
        raise ChoiceRefused("mandatory", _("Les messages de sécurité et de facturation partent toujours."))
    if mode in DIGEST_MODES and channel != Channel.EMAIL:
        raise ChoiceRefused("digest_by_mail", _("Un récapitulatif est un e-mail."))
    if channel in PHONE_CHANNELS and mode != Mode.NEVER and user.phone_verified_at is None:
        raise ChoiceRefused("phone", _("Confirmez d’abord votre numéro de téléphone."))
    # Two tabs of one person: the second waits, and the last word counts.
    User.objects.select_for_update().get(pk=user.pk)
    row, _created = Preference.objects.update_or_create(
        user=user, category=category, channel=channel, defaults={"mode": mode, "updated_at": at}
    )
    if needs_consent(category, channel) and has_consent(user.pk, category, channel) != (mode != Mode.NEVER):
        record_consent(
            user=user, category=category, channel=channel, is_given=mode != Mode.NEVER, source=source,
            language=language or user.language, at=at,
        )  # fmt: skip
    return row


@transaction.atomic
def set_preferences(*, user: User, choices: Iterable[tuple[str, str, str]], language: str = "", at: dt.datetime) -> None:
    """Note several choices (category, channel, mode), all or none. :raises ChoiceRefused: as `set_preference`."""
    for category, channel, mode in choices:
        set_preference(user=user, category=category, channel=channel, mode=mode, language=language, at=at)


def record_consent(
    *, user: User, category: str, channel: str, is_given: bool, source: str, language: str, at: dt.datetime
) -> ConsentRecord:
    """Add a yes or no to the record, with the words that were shown in that language."""
    text = consent_text(category, channel, language=language)
    return ConsentRecord.objects.create(
        user=user, category=category, channel=channel, is_given=is_given, source=source, language=language, created_at=at,
        text_shown=text, text_version=hashlib.sha256(text.encode()).hexdigest()[:12],
    )  # fmt: skip


@transaction.atomic
def set_quiet_hours(*, user: User, is_on: bool, starts_at: dt.time, ends_at: dt.time, at: dt.datetime) -> QuietHours:
    """Note when somebody wants to be left alone. :raises ChoiceRefused: they begin when they end, or leave no eight hours of the day."""
    if starts_at == ends_at:
        raise ChoiceRefused("quiet_hours", _("Les heures calmes doivent finir à une autre heure qu’elles ne commencent."))
    if length_of(starts_at, ends_at) > QUIET_MOST:
        raise ChoiceRefused("quiet_hours", _("Gardez au moins huit heures par jour où nos messages peuvent partir."))
    row, _created = QuietHours.objects.update_or_create(
        user=user, defaults={"is_on": is_on, "starts_at": starts_at, "ends_at": ends_at, "updated_at": at}
    )
    return row
