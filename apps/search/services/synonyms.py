"""Synonyms: drafts are edited freely; what searches use changes by publications, each of which can be undone.

Publications take turns, so that their numbers grow in the order in which they are seen: readers compare the last one only.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.core.cache_keys import SEARCH_WORDS
from apps.core.caching import bump
from apps.core.clock import now
from apps.search.choices import PublicationKind
from apps.search.exceptions import AlreadyUndone, ChangedSince
from apps.search.models import SynonymChange, SynonymGroup, SynonymPublication
from apps.search.services.locks import take_lock

SHIPPED = Path(__file__).resolve().parent.parent / "reference" / "synonyms.json"

_Words = list[str] | None


def shipped_synonyms() -> list[dict[str, Any]]:
    """The groups that ship with the product: `key` and `words`."""
    groups: list[dict[str, Any]] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return groups


@transaction.atomic
def save_group(*, group: SynonymGroup, actor: User, at: dt.datetime) -> None:
    """Save a draft that a form has validated; searches do not change."""
    group.updated_by, group.updated_at = actor, at
    if group._state.adding:  # noqa: SLF001  Django's documented Model._state
        group.save(force_insert=True)
    else:
        group.save(update_fields=["words", "updated_by", "updated_at"])


@transaction.atomic
def publish_groups(*, group_ids: Collection[uuid.UUID], actor: User, at: dt.datetime) -> SynonymPublication | None:
    """Put the drafts of these groups in service together. None when all of them are in service as they are."""
    pending = {group: list(group.words) for group in _locked(group_ids) if group.is_pending}
    return _put_in_service(pending, PublicationKind.PUBLISHED, actor, at)


@transaction.atomic
def withdraw_groups(*, group_ids: Collection[uuid.UUID], actor: User, at: dt.datetime) -> SynonymPublication | None:
    """Take these groups out of service; their words stay as drafts. None when none of them was in service."""
    in_service: dict[SynonymGroup, _Words] = {group: None for group in _locked(group_ids) if group.published is not None}
    return _put_in_service(in_service, PublicationKind.WITHDRAWN, actor, at)


@transaction.atomic
def undo_publication(*, publication_id: int, actor: User, at: dt.datetime) -> SynonymPublication:
    """Bring back what was in service before a publication; drafts stay. The undo is itself a publication, and can be undone.

    :raises AlreadyUndone: it was. :raises ChangedSince: one of its groups was published or withdrawn again.
    """
    take_lock(_LOCK)
    publication = SynonymPublication.objects.select_for_update().get(pk=publication_id)
    if SynonymPublication.objects.filter(undoes=publication).exists():
        raise AlreadyUndone
    changes = {change.group_id: change for change in publication.changes.all()}
    groups = _locked(list(changes))
    if any(group.published != changes[group.pk].after for group in groups):
        raise ChangedSince
    before = {group: changes[group.pk].before for group in groups}
    undone = _put_in_service(before, PublicationKind.UNDONE, actor, at, undoes=publication)
    assert undone is not None  # noqa: S101  a publication has changes
    return undone


@transaction.atomic
def discard_drafts(*, group_ids: Collection[uuid.UUID], actor: User, at: dt.datetime) -> int:
    """Bring drafts back to the words in service; returns how many differed. Those that are not in service stay."""
    changed = [group for group in _locked(group_ids) if group.published is not None and group.is_pending]
    for group in changed:
        group.words = list(group.published or ())
        save_group(group=group, actor=actor, at=at)
    return len(changed)


@transaction.atomic
def load_synonyms(*, overwrite: bool = False) -> dict[str, int]:
    """Put the shipped groups that are missing in service; what staff edited, published or withdrew stays.

    :param overwrite: also bring the shipped groups back to the shipped words, and into service.
    :returns: number of shipped groups, by table.
    """
    take_lock(_LOCK)
    shipped = {row["key"]: list(row["words"]) for row in shipped_synonyms()}
    known = {group.key: group for group in SynonymGroup.objects.filter(key__in=shipped)}
    at = now()
    missing = [SynonymGroup(key=key, words=words, updated_at=at) for key, words in shipped.items() if key not in known]
    SynonymGroup.objects.bulk_create(missing)
    changed: dict[SynonymGroup, _Words] = {group: list(group.words) for group in missing}
    if overwrite:
        for key, group in known.items():
            if group.words != shipped[key]:
                group.words, group.updated_at, group.updated_by = shipped[key], at, None
                group.save(update_fields=["words", "updated_at", "updated_by"])
            if group.published != shipped[key]:
                changed[group] = shipped[key]
    _put_in_service(changed, PublicationKind.SHIPPED, None, at)
    return {SynonymGroup._meta.db_table: len(shipped)}  # noqa: SLF001  Django's documented Model._meta API


_LOCK = "search.synonyms"


def _locked(group_ids: Collection[uuid.UUID]) -> Sequence[SynonymGroup]:
    take_lock(_LOCK)
    return list(SynonymGroup.objects.select_for_update().filter(pk__in=group_ids).order_by("pk"))


def _put_in_service(
    words: Mapping[SynonymGroup, _Words],
    kind: PublicationKind,
    actor: User | None,
    at: dt.datetime,
    *,
    undoes: SynonymPublication | None = None,
) -> SynonymPublication | None:
    """Under the lock: the number is drawn in the order of commits."""
    if not words:
        return None
    publication = SynonymPublication.objects.create(kind=kind, actor=actor, at=at, undoes=undoes)
    SynonymChange.objects.bulk_create(
        SynonymChange(publication=publication, group=group, before=group.published, after=after) for group, after in words.items()
    )
    for group, after in words.items():
        group.published = after
    SynonymGroup.objects.bulk_update(list(words), ["published"])
    bump(SEARCH_WORDS)
    return publication
