"""What staff decides about pairs that may be one place."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from apps.accounts.models import User
from apps.ingestion.choices import Verdict
from apps.ingestion.models import Merge, Pair
from apps.ingestion.services.merges import merge_entries, undo_merge


@transaction.atomic
def decide_same(*, pair_id: uuid.UUID, actor: User, at: dt.datetime) -> Merge:
    """One place: merge both entries. Harmless when repeated.

    :raises MergeRefused: they cannot be merged; the pair stays as it is.
    """
    pair = Pair.objects.select_for_update().get(pk=pair_id)
    merge = merge_entries(first_id=pair.first_id, second_id=pair.second_id, at=at, actor=actor, pair=pair)
    _decide(pair, Verdict.SAME, actor=actor, at=at)
    return merge


@transaction.atomic
def decide_different(*, pair_id: uuid.UUID, actor: User, at: dt.datetime) -> Pair:
    """Two places: the pair is not asked about again."""
    pair = Pair.objects.select_for_update().get(pk=pair_id)
    if pair.verdict != Verdict.SAME:
        _decide(pair, Verdict.DIFFERENT, actor=actor, at=at)
    return pair


@transaction.atomic
def reopen_pair(*, pair_id: uuid.UUID, actor: User, at: dt.datetime) -> Pair:
    """Take a decision back: the merge is undone, the pair waits again.

    :raises MergeRefused: the survivor was merged into a third entry meanwhile.
    """
    pair = Pair.objects.select_for_update().get(pk=pair_id)
    ids = (pair.first_id, pair.second_id)
    for merge in Merge.objects.filter(survivor__in=ids, absorbed__in=ids, undone_at__isnull=True):
        undo_merge(merge_id=merge.pk, at=at, actor=actor)
    _decide(pair, Verdict.ASK, actor=None, at=None)
    return pair


def _decide(pair: Pair, verdict: Verdict, *, actor: User | None, at: dt.datetime | None) -> None:
    pair.verdict, pair.decided_by, pair.decided_at = verdict, actor, at
    pair.save(update_fields=["verdict", "decided_by", "decided_at"])
