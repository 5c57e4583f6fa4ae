"""Records taken again from the bytes that were received: after a rule changed, a word was mapped, or staff asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby

from django.db import transaction
from django.db.models import F, Func, TextField, Value

from apps.ingestion.choices import BatchState
from apps.ingestion.models import Batch, RawRecord
from apps.ingestion.services.arrivals import Row, arrive
from apps.ingestion.services.cleaning import read_context
from apps.ingestion.services.pipeline import CHUNK, take
from apps.ingestion.services.records import UNREAD
from apps.ingestion.steps import RULES_VERSION
from apps.ingestion.steps.category import word_of

# A night's share of records that older rules made.
OUTDATED_MAX = 50_000


def replay(*, record_ids: Iterable[int], at: dt.datetime, sent_by: str) -> list[Batch]:
    """Take these records again by the rules of today, in batches of their source; returns the batches.

    What was set aside and can be read now becomes a record like any other. Records of a withdrawn source are passed over.
    """
    records = RawRecord.objects.filter(pk__in=list(record_ids), source__withdrawn_at=None).select_related("source")
    ordered = sorted(records, key=lambda one: (one.source_id, one.livemode, one.pk))
    done = []
    for (_source, _livemode), same in groupby(ordered, key=lambda one: (one.source_id, one.livemode)):
        group = list(same)
        done += [_replay_chunk(group[start : start + CHUNK], at=at, sent_by=sent_by) for start in range(0, len(group), CHUNK)]
    return done


def replay_word(*, word: str, at: dt.datetime) -> int:
    """Take again the records that used a word for a category; returns how many.

    :param word: as `steps.category.word_of` makes it.
    """
    said = Func(F("clean"), Value("raw_category"), function="jsonb_extract_path_text", output_field=TextField())
    same = RawRecord.objects.alias(said=said).filter(said__icontains=word.split(maxsplit=1)[0]).values_list("pk", "clean__raw_category")
    ids = [pk for pk, raw in same if word in {word_of(part) for part in (raw, *raw.split(";"))}]
    replay(record_ids=ids, at=at, sent_by=f"mot : {word}"[:120])
    return len(ids)


def replay_outdated(*, at: dt.datetime) -> int:
    """Take again what older rules made, at most `OUTDATED_MAX` records; returns how many."""
    ids = list(RawRecord.objects.filter(rules_version__lt=RULES_VERSION).order_by("pk").values_list("pk", flat=True)[:OUTDATED_MAX])
    replay(record_ids=ids, at=at, sent_by=f"règles {RULES_VERSION}")
    return len(ids)


@transaction.atomic
def _replay_chunk(records: list[RawRecord], *, at: dt.datetime, sent_by: str) -> Batch:
    source = records[0].source
    batch = Batch.objects.create(
        source=source, sent_by=sent_by, livemode=records[0].livemode, state=BatchState.RUNNING, received=len(records), created_at=at,
        started_at=at,
    )  # fmt: skip
    arrivals = [arrive(Row(index, bytes(record.payload))) for index, record in enumerate(records)]
    take(batch=batch, arrivals=arrivals, context=read_context(source, is_fresh=True), at=at, is_replay=True)
    # What could not be read has a record of its own once it can.
    taken = RawRecord.objects.filter(
        source=source, livemode=batch.livemode, is_quarantined=False, payload_hash__in=[record.payload_hash for record in records]
    ).values("payload_hash")
    RawRecord.objects.filter(
        pk__in=[record.pk for record in records], identity__startswith=UNREAD, is_quarantined=True, payload_hash__in=taken
    ).delete()
    batch.state, batch.finished_at = BatchState.DONE, at
    batch.save(update_fields=["state", "finished_at"])
    return batch
