"""What somebody was told, on the site."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.core.signing import BadSignature, dumps, loads
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from apps.accounts.models import User
from apps.notifications.choices import Category
from apps.notifications.messages import MESSAGES
from apps.notifications.models import Notification
from apps.notifications.rendering import render_notice

PAGE_SIZE = 20
# Beyond it a badge says "99+": nobody counts further, and the database does not either.
UNREAD_MAX = 100
_SALT = "notifications.inbox"


@dataclass(frozen=True)
class Notice:
    """One row of the inbox, in its reader's language."""

    id: uuid.UUID
    category: Category
    title: str
    text: str
    url: str
    created_at: dt.datetime
    is_read: bool


@dataclass(frozen=True)
class InboxPage:
    """A page of the inbox; `cursor` leads to the next one and is empty on the last."""

    notices: list[Notice]
    cursor: str


def inbox(
    user: User, cursor: str = "", *, category: str = "", is_unread: bool = False, language: str = "", size: int = PAGE_SIZE
) -> InboxPage:  # fmt: skip
    """A page of what somebody was told, newest first: one query.

    :param cursor: as the page before gave it; a wrong one is the first page.
    :param language: of the words; the person's own when empty.
    """
    rows = _listed(user)
    if category:
        rows = rows.filter(category=category)
    if is_unread:
        rows = rows.filter(read_at=None)
    place = _place(cursor)
    if place is not None:
        rows = rows.alias(after=RawSQL("(notifications_notification.created_at, notifications_notification.id) < (%s, %s)", place)).filter(
            after=True
        )
    found = list(rows.order_by("-created_at", "-id")[: size + 1])
    page = found[:size]
    following = dumps([page[-1].created_at.isoformat(), str(page[-1].pk)], salt=_SALT) if len(found) > size else ""
    return InboxPage([_notice(row, language or user.language) for row in page], following)


def notice_url(user: User, notification_id: uuid.UUID) -> str:
    """Where a notice of somebody's own leads; empty when it leads nowhere, or is not his."""
    return _listed(user).filter(pk=notification_id).values_list("url", flat=True).first() or ""


def unread_count(user: User) -> int:
    """How many notices were not read, at most `UNREAD_MAX`."""
    return _listed(user).filter(read_at=None)[:UNREAD_MAX].count()


def _listed(user: User) -> QuerySet[Notification]:
    # What a release before this one wrote and nobody knows any more has no words.
    return Notification.objects.filter(user=user, is_listed=True, message__in=MESSAGES)


def _place(cursor: str) -> tuple[str, str] | None:
    try:
        created_at, pk = loads(cursor, salt=_SALT)
    except (BadSignature, ValueError):
        return None
    return str(created_at), str(pk)


def _notice(row: Notification, language: str) -> Notice:
    words = render_notice(row.message, language=language, context=row.context)
    return Notice(row.pk, Category(row.category), words.subject, words.text, row.url, row.created_at, row.read_at is not None)
