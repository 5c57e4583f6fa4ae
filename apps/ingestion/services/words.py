"""Words of sources for categories: counted when nobody knows them, mapped by staff."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable

from django.db import connection, transaction

from apps.core import events
from apps.ingestion.events import word_decided
from apps.ingestion.models import CategoryWord
from apps.ingestion.steps.category import word_of
from apps.ingestion.steps.record import CleanRecord

_COUNT = """
INSERT INTO ingest_category_words (word, seen, last_seen_at) SELECT * FROM unnest(%s::text[], %s::int[]), (SELECT %s::timestamptz) AS t
ON CONFLICT (word) DO UPDATE SET seen = ingest_category_words.seen + excluded.seen, last_seen_at = excluded.last_seen_at
"""


@transaction.atomic
def decide_word(*, word: str, category_id: uuid.UUID | None) -> CategoryWord:
    """Say what a word of sources means; the records that used it are taken again in the background. None puts it back into the queue.

    :raises CategoryWord.DoesNotExist: no source has used it.
    """
    known = CategoryWord.objects.select_for_update().get(pk=word)
    if known.category_id != category_id:
        known.category_id = category_id
        known.save(update_fields=["category"])
        events.publish(word_decided, key=word, word=word)
    return known


def count_words(records: Iterable[CleanRecord], *, at: dt.datetime) -> None:
    """Put words that mean no category yet into the queue of staff."""
    seen = Counter(word_of(record.raw_category) for record in records if record.category_id is None and record.raw_category)
    if seen:
        counted = sorted(seen.items())
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [[word for word, _count in counted], [count for _word, count in counted], at])
