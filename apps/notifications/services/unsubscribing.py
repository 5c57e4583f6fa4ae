"""Leaving categories by the link below a mail."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from apps.accounts.models import User
from apps.notifications.choices import Category, Channel, ConsentSource, Mode
from apps.notifications.models import Preference
from apps.notifications.services.preferences import record_consent
from apps.notifications.unsubscribe_links import read_token


@transaction.atomic
def unsubscribe(*, token: str, at: dt.datetime) -> list[Category] | None:
    """Stop the mails of the link's categories, at once: what waits does not leave either. Harmless when repeated.

    Returns the categories; None when the link is not ours or the account is gone.
    """
    leaving = read_token(token)
    if leaving is None:
        return None
    user = User.objects.select_for_update().filter(pk=leaving.user_id, deleted_at=None).first()
    if user is None:
        return None
    for category in leaving.categories:
        row, is_new = Preference.objects.get_or_create(
            user=user, category=category, channel=Channel.EMAIL, defaults={"mode": Mode.NEVER, "updated_at": at}
        )
        if not is_new and row.mode == Mode.NEVER:
            continue
        row.mode, row.updated_at = Mode.NEVER, at
        row.save(update_fields=["mode", "updated_at"])
        record_consent(
            user=user,
            category=category,
            channel=Channel.EMAIL,
            is_given=False,
            source=ConsentSource.ONE_CLICK,
            language=user.language,
            at=at,
        )
    return list(leaving.categories)
