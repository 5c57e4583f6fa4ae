"""Sources: made and changed by staff, paused, resumed, and given keys."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.choices import Scope
from apps.accounts.models import User
from apps.accounts.services.keys import KeyInput, create_key
from apps.core import events
from apps.core.exceptions import Conflict, PermissionRefused
from apps.ingestion.choices import SourceKind
from apps.ingestion.events import source_paused, source_restored, source_withdrawn
from apps.ingestion.models import Source, SourceKey

# So much of the pace earlier or later, so that sources made together do not always read together.
JITTER = 0.1


@transaction.atomic
def save_source(*, source: Source, changed: Sequence[str], at: dt.datetime) -> Source:
    """Store a new source, or the named fields of a known one, and plan its next reading.

    :param changed: names of fields; empty for a new one.
    """
    if source._state.adding:  # noqa: SLF001  Django's documented way to ask
        source.next_run_at = at if is_scheduled(source) else None
        source.save(force_insert=True)
        return source
    fields = [*changed, "updated_at"]
    if {"every_hours", "url", "kind", "recipe"} & set(changed):
        source.next_run_at = at if is_scheduled(source) else None
        fields.append("next_run_at")
    source.save(update_fields=fields)
    return source


def is_scheduled(source: Source) -> bool:
    """Whether it is read by itself: its kind is read, from an address, at a pace."""
    return source.kind != SourceKind.PUSH and bool(source.url) and source.every_hours is not None


def next_run(source: Source, *, at: dt.datetime) -> dt.datetime | None:
    """When it is read again after a reading that ended at `at`; None when only staff has it read."""
    if not is_scheduled(source) or source.every_hours is None:
        return None
    return at + dt.timedelta(hours=source.every_hours * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311  not a secret


@transaction.atomic
def pause_source(*, source_id: uuid.UUID, reason: str, at: dt.datetime) -> Source:
    """Take nothing from a source until staff resumes it. Harmless when repeated: the first reason stays, nobody is told again."""
    source = Source.objects.select_for_update().get(pk=source_id)
    if source.paused_at is None and source.withdrawn_at is None:
        source.paused_at, source.pause_reason = at, reason[:255]
        source.save(update_fields=["paused_at", "pause_reason", "updated_at"])
        events.publish(source_paused, key=source.pk, source_id=str(source.pk), reason=source.pause_reason, at=at.isoformat())
    return source


@transaction.atomic
def resume_source(*, source_id: uuid.UUID, at: dt.datetime) -> Source:
    """Take from a paused source again; a scheduled one is read soon. Harmless when repeated.

    :raises Conflict: it is withdrawn, or its right of use is over.
    """
    source = Source.objects.select_for_update().get(pk=source_id)
    if source.withdrawn_at is not None:
        raise Conflict(_("Cette source est retirée."))
    if source.expires_at is not None and source.expires_at <= at:
        raise Conflict(_("Le droit d’usage de cette source est passé : prolongez-le d’abord."))
    if source.paused_at is not None:
        source.paused_at, source.pause_reason, source.failures, source.last_error = None, "", 0, ""
        source.resumed_at = at
        source.next_run_at = at if is_scheduled(source) else None
        source.save(update_fields=["paused_at", "pause_reason", "resumed_at", "failures", "last_error", "next_run_at", "updated_at"])
    return source


@transaction.atomic
def withdraw_source(*, source_id: uuid.UUID, at: dt.datetime) -> Source:
    """End a source; a worker takes its values out of the entries. Harmless when repeated."""
    source = Source.objects.select_for_update().get(pk=source_id)
    if source.withdrawn_at is None:
        source.withdrawn_at, source.next_run_at = at, None
        source.save(update_fields=["withdrawn_at", "next_run_at", "updated_at"])
        events.publish(source_withdrawn, key=source.pk, source_id=str(source.pk))
    return source


@transaction.atomic
def restore_source(*, source_id: uuid.UUID, at: dt.datetime) -> Source:
    """Take a withdrawal back; a worker gives the entries what it took from them. Harmless when repeated.

    Its keys work again; one that was paused stays so until somebody resumes it.
    """
    source = Source.objects.select_for_update().get(pk=source_id)
    if source.withdrawn_at is not None:
        source.withdrawn_at = None
        source.next_run_at = at if is_scheduled(source) and source.paused_at is None else None
        source.save(update_fields=["withdrawn_at", "next_run_at", "updated_at"])
        events.publish(source_restored, key=source.pk, source_id=str(source.pk))
    return source


def pause_expired(*, at: dt.datetime) -> int:
    """Pause the sources whose right of use is over; returns how many."""
    over = Source.objects.filter(expires_at__lte=at, paused_at=None, withdrawn_at=None)
    ids = list(over.values_list("pk", flat=True))
    for source_id in ids:
        pause_source(source_id=source_id, reason=_("Le droit d’usage est passé."), at=at)
    return len(ids)


@transaction.atomic
def make_ingest_key(*, source: Source, owner: User, name: str, actor: User, at: dt.datetime) -> tuple[SourceKey, str]:
    """A key with which `owner` sends records for this source, and its secret, shown once.

    :raises PermissionRefused: only staff grants `ingest:write`. :raises KeyLimitReached: he has as many keys as he may.
    :raises FieldsInvalid: no good name. :raises Conflict: the source is withdrawn.
    """
    if not actor.is_staff:
        raise PermissionRefused
    if source.withdrawn_at is not None:
        raise Conflict(_("Cette source est retirée."))
    key, secret = create_key(user=owner, data=KeyInput(name=name, scopes=[Scope.INGEST_WRITE]), at=at, actor=actor)
    return SourceKey.objects.create(key=key, source=source), secret


@transaction.atomic
def bind_rotated_keys() -> int:
    """Keys that replaced one of a source speak for it, too; returns how many were bound."""
    unbound = SourceKey.objects.filter(key__replaced_by__isnull=False, key__replaced_by__ingest_source__isnull=True)
    pairs = list(unbound.values_list("key__replaced_by", "source"))
    SourceKey.objects.bulk_create([SourceKey(key_id=key, source_id=source) for key, source in pairs if key], ignore_conflicts=True)
    return len(pairs)
