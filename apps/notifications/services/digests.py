"""Digests: what was held for somebody leaves in one mail at eight in the morning, every day or every Monday. Never an empty one."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications.choices import Channel, DeliveryState, Mode
from apps.notifications.gate import Answer, Facts, Verdict, decide
from apps.notifications.messages import MESSAGES
from apps.notifications.models import Delivery
from apps.notifications.rendering import render_notice
from apps.notifications.selectors.preferences import preferences_of
from apps.notifications.selectors.suppressions import suppression_of
from apps.notifications.services import outbox

DIGEST = "digest"
HOUR, WEEKDAY = 8, 0
# One mail has an end; what is beyond it comes with the next one.
ITEMS_MAX = 50
PEOPLE_MAX = 500


def send_digests(*, at: dt.datetime) -> int:
    """Write the digests of this morning that are not written yet; returns how many. Harmless when repeated.

    It is asked often rather than once at eight, so that a morning without workers is made up for.
    """
    morning = morning_of(at)
    waiting = Delivery.objects.filter(state=DeliveryState.HELD, created_at__lt=morning, user__deleted_at=None)
    done = Delivery.objects.filter(message=DIGEST, dedup_key=_key(morning)).values("user")
    people = waiting.exclude(user__in=done).order_by("user").values_list("user", flat=True).distinct()[:PEOPLE_MAX]
    return sum(_send_digest(user_id=user_id, morning=morning, at=at) for user_id in list(people) if user_id)


def morning_of(at: dt.datetime) -> dt.datetime:
    """The last eight o'clock in Douala."""
    local = timezone.localtime(at)
    morning = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return morning if morning <= local else morning - dt.timedelta(days=1)


@transaction.atomic
def _send_digest(*, user_id: uuid.UUID, morning: dt.datetime, at: dt.datetime) -> bool:
    user = User.objects.select_for_update().get(pk=user_id)
    chosen = preferences_of(user)
    due: list[Delivery] = []
    rows = Delivery.objects.select_for_update(of=("self",)).filter(user=user, state=DeliveryState.HELD, created_at__lt=morning)
    for row in rows.order_by("created_at", "pk"):
        mode = chosen.mode(row.category, Channel.EMAIL)
        if mode == Mode.NEVER:
            row.state, row.reason, row.context = DeliveryState.SKIPPED, "preference", {}
            row.save(update_fields=["state", "reason", "context"])
        elif mode != Mode.WEEKLY or morning.weekday() == WEEKDAY:
            due.append(row)
    due = [row for row in due if row.message in MESSAGES][:ITEMS_MAX]
    if not due:
        return False
    items = [_item(row, user) for row in due]
    categories = sorted({row.category for row in due})
    digest = Delivery(
        message=DIGEST, category=MESSAGES[DIGEST].category, channel=Channel.EMAIL, user=user, address=user.email, language=user.language,
        context={"name": user.name, "count": len(items), "items": items, "categories": categories},
        dedup_key=_key(morning), next_attempt_at=at,
    )  # fmt: skip
    if not outbox.write(digest):
        return False
    Delivery.objects.filter(pk__in=[row.pk for row in due]).update(state=DeliveryState.DIGESTED, digest=digest)
    outbox.send_soon(digest)
    return True


def judge(digest: Delivery, *, at: dt.datetime) -> Verdict:
    """Ask the gate for a digest: each of its categories must still be wanted, and the address may not refuse mails."""
    if digest.user is None:
        return Verdict(Answer.SKIP, "no_address")
    chosen = preferences_of(digest.user)
    categories = [str(one) for one in digest.context.get("categories", [])]
    is_wanted = all(chosen.mode(one, Channel.EMAIL) != Mode.NEVER for one in categories)
    facts = Facts(
        category=digest.category, channel=Channel.EMAIL, is_urgent=False, has_address=bool(digest.address),
        mode=Mode.NOW if is_wanted else Mode.NEVER, has_consent=True, quiet=chosen.quiet,
        suppressed=next((found for one in categories if (found := suppression_of(Channel.EMAIL, digest.address, one))), ""),
    )  # fmt: skip
    return decide(facts, at=at)


def give_back(digest: Delivery) -> int:
    """Hold what a digest told that may not leave any more: the next one is made without what was left meanwhile."""
    if digest.message != DIGEST:
        return 0
    return Delivery.objects.filter(digest=digest, state=DeliveryState.DIGESTED).update(state=DeliveryState.HELD, digest=None)


def _key(morning: dt.datetime) -> str:
    return f"digest:{morning:%Y-%m-%d}"


def _item(row: Delivery, user: User) -> dict[str, str]:
    words = render_notice(row.message, language=user.language, context=row.context)
    return {"title": words.subject, "url": str(row.context.get("url", ""))}
