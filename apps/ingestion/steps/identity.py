"""Step `identity`: which record of a source this is, so that the same one sent again changes nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

import msgspec

from apps.catalog.gazetteer import fold
from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.record import CleanRecord, Reason, Refused
from apps.ingestion.steps.text import as_text, read_line

ORIGIN_MAX, IDENTITY_MAX = 60, 200
FINGERPRINT_PREFIX = "fp:"


def read(given: Mapping[str, object], name: str, notes: Notes) -> tuple[str, str]:
    """The record's own word for its origin ("" when it has none) and its id there, else a fingerprint.

    `id` may hold both, as `origin:source_id`. The fingerprint is made of what was received, not of what the steps made of it: a rule that
    changes must not turn a known record into a new one.

    :raises Refused: an origin or id that is longer than what is stored.
    """
    origin = _part(given.get("origin"), "source", ORIGIN_MAX, notes)
    identity = _part(given.get("source_id"), "source_id", IDENTITY_MAX, notes)
    if not identity and "id" in given:
        whole = _part(given["id"], "id", ORIGIN_MAX + 1 + IDENTITY_MAX, notes)
        before, after = (part.strip() for part in whole.partition(":")[::2])
        if before and after and (not origin or before == origin) and len(before) <= ORIGIN_MAX and len(after) <= IDENTITY_MAX:
            origin, identity = before, after
        else:
            identity = whole[:IDENTITY_MAX]
    return origin, identity or fingerprint(given, name)


def _part(value: object, field: str, limit: int, notes: Notes) -> str:
    if value is None:
        return ""
    text = read_line(value, field, limit + 1, Notes())
    if not text:
        notes.dropped(field, "wrong_type", type(value).__name__)
    if len(text) > limit:
        raise Refused(Reason(field, "source_too_long", text[:80]))
    return text


def fingerprint(given: Mapping[str, object], name: str) -> str:
    """A short stable id of a record without one: its folded name with the first thing of these that it has.

    Its phone digits; its position to 10 m with the town; its town, quarter and address; its page. Two branches of one name differ by each.
    """
    digits = re.sub(r"\D", "", as_text(given.get("phone")) or "")[-9:]
    place = [fold((as_text(given.get(part)) or "")[:200]) for part in ("city", "quarter", "address")]
    if digits:
        what = ["phone", digits]
    elif "latitude" in given and "longitude" in given:
        what = ["position", *(_rounded(given[part]) for part in ("latitude", "longitude")), place[0]]
    elif any(place):
        what = ["place", *place]
    else:
        what = ["page", (as_text(given.get("source_url")) or as_text(given.get("website")) or "")[:500]]
    # A text may hold half a surrogate, which no encoding takes.
    encoded = "\x1f".join([fold(name) or name, *what]).encode("utf-8", "surrogatepass")
    return FINGERPRINT_PREFIX + hashlib.blake2b(encoded, digest_size=16).hexdigest()


def _rounded(value: object) -> str:
    try:
        return f"{float(value):.4f}"  # type: ignore[arg-type]  # whatever cannot be a number raises
    except (TypeError, ValueError, OverflowError):
        return (as_text(value) or "")[:40]


def content_hash(record: CleanRecord) -> bytes:
    """16 bytes that change whenever anything of a cleaned record changes."""
    return hashlib.blake2b(msgspec.json.encode(record), digest_size=16).digest()
