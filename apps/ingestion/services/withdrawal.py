"""What becomes of entries when a source is withdrawn, and when it comes back."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator

from django.db import transaction

from apps.catalog.choices import ModerationReason, Status
from apps.catalog.models import Resource
from apps.catalog.services.moderation import archive_resource, return_resource
from apps.ingestion.constants import RETURNED_NOTE, WITHDRAWN_NOTE
from apps.ingestion.models import RawRecord, Source
from apps.ingestion.selectors.settled import hidden_by_withdrawal, settled_among
from apps.ingestion.services import survivorship
from apps.ingestion.services.cleaning import read_context

BATCH = 500


def take_back(*, source_id: uuid.UUID, at: dt.datetime) -> int:
    """Fold the entries of a withdrawn source again without it; those that nobody else speaks of are archived. Harmless when repeated.

    An owner's entry is his own, and what staff hid or put back to wait stays as it is. Stops where the source comes back meanwhile.

    :returns: how many entries it spoke of.
    """
    count = 0
    for part in _spoken_of(source_id):
        with transaction.atomic():
            source = _locked(source_id)
            if source.withdrawn_at is None:
                break
            count += len(part)
            survivorship.refold(part, at=at, other_category=_other_category(source), key=source.slug)
            silent = set(part) - set(survivorship.read_speakers(part))
            shown = Resource.objects.filter(pk__in=silent, user=None, deleted_at=None, status__in=(Status.ACTIVE, Status.PENDING))
            alone = list(shown.order_by("pk"))
            settled = settled_among(row for row in alone if row.status != Status.ACTIVE)
            for resource in alone:
                if resource.pk not in settled:
                    archive_resource(resource_id=resource.pk, actor=None, reason=ModerationReason.OTHER, note=WITHDRAWN_NOTE, at=at)
    return count


def bring_back(*, source_id: uuid.UUID, at: dt.datetime) -> int:
    """Give the entries of a source that came back what its withdrawal took: its values, and to those that it hid their status.

    Harmless when repeated. Stops where the source is withdrawn again meanwhile.

    :returns: how many entries it speaks of.
    """
    count = 0
    for part in _spoken_of(source_id):
        with transaction.atomic():
            source = _locked(source_id)
            if source.withdrawn_at is not None:
                break
            count += len(part)
            archived = Resource.objects.filter(pk__in=part, status=Status.ARCHIVED, deleted_at=None).order_by("pk")
            asleep = hidden_by_withdrawal(list(archived.values_list("pk", flat=True)))
            for resource_id, status in asleep.items():
                return_resource(
                    resource_id=resource_id, to=Status(status), reason=ModerationReason.OTHER, note=RETURNED_NOTE, at=at
                )  # fmt: skip
            survivorship.refold(part, at=at, other_category=_other_category(source), key=source.slug)
    return count


def _spoken_of(source_id: uuid.UUID) -> Iterator[list[uuid.UUID]]:
    records = RawRecord.objects.filter(source=source_id).exclude(resource=None).order_by("resource_id")
    ids = iter(list(records.values_list("resource_id", flat=True).distinct()))
    while part := list(itertools.islice(ids, BATCH)):
        yield part


def _locked(source_id: uuid.UUID) -> Source:
    """Withdrawal and return wait for the part that is at work: none of its entries is left between both."""
    return Source.objects.select_for_update().get(pk=source_id)


def _other_category(source: Source) -> uuid.UUID:
    return read_context(source).gazetteer.other_category
