"""Whatever is sent is answered with a cleaned record or a reason, and a cleaned record comes out of the steps as it went in."""

from __future__ import annotations

import dataclasses
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.ingestion.steps import Cleaned, Context, Reason, Refused, clean, content_hash
from apps.ingestion.steps.fields import NAMES

pytestmark = pytest.mark.django_db
fuzzed = settings(max_examples=80)

WORDS = (
    "Pharmacie", "de la", "Douala", "Yaoundé 1er", "YaoundÃ©", "Akwa", "face à", "derrière", "BP 1234", "677 98 70 75", "33 42 11 22",
    "+237", "22 27 24 78 /79", "fax", "whatsapp", "<b>", "&amp;amp;", "</script>", "\x00", "\ud800", "\u202e", "\u200b", "24h/24", "sauf",
    "Mo-Fr 08:00-18:00", "lundi au vendredi", "8h-17h30", "dimanche", "amenity=bank", ";", ",", ":", "(", "a@b.cm", "www.site.cm", "http://",
    "d'", "Inconnu", "4.05", "9,7", "4°03'N", "é", "ñ", "中", "١٢٣", "²", "½", "𝟙", " ", "\n",
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=5).map("".join),
)
numbers = st.one_of(st.integers(), st.floats(), st.sampled_from([0, 4.05, 9.7, 10**400, -1, True]))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)
known_names = st.sampled_from(sorted(name for names in NAMES.values() for name in names))
likely = st.fixed_dictionaries(
    {"name": texts.filter(str.strip)}, optional={name: st.one_of(texts, values) for name in sorted(NAMES) if name != "name"}
)


def again(cleaned: Cleaned, known: Context) -> Cleaned:
    """Clean what came out, as it is stored."""
    raw = json.loads(msgspec.json.encode(cleaned.record))
    return clean({**raw, "source": cleaned.origin, "source_id": cleaned.identity}, known)


def check(raw: object, known: Context) -> None:
    """The two promises, for one value."""
    try:
        cleaned: Cleaned | Reason = clean(raw, known)
    except Refused as refused:
        cleaned = refused.reason
    assert b"\\u0000" not in msgspec.json.encode(cleaned)
    if isinstance(cleaned, Reason):
        assert cleaned.code
        return
    second = again(cleaned, known)
    assert second.record == cleaned.record
    assert (second.origin, second.identity) == (cleaned.origin, cleaned.identity)
    assert content_hash(second.record) == content_hash(cleaned.record)


@fuzzed
@given(raw=st.one_of(values, st.dictionaries(st.one_of(known_names, texts), values, max_size=8)))
def test_any_json_value_is_answered(known: Context, raw: object) -> None:
    check(raw, known)


@fuzzed
@given(raw=likely)
def test_a_likely_record_is_answered_and_stays_as_it_came_out(known: Context, raw: dict[str, object]) -> None:
    raw = {name: value for name, value in raw.items() if name not in {"latitude", "longitude", "position"}}
    check(raw, known)
    check(raw, dataclasses.replace(known, country="FR"))


def test_deep_and_large_values_are_left_out(known: Context) -> None:
    deep: object = "x"
    for _level in range(500):
        deep = [deep]
    cleaned = clean({"name": "Bar", "extra": {"deep": deep}, "description": deep, "hours": {"1": deep}}, known)
    assert cleaned.record.extra == {}
    assert {warning.code for warning in cleaned.warnings} == {"too_deep", "wrong_type", "hours_not_understood"}
    cleaned = clean({"name": "Bar", "extra": {"x": "y" * 9000}, "description": "mot " * 1_000_000}, known)
    assert cleaned.record.extra == {}
    assert len(cleaned.record.description_fr) <= 5000
    assert [warning.code for warning in cleaned.warnings] == ["too_large", "too_long"]
