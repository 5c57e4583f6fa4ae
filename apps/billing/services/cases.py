"""Differences that people settle: opened once, settled once, never by themselves."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing import events
from apps.billing.choices import CaseKind
from apps.billing.exceptions import CaseSettled
from apps.billing.models import Case, Payment, StatementLine, Subscription
from apps.core.events import publish
from apps.core.exceptions import FieldsInvalid

logger = structlog.get_logger(__name__)

DETAIL_MAX, NOTE_MAX = 255, 500


@transaction.atomic
def open_case(
    *, kind: CaseKind, payment: Payment | None = None, line: StatementLine | None = None, subscription: Subscription | None = None,
    detail: str = "", at: dt.datetime,
) -> Case:  # fmt: skip
    """Put a difference into the queue; the one that waits there already, when it is the same (kind, and payment, line or subscription).

    What was settled is opened anew when it happens again.

    :param detail: one sentence for the person who looks at it, without secrets; cut at 255 characters.
    :raises ValueError: about nothing.
    """
    if payment is None and line is None and subscription is None:
        raise ValueError("a case is about a payment, a line of a statement or a subscription")
    same: dict[str, Any] = {"payment": payment} if payment is not None else {"payment__isnull": True, "line": line}
    if payment is None and line is None:
        same["subscription"] = subscription
    values = {"payment": payment, "line": line, "subscription": subscription, "detail": detail[:DETAIL_MAX], "created_at": at}
    # A line of its own beside a payment: the same payment may differ on two lines, and is one case.
    case, is_new = Case.objects.get_or_create(kind=kind, settled_at=None, **same, defaults=values)
    if is_new:
        logger.warning("case_opened", kind=str(kind), case=str(case.pk), payment=str(payment.pk) if payment else None)
        publish(events.case_opened, key=case.pk, case_id=str(case.pk), kind=str(kind))
    return case


@transaction.atomic
def settle_case(*, case_id: uuid.UUID, actor: User, note: str, at: dt.datetime) -> Case:
    """Close a difference with what was decided about it.

    :raises CaseSettled: somebody was faster. :raises FieldsInvalid: no decision was written.
    """
    case = Case.objects.select_for_update().get(pk=case_id)
    if case.settled_at is not None:
        raise CaseSettled
    note = note.strip()
    if not note or len(note) > NOTE_MAX:
        raise FieldsInvalid([("/note", "invalid", _("Écrivez ce qui a été décidé, en 500 signes au plus."))])
    case.settled_at, case.settled_by, case.note = at, actor, note
    case.save(update_fields=["settled_at", "settled_by", "note"])
    return case
