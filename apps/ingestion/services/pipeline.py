"""The one path of every record: look up, clean, match, store, fold, answer. A thousand records a transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from django.db import DataError, IntegrityError, connection, transaction

from apps.catalog.models import Resource
from apps.catalog.services.bulk import GatheredEntry, announce_entries, create_entries
from apps.core.ids import uuid7
from apps.ingestion.choices import Outcome, Policy, Verdict
from apps.ingestion.models import Batch
from apps.ingestion.selectors import duplicates
from apps.ingestion.selectors.settled import settled_among
from apps.ingestion.services import pairs, records, survivorship, words
from apps.ingestion.services.arrivals import Arrival, Group, group
from apps.ingestion.services.folding import ABSENT_AFTER, Voice, fold
from apps.ingestion.services.lines import Item, Told, write_lines
from apps.ingestion.services.match_keys import refresh_match_keys, write_first_keys
from apps.ingestion.services.records import Known, Same, StoredRecord
from apps.ingestion.steps import CleanRecord, Context, Reason

CHUNK = 1000
# Unchanged records are noted as seen once in so long: the note costs more than the look-up.
TOUCH_AFTER = dt.timedelta(hours=20)
SUPPRESSED = Reason("", "suppressed")


@dataclass(slots=True)
class _Work:
    """One group on its way: what is stored of it, which entry it belongs to, and how."""

    group: Group
    known: Known | None
    record_id: int = 0
    resource_id: uuid.UUID | None = None
    outcome: Outcome = Outcome.REJECTED
    reasons: list[Reason] = field(default_factory=list)
    is_stored: bool = False
    makes_entry: bool = False
    match: duplicates.Match | None = None
    suspect_id: uuid.UUID | None = None

    @property
    def record(self) -> CleanRecord | None:
        """What the steps made of it."""
        cleaned = self.group.best.cleaned
        return cleaned.record if cleaned else None


def take(*, batch: Batch, arrivals: list[Arrival], context: Context, at: dt.datetime, is_replay: bool = False) -> Told:
    """Store what these records say and answer for each.

    The batch's counts and lines are written in the same transaction: a worker that dies leaves all of a chunk or nothing of it.

    :param arrivals: at most `CHUNK` that are new or changed, so that others wait no longer than it takes to store these, and four times
        as many together. :param batch: locked by this call; its `done` counts the rows before these.
    :param is_replay: clean also what is stored byte for byte.
    """
    with transaction.atomic():
        _begin(livemode=batch.livemode)
        told = _answer(arrivals, batch=batch, context=context, at=at, is_replay=is_replay)
        write_lines(batch, told)
    return told


def _begin(*, livemode: bool) -> None:
    """One chunk at a time: two that hold the same place would both find it missing, and make it twice.

    Cleaning and storing a thousand records take about a second, so that a small call waits no longer than that.
    """
    with connection.cursor() as cursor:
        # Until the transaction ends all is looked up by keys that find a row or two. Of tables that a first import fills PostgreSQL does
        # not know that yet: it would make a bitmap for each of sixteen keys of each record.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('apps.ingestion'), %s), set_config('enable_bitmapscan', 'off', true)", [int(livemode)]
        )


def _answer(arrivals: list[Arrival], *, batch: Batch, context: Context, at: dt.datetime, is_replay: bool) -> Told:
    """Store what is not there byte for byte. Of the rest nothing is decoded, and of most of it nothing written but when it was seen."""
    source, mode = batch.source, batch.livemode
    same, others = records.look_up_bytes([] if is_replay else [one.digest for one in arrivals], source_id=source.pk, livemode=mode)
    fresh = _fresh(arrivals, same, others)
    if 0 < len(fresh) < len(arrivals):
        # What says the same between other versions of a record takes its place among those, for the last one counts.
        groups = group(fresh, context)
        known = records.look_up([(one.origin, one.identity) for one in groups], source_id=source.pk, livemode=mode)
        changing = {one.id for one in known.values()}
        same, others = same.without(changing), {place: one for place, one in others.items() if one.id not in changing}
        fresh = _fresh(arrivals, same, others)
    _touch(same, others.values(), batch=batch, at=at)
    items: list[Item] = []
    for start in range(0, len(fresh), CHUNK):
        items += _store_or_split(fresh[start : start + CHUNK], batch=batch, context=context, at=at)
    # What was absent for so long that its word weighed little is back.
    back = {one.resource_id for one in others.values() if one.missed_refreshes >= ABSENT_AFTER and one.resource_id}
    if back:
        changed = survivorship.refold(back, at=at, other_category=context.gazetteer.other_category, key=source.slug)
        refresh_match_keys(changed if mode else ())
    items += [_held(arrivals[place].index, one) for place, one in others.items()]
    return Told(items, [arrivals[place].index for place in same.places], same)


def _fresh(arrivals: list[Arrival], same: Same, others: Collection[int]) -> list[Arrival]:
    if len(same.places) + len(others) == len(arrivals):
        return []
    held = {*same.places, *others}
    return [one for place, one in enumerate(arrivals) if place not in held]


def _held(index: int, known: Known) -> Item:
    """What is said of a record that is as it is stored: refused for what it was refused for, or unchanged."""
    if known.outcome == Outcome.REJECTED:
        return Item(index, Outcome.REJECTED, None, known.reasons, known.id)
    return Item(index, Outcome.UNCHANGED, known.resource_id, [SUPPRESSED] if known.is_settled else [], known.id)


def _store_or_split(arrivals: list[Arrival], *, batch: Batch, context: Context, at: dt.datetime) -> list[Item]:
    """Store; if the database refuses a record that the steps let through, that one alone is rejected."""
    try:
        with transaction.atomic():
            return _store(arrivals, batch=batch, context=context, at=at)
    except (DataError, IntegrityError) as error:
        if len(arrivals) > 1:
            middle = len(arrivals) // 2
            first = _store_or_split(arrivals[:middle], batch=batch, context=context, at=at)
            return first + _store_or_split(arrivals[middle:], batch=batch, context=context, at=at)
        only = arrivals[0]
        if only.refusal is not None:
            raise
        only.cleaned, only.refusal = None, Reason("", "refused_by_database", str(error).splitlines()[0][:120])
        return _store_or_split(arrivals, batch=batch, context=context, at=at)


def _store(arrivals: list[Arrival], *, batch: Batch, context: Context, at: dt.datetime) -> list[Item]:
    source = batch.source
    mode = batch.livemode
    groups = group(arrivals, context)
    known = records.look_up([(one.origin, one.identity) for one in groups], source_id=source.pk, livemode=mode)
    work = [_Work(one, known.get((one.origin, one.identity))) for one in groups]
    if batch.resource_type:
        _impose_type(work, batch.resource_type)
    former = records.read_clean([one.known.id for one in work if one.known])
    for one in work:
        _decide(one, former)
    _match([one for one in work if one.is_stored and one.resource_id is None], livemode=batch.livemode, context=context)
    new = [one for one in work if one.known is None]
    for one, record_id in zip(new, records.reserve_ids(len(new)), strict=True):
        one.record_id = record_id
    entries = _gather_new(work, batch=batch, context=context, at=at)
    made = {entry.id for entry in entries}
    _store_records(work, batch=batch, at=at)
    sources = create_entries(entries, at=at)
    speaking = {one.resource_id for one in work if one.is_stored and one.resource_id and SUPPRESSED not in one.reasons}
    touched = made | survivorship.refold_quietly(speaking - made, at=at, other_category=context.gazetteer.other_category)
    pairs.note_suspects(
        [(one.resource_id, one.suspect_id, one.match) for one in work if one.resource_id and one.suspect_id and one.match], at=at
    )
    if touched and mode:
        spoken = Counter(one.resource_id for one in work if one.is_stored)
        makers = {one.resource_id: one for one in work if one.makes_entry and spoken[one.resource_id] == 1}
        first = [
            (entry, maker.record, maker.group.best.sought(context)) for entry in entries if (maker := makers.get(entry.id)) and maker.record
        ]
        write_first_keys(first, context.gazetteer)
        refresh_match_keys(touched - makers.keys())
    # By their numbers: comparing identifiers themselves takes ten times as long.
    announce_entries(sorted(touched, key=attrgetter("int")), key=source.slug, created=sources)
    words.count_words([record for one in work if (record := one.record)], at=at)
    return [item for one in work for item in _items(one)]


def _impose_type(work: Sequence[_Work], resource_type: str) -> None:
    for one in work:
        for arrival in one.group.arrivals:
            if arrival.cleaned and arrival.cleaned.record.resource_type != resource_type:
                arrival.cleaned.record.resource_type = resource_type


def _decide(one: _Work, former: dict[int, CleanRecord]) -> None:
    """What each arrival of a group changes, as if each had been stored."""
    known = one.known
    before = former.get(known.id) if known else None
    for arrival in one.group.arrivals:
        if arrival.cleaned is None:
            arrival.outcome = Outcome.REJECTED
            continue
        record = arrival.cleaned.record
        arrival.outcome = Outcome.CREATED if before is None else Outcome.UNCHANGED if before == record else Outcome.UPDATED
        before = record
    best = one.group.best
    one.outcome = best.outcome if best.cleaned else Outcome.REJECTED
    one.reasons = list(best.cleaned.warnings) if best.cleaned else [best.refusal or Reason("", "unreadable")]
    one.is_stored = best.cleaned is not None
    if known is not None:
        one.record_id, one.resource_id = known.id, known.resource_id
        if known.is_settled:
            _suppress(one)


def _suppress(one: _Work) -> None:
    one.reasons = [*one.reasons, SUPPRESSED]
    for arrival in one.group.arrivals:
        if arrival.cleaned is not None:
            arrival.outcome = Outcome.UNCHANGED
    if one.is_stored:
        one.outcome = Outcome.UNCHANGED


def _match(fresh: Sequence[_Work], *, livemode: bool, context: Context) -> None:
    """New records join the entry of their place, or make one; a doubtful one makes one and asks."""
    found = duplicates.verdicts_of([one.group.best.sought(context) for one in fresh]) if livemode else [None] * len(fresh)
    known = {match.resource_id for match in found if match is not None and match.verdict == Verdict.SAME and match.resource_id}
    settled = settled_among(Resource.objects.filter(pk__in=known)) if known else set()
    for one, match in zip(fresh, found, strict=True):
        other = None
        if match is not None:
            other = match.resource_id if match.batch_index is None else fresh[match.batch_index].resource_id
        one.match = match
        if match is not None and match.verdict == Verdict.SAME and other is not None:
            one.resource_id, one.outcome = other, Outcome.MERGED
            if other in settled:
                _suppress(one)
                continue
        else:
            one.resource_id, one.makes_entry, one.suspect_id = uuid7(), True, other
            one.outcome = Outcome.CREATED if other is None else Outcome.DUPLICATE_SUSPECTED
        next(arrival for arrival in one.group.arrivals if arrival.cleaned is not None).outcome = one.outcome


def _gather_new(work: Sequence[_Work], *, batch: Batch, context: Context, at: dt.datetime) -> list[GatheredEntry]:
    """The entries that new records make, with what keeps each from being published."""
    source = batch.source
    voices: dict[uuid.UUID, list[Voice]] = defaultdict(list)
    for one in work:
        if one.is_stored and one.record and one.resource_id:
            voice = Voice(one.record_id, one.record, one.group.origin or source.slug, source.trust, at, tuple(one.reasons))
            voices[one.resource_id].append(voice)
    entries = []
    for one in work:
        if not one.makes_entry or one.resource_id is None:
            continue
        said = survivorship.Speakers(voices[one.resource_id], {source.policy}, {source.kind})
        folded = fold(said.voices, at=at)
        entry = survivorship.gather(
            one.resource_id, folded, said, other_category=context.gazetteer.other_category, country=context.country,
            livemode=batch.livemode, source=one.group.origin or source.slug, source_id=one.group.identity,
            user_id=None if batch.livemode else batch.user_id,
        )  # fmt: skip
        entries.append(entry)
        one.reasons += survivorship.missing_of(folded.values, said.kinds, country=context.country)
        if source.policy == Policy.REVIEW:
            one.reasons.append(Reason("", "review"))
    return entries


def _store_records(work: Sequence[_Work], *, batch: Batch, at: dt.datetime) -> None:
    """Each record as it was received. The entries that they make follow: foreign keys are checked at the end of the transaction."""
    new: list[StoredRecord] = []
    replaced: list[StoredRecord] = []
    for one in work:
        best = one.group.best
        row = StoredRecord(
            one.record_id, one.group.origin, one.group.identity, best.payload, best.digest, best.cleaned, one.outcome, one.reasons,
            one.resource_id,
        )  # fmt: skip
        (new if one.known is None else replaced).append(row)
    records.insert(new, source_id=batch.source_id, livemode=batch.livemode, at=at)
    records.replace(replaced, source_id=batch.source_id, livemode=batch.livemode, at=at)


def _touch(same: Same, others: Collection[Known], *, batch: Batch, at: dt.datetime) -> None:
    """Note what is still said; a full reading needs to know it of each record."""
    bound = batch.created_at if batch.is_full else at - TOUCH_AFTER
    seen = [one.seen_at for one in others] + ([same.seen_at] if same.seen_at else [])
    if any(one.missed_refreshes for one in others) or min(seen, default=at) < bound:
        records.touch([*same.record_ids(), *(one.id for one in others)], before=bound, at=at)


def _items(one: _Work) -> list[Item]:
    return [Item(arrival.index, arrival.outcome, one.resource_id, _reasons(one, arrival), one.record_id) for arrival in one.group.arrivals]


def _reasons(one: _Work, arrival: Arrival) -> Sequence[Reason]:
    if arrival is one.group.best:
        return one.reasons
    if arrival.cleaned is None:
        return [arrival.refusal] if arrival.refusal else one.reasons
    return arrival.cleaned.warnings
