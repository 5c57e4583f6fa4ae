"""Pairs of entries for a person to compare."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

import msgspec

from apps.ingestion.choices import Verdict
from apps.ingestion.models import Pair
from apps.ingestion.selectors.duplicates import Match


def note_suspects(found: Sequence[tuple[uuid.UUID, uuid.UUID, Match]], *, at: dt.datetime) -> None:
    """A question for each new entry (first) that was made although it resembles another (second)."""
    Pair.objects.bulk_create(
        [
            Pair(
                first_id=min(new, other), second_id=max(new, other), score=match.score, reasons=msgspec.to_builtins(match.reasons),
                verdict=Verdict.ASK, created_at=at,
            )
            for new, other, match in found
        ],
        ignore_conflicts=True,
    )  # fmt: skip
