"""Which of several records an entry believes, field by field. Pure: see `survivorship` for what is written."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from apps.ingestion.steps.record import CleanRecord, Reason

# What a source says loses half of its weight in a year, a guess (a town found by position) weighs less than what was said,
# and a place that is absent from so many full refreshes of its source weighs little.
HALF_LIFE_DAYS, GUESS, ABSENT, ABSENT_AFTER = 365.0, 0.6, 0.25, 3


@dataclass(frozen=True, slots=True)
class Rule:
    """Members of a record that are taken together, from one record.

    `name` is the field's in the provenance table, `lock` the one under which a person fixes it.
    """

    name: str
    members: tuple[str, ...]
    lock: str = ""

    @property
    def locked_by(self) -> str:
        """The name of its lock."""
        return self.lock or self.name


RULES = (
    Rule("name", ("name",)),
    Rule("name_en", ("name_en",), "name"),
    Rule("description", ("description_fr",)),
    Rule("description_en", ("description_en",), "description"),
    Rule("category", ("category_id", "raw_category")),
    Rule("address_line1", ("address_line1",)),
    Rule("po_box", ("po_box",)),
    Rule("landmark", ("landmark",)),
    Rule("city", ("city_id", "quarter_id", "is_city_guessed", "is_quarter_guessed", "department", "region", "raw_place")),
    Rule("position", ("latitude", "longitude")),
    Rule("phone", ("phones", "whatsapp"), "contacts"),
    Rule("email", ("email",), "contacts"),
    Rule("website", ("website",), "contacts"),
    Rule("hours", ("hours",)),
    Rule("attributes", ("attributes",)),
    Rule("operating_status", ("operating_status",)),
    Rule("metadata", ("extra",)),
)
ALL_FIELDS = frozenset(rule.name for rule in RULES)
# Names of the groups of fields that a source may be allowed (`steps.fields.GROUPS`), where ours differ.
_GROUPS = {
    "description_en": "description", "address_line1": "address", "po_box": "address", "landmark": "address", "phone": "phones",
    "operating_status": "attributes", "metadata": "extra",
}  # fmt: skip
# Names of the steps for what they dropped, where ours differ.
_DROPPED = {"phones": "phone", "address": "address_line1", "latitude": "position", "longitude": "position", "extra": "metadata"}
_DEFAULTS: dict[str, Any] = {
    one.name: None if one.default is msgspec.NODEFAULT else one.default for one in msgspec.structs.fields(CleanRecord)
}
_DEFAULTS |= {"name": "", "extra": {}}


@dataclass(slots=True)
class Voice:
    """One record that speaks of an entry. `observed_at` is when its source last said so; `allowed` empty: every field."""

    record_id: int
    clean: CleanRecord
    source: str
    trust: float
    observed_at: dt.datetime
    dropped: Sequence[Reason] = ()
    allowed: frozenset[str] = frozenset()
    missed_refreshes: int = 0

    @property
    def is_absent(self) -> bool:
        """Whether its source no longer lists the place."""
        return self.missed_refreshes >= ABSENT_AFTER

    def weight(self, rule: Rule, at: dt.datetime) -> float:
        """Trust by freshness. Two records age alike, so that their order never changes by waiting."""
        weight = self.confidence(rule) * 0.5 ** ((at - self.observed_at).total_seconds() / 86_400 / HALF_LIFE_DAYS)
        return float(weight)

    def confidence(self, rule: Rule) -> float:
        """Between 0 and 1, as the provenance shows it."""
        weight = self.trust * (ABSENT if self.is_absent else 1.0)
        is_guess = (rule.name == "city" and self.clean.is_city_guessed) or (rule.name == "category" and self.clean.category_id is None)
        return weight * GUESS if is_guess else weight


@dataclass(slots=True)
class Told:
    """Where a field's value came from."""

    field: str
    source: str
    source_url: str
    raw_value: str
    observed_at: dt.datetime
    confidence: float
    record_id: int


