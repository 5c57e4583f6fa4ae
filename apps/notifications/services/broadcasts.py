"""Announcements: started, worked off at a pace, stopped, gone on with."""

from __future__ import annotations

import datetime as dt
import math
import uuid

from django.db import transaction

from apps.accounts.models import User
from apps.notifications.choices import BroadcastState, Channel
from apps.notifications.exceptions import BroadcastRefused
from apps.notifications.models import Broadcast
from apps.notifications.selectors.broadcasts import MESSAGE_OF, audience, event_of, words_of
from apps.notifications.services.notifying import notify

# The beat's turn: so much of a minute's people is told in each.
TURN = dt.timedelta(seconds=15)


def save_draft(*, broadcast: Broadcast, actor: User) -> Broadcast:
    """Keep an announcement that was not sent yet; whoever wrote it first stays its author."""
    if broadcast.created_by_id is None:
        broadcast.created_by = actor
    broadcast.save()
    return broadcast


@transaction.atomic
def start(*, broadcast_id: uuid.UUID, at: dt.datetime) -> Broadcast:
    """Begin a draft, or go on with a stopped one where it ended. Harmless when it runs already.

    :raises BroadcastRefused: it is over, or there is nobody to tell.
    """
    broadcast = Broadcast.objects.select_for_update().get(pk=broadcast_id)
    if broadcast.state == BroadcastState.SENDING:
        return broadcast
    if broadcast.state == BroadcastState.DONE:
        raise BroadcastRefused("over")
    if broadcast.started_at is None:
        broadcast.audience, broadcast.started_at = audience(broadcast).count(), at
    if not broadcast.audience:
        raise BroadcastRefused("nobody")
    broadcast.state, broadcast.next_at = BroadcastState.SENDING, at
    broadcast.save(update_fields=["state", "audience", "started_at", "next_at"])
    return broadcast


@transaction.atomic
def stop(*, broadcast_id: uuid.UUID) -> bool:
    """Tell nobody further; False when it was not running. Who is being told in this moment still is."""
    return Broadcast.objects.filter(pk=broadcast_id, state=BroadcastState.SENDING).update(state=BroadcastState.STOPPED) == 1


def work_off(*, at: dt.datetime) -> int:
    """Give every running announcement its turn; returns how many people were told."""
    due = Broadcast.objects.filter(state=BroadcastState.SENDING, next_at__lte=at).order_by("next_at")
    return sum(_take_turn(pk, at=at) for pk in due.values_list("pk", flat=True)[:20])


@transaction.atomic
def _take_turn(broadcast_id: uuid.UUID, *, at: dt.datetime) -> int:
    """One transaction: whoever is killed in it told nobody, and the next turn tells the same people."""
    live = Broadcast.objects.select_for_update(skip_locked=True).filter(state=BroadcastState.SENDING, next_at__lte=at)
    broadcast = live.filter(pk=broadcast_id).first()
    if broadcast is None:
        return 0
    people = audience(broadcast)
    if broadcast.told_up_to is not None:
        people = people.filter(pk__gt=broadcast.told_up_to)
    share = math.ceil(broadcast.per_minute * TURN.total_seconds() / 60)
    turn = list(people[:share])
    for user in turn:
        _tell(broadcast, user, at=at)
    if turn:
        broadcast.told += len(turn)
        broadcast.told_up_to = turn[-1].pk
    if len(turn) < share:
        broadcast.state, broadcast.finished_at = BroadcastState.DONE, at
    broadcast.next_at = at + TURN
    broadcast.save(update_fields=["told", "told_up_to", "state", "finished_at", "next_at"])
    return len(turn)


def _tell(broadcast: Broadcast, user: User, *, at: dt.datetime) -> None:
    context = words_of(broadcast, user.language)
    notify(MESSAGE_OF[Channel(broadcast.channel)], user=user, context=context, dedup_key=event_of(broadcast), at=at)
