"""What becomes of entries when a source is withdrawn."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid

from apps.catalog.choices import ModerationReason, Status
from apps.catalog.models import Resource
from apps.catalog.services.moderation import archive_resource
from apps.ingestion.models import RawRecord, Source
from apps.ingestion.services import survivorship
from apps.ingestion.services.cleaning import read_context

NOTE = "source_withdrawn"
BATCH = 500


def take_back(*, source_id: uuid.UUID, at: dt.datetime) -> int:
    """Fold the entries of a withdrawn source again without it; those that nobody else speaks of are archived. Harmless when repeated.

    :returns: how many entries it spoke of. :raises ValueError: the source is not withdrawn.
    """
    source = Source.objects.get(pk=source_id)
    if source.withdrawn_at is None:
        raise ValueError(f"{source.slug} is not withdrawn")
    other_category = read_context(source).gazetteer.other_category
    spoken_of = RawRecord.objects.filter(source=source).exclude(resource=None).order_by("resource_id").values_list("resource_id", flat=True)
    count = 0
    ids = iter(list(spoken_of.distinct()))
    while part := list(itertools.islice(ids, BATCH)):
        count += len(part)
        survivorship.refold(part, at=at, other_category=other_category, key=source.slug)
        silent = set(part) - set(survivorship.read_speakers(part))
        # An owner's entry is his own, whoever spoke of it.
        alone = Resource.objects.filter(pk__in=silent, user=None, deleted_at=None).exclude(status=Status.ARCHIVED)
        for resource_id in alone.order_by("pk").values_list("pk", flat=True):
            archive_resource(resource_id=resource_id, actor=None, reason=ModerationReason.OTHER, note=NOTE, at=at)
    return count