@dataclass(slots=True)
class Folded:
    """What an entry's records say together; `told` has one line for each field with a value, and for what was dropped."""

    values: CleanRecord
    told: dict[str, Told] = field(default_factory=dict)
    is_absent: bool = False

    def content_hash(self) -> bytes:
        """16 bytes that change whenever something that is stored changes."""
        told = [(one.field, one.source, one.raw_value, round(one.confidence, 3)) for one in self.told.values()]
        return hashlib.blake2b(msgspec.json.encode([self.values, told, self.is_absent]), digest_size=16).digest()


def fold(voices: Sequence[Voice], *, at: dt.datetime) -> Folded:
    """The best value of each field: by trust and freshness, then the longer one, then the older record.

    :param voices: at least one.
    """
    if len(voices) == 1 and not voices[0].allowed:
        only = voices[0]
        told = {rule.name: _told(only, rule) for rule in RULES if _is_given(only.clean, rule)}
        folded = Folded(only.clean, told, only.is_absent)
    else:
        folded = _fold_many(voices, at)
    for voice in voices:
        _tell_dropped(folded, voice)
    return folded


def _fold_many(voices: Sequence[Voice], at: dt.datetime) -> Folded:
    chosen: dict[str, Any] = {}
    told: dict[str, Told] = {}
    for rule in RULES:
        speaking = [voice for voice in voices if _may_tell(voice, rule) and _is_given(voice.clean, rule)]
        if not speaking:
            continue
        best = max(speaking, key=functools.partial(_rank, rule=rule, at=at))
        chosen |= {member: getattr(best.clean, member) for member in rule.members}
        told[rule.name] = _told(best, rule)
    best = max(voices, key=functools.partial(_rank, rule=RULES[0], at=at))
    values = CleanRecord(resource_type=best.clean.resource_type, source_url=best.clean.source_url, **chosen)
    return Folded(values, told, all(voice.is_absent for voice in voices))


def _rank(voice: Voice, *, rule: Rule, at: dt.datetime) -> tuple[float, int, int]:
    said = sum(len(str(getattr(voice.clean, member))) for member in rule.members)
    return round(voice.weight(rule, at), 6), said, -voice.record_id


def _may_tell(voice: Voice, rule: Rule) -> bool:
    """Whether the source may fill the field; the steps leave out the rest, but its rules may have become narrower since."""
    return not voice.allowed or rule.locked_by == "name" or _GROUPS.get(rule.name, rule.name) in voice.allowed


def _is_given(record: CleanRecord, rule: Rule) -> bool:
    if rule.name == "city":
        return record.city_id is not None or bool(record.raw_place)
    first = rule.members[0]
    if rule.name == "category":
        return record.category_id is not None or bool(record.raw_category)
    return bool(getattr(record, first) != _DEFAULTS[first])


def _told(voice: Voice, rule: Rule) -> Told:
    raw = {"category": voice.clean.raw_category, "city": voice.clean.raw_place}.get(rule.name, "")
    # Words for a place that we do not know are kept, and vouch for nothing.
    confidence = 0.0 if rule.name == "city" and voice.clean.city_id is None else voice.confidence(rule)
    return Told(rule.name, voice.source, voice.clean.source_url, raw, voice.observed_at, round(confidence, 4), voice.record_id)


def _tell_dropped(folded: Folded, voice: Voice) -> None:
    """What a step could not read stands beside the value, or alone with no confidence."""
    for reason in voice.dropped:
        name = _DROPPED.get(reason.field, reason.field)
        if not reason.detail or name not in ALL_FIELDS:
            continue
        known = folded.told.get(name)
        if known is None:
            folded.told[name] = Told(name, voice.source, voice.clean.source_url, reason.detail, voice.observed_at, 0.0, voice.record_id)
        elif known.record_id == voice.record_id and reason.detail not in known.raw_value:
            known.raw_value = f"{known.raw_value} / {reason.detail}".removeprefix(" / ")
