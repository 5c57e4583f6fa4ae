"""A source whose records grow bad is paused before they spoil the catalogue."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from apps.ingestion.choices import BatchState, SourceKind
from apps.ingestion.models import Batch
from apps.ingestion.selectors.quality import recent_completeness, usual_size
from apps.ingestion.services.sources import pause_source

# Fewer records say nothing about a source.
JUDGED_FROM = 10
# A reading with less than this share of the usual is a site that changed, or an outage, not a town that closed.
DROP_SHARE = 0.3
PUSHED_DURING, PUSHED_FROM = dt.timedelta(days=1), 50


def check_batch(*, batch_id: uuid.UUID, at: dt.datetime) -> str:
    """Pause the source of a finished batch when it fell under its floor; returns why, empty when it did not."""
    batch = Batch.objects.select_related("source").get(pk=batch_id)
    reason = why_bad(batch) if batch.livemode else ""
    if reason:
        pause_source(source_id=batch.source_id, reason=reason, at=at)
    return reason


def why_bad(batch: Batch) -> str:
    """What is wrong with a batch, in words for staff; empty when nothing is."""
    source, floor = batch.source, batch.source.min_quality
    good = batch.received - batch.rejected
    if source.kind != SourceKind.PUSH:
        usual = usual_size(batch)
        if usual is not None and usual >= JUDGED_FROM and good < DROP_SHARE * usual:
            said = {"received": good, "usual": round(usual)}
            return _("Chute soudaine : %(received)s bons enregistrements, contre %(usual)s d’habitude.") % said
    if batch.received < JUDGED_FROM:
        return ""
    accepted = good / batch.received
    if accepted < floor:
        said = {"percent": round(100 * accepted), "floor": round(100 * floor)}
        return _("Trop de refus : %(percent)s %% acceptés, %(floor)s %% au moins sont attendus.") % said
    complete = recent_completeness(source)
    if complete is not None and complete < floor:
        said = {"percent": round(100 * complete), "floor": round(100 * floor)}
        return _("Fiches trop vides : complètes à %(percent)s %%, %(floor)s %% au moins sont attendus.") % said
    return ""


def check_pushed(*, at: dt.datetime) -> int:
    """Pause sources whose records of the last day were mostly refused, whatever the size of their batches; returns how many."""
    recent = Batch.objects.filter(livemode=True, state=BatchState.DONE, created_at__gte=at - PUSHED_DURING, source__paused_at=None)
    # What staff has looked at and resumed is judged by what came since.
    recent = recent.filter(Q(source__resumed_at=None) | Q(created_at__gt=F("source__resumed_at")))
    sums = recent.values("source", "source__min_quality").annotate(got=Sum("received"), refused=Sum("rejected")).order_by()
    count = 0
    for row in sums.filter(got__gte=PUSHED_FROM, source__withdrawn_at=None):
        accepted, floor = 1 - row["refused"] / row["got"], row["source__min_quality"]
        if accepted < floor:
            said = {"percent": round(100 * accepted), "floor": round(100 * floor)}
            reason = _("Trop de refus : %(percent)s %% acceptés, %(floor)s %% au moins sont attendus.") % said
            pause_source(source_id=row["source"], reason=reason, at=at)
            count += 1
    return count
