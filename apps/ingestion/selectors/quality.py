"""How good a source is: what becomes of its records, how much they say, how old they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.db.models import Count, F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.ingestion.choices import BatchState, Outcome
from apps.ingestion.models import Batch, RawRecord, Source

BATCHES_SHOWN = 12
# Completeness and age are told from the newest records: enough for a per cent, quick on a million.
SAMPLE = 2_000
STALE_AFTER = dt.timedelta(days=90)
STALE_PACES = 3
# What a directory's entry cannot do without, and the members of a clean record that say it.
ESSENTIAL: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "category": ("category_id",),
    "place": ("latitude", "quarter_id"),
    "contact": ("phones", "email", "website"),
}
WISHED: dict[str, tuple[str, ...]] = {"hours": ("hours",), "description": ("description_fr", "description_en")}
PART_NAMES: dict[str, str | Promise] = {
    "name": _("nom"), "category": _("catégorie"), "place": _("position ou quartier"), "contact": _("contact"), "hours": _("horaires"),
    "description": _("description"),
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """How many of a hundred records are or say something; None where there is nothing to tell from. `is_bad`: fewer is better."""

    name: str
    label: str | Promise
    percent: int | None
    is_bad: bool = False


@dataclass(frozen=True)
class SourceQuality:
    """`outcomes`: what becomes of records. `parts`: what they say. `batches`: the latest ones, newest first."""

    records: int
    entries: int
    outcomes: Sequence[Part]
    parts: Sequence[Part]
    batches: Sequence[Batch]


def quality_of(source: Source, *, at: dt.datetime) -> SourceQuality:
    """Four statements, whatever the source holds."""
    live = RawRecord.objects.filter(source=source, livemode=True)
    counts = dict(live.values_list("outcome").annotate(number=Count("pk")).order_by())
    total = sum(counts.values())
    sample = list(live.exclude(outcome=Outcome.REJECTED).order_by("-pk").values_list("clean", "seen_at")[:SAMPLE])
    old = at - max(STALE_AFTER, dt.timedelta(hours=STALE_PACES * (source.every_hours or 0)))
    rejected = counts.get(Outcome.REJECTED, 0)
    same = counts.get(Outcome.MERGED, 0) + counts.get(Outcome.DUPLICATE_SUSPECTED, 0)
    clean = [record for record, _seen_at in sample]
    return SourceQuality(
        records=total,
        entries=live.exclude(resource=None).values("resource").distinct().count(),
        outcomes=[
            Part("accepted", _("repris"), _percent(total - rejected, total)),
            Part("rejected", _("refusés"), _percent(rejected, total), is_bad=True),
            Part("duplicates", _("de lieux déjà connus"), _percent(same, total)),
            Part(
                "stale",
                _("pas revus depuis longtemps"),
                _percent(sum(seen_at < old for _record, seen_at in sample), len(sample)),
                is_bad=True,
            ),
        ],
        parts=[
            Part(name, PART_NAMES[name], _percent(sum(_says(one, members) for one in clean), len(clean)))
            for name, members in (ESSENTIAL | WISHED).items()
        ],
        batches=list(Batch.objects.filter(source=source, livemode=True).order_by("-created_at")[:BATCHES_SHOWN]),
    )


def completeness(records: Sequence[dict[str, object]]) -> float | None:
    """The mean share of essential parts that clean records have."""
    said = sum(_says(record, members) for record in records for members in ESSENTIAL.values())
    return _share(said, len(records) * len(ESSENTIAL))


def recent_completeness(source: Source) -> float | None:
    """The same of the newest records of a source."""
    newest = RawRecord.objects.filter(source=source, livemode=True).exclude(outcome=Outcome.REJECTED).order_by("-pk")
    return completeness(list(newest.values_list("clean", flat=True)[:SAMPLE]))


def usual_size(batch: Batch, *, of: int = 5) -> float | None:
    """How many good records the readings before this one had: their median; None when there were fewer than two."""
    before = Batch.objects.filter(source=batch.source_id, livemode=True, state=BatchState.DONE, created_at__lt=batch.created_at)
    sizes = list(before.order_by("-created_at").values_list(F("received") - F("rejected"), flat=True)[:of])
    return median(sizes) if len(sizes) >= 2 else None


def _says(record: dict[str, object], members: Sequence[str]) -> bool:
    return any(record.get(member) not in (None, "", [], {}) for member in members)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None
