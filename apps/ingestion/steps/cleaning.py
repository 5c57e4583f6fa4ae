"""All steps of a record in their order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from apps.catalog.choices import OperatingStatus, ResourceType
from apps.ingestion.steps import address, attributes, category, contacts, fields, hours, identity, language, names, phones, place, position
from apps.ingestion.steps.context import Context
from apps.ingestion.steps.notes import Notes
from apps.ingestion.steps.phones import Mention
from apps.ingestion.steps.record import Cleaned, CleanRecord, Reason, Refused
from apps.ingestion.steps.text import DESCRIPTION_MAX, NAME_MAX, as_text, read_line, read_paragraphs

# Grows with every change of a rule that may change what is stored: records of an older version are worth a replay.
RULES_VERSION = 1
EXTRA_MAX_BYTES, EXTRA_MAX_DEPTH = 8192, 6
_RESOURCE_TYPES, _OPERATING = frozenset(ResourceType.values), frozenset(OperatingStatus.values)


def clean(raw: object, context: Context) -> Cleaned:
    """What an entry may hold of a record as it was sent, with what was dropped and what each step did.

    Pure, and total over JSON: any decoded value gives a `Cleaned` or `Refused`. Cleaning a cleaned record changes nothing.

    :raises Refused: not an object; no name, or HTML in it; an identity that is too long; an impossible position.
    """
    if not isinstance(raw, Mapping):
        raise Refused(Reason("", "not_an_object", type(raw).__name__))
    notes = Notes()
    given = fields.read(raw, notes, allowed=context.allowed_fields)
    full_name = names.read(given.get("name"), notes)
    origin, identifier = identity.read(given, full_name, notes)
    raw_category = _line(given, "category", category.RAW_MAX, notes)
    city_name = as_text(given.get("city")) or ""
    name, glued, name_phones = names.take_apart(
        full_name, city=city_name[:100], category=raw_category, country=context.country, notes=notes
    )
    latitude, longitude = position.read(given, context.country, notes)
    where = place.read(given, (latitude, longitude), context, notes)
    line = ", ".join(part for part in (_line(given, "address", 500, notes), _line(given, "address_line2", 255, notes), glued) if part)
    lines = address.read(line, where, context, notes)
    website = _line(given, "website", 500, notes)
    whatsapp = contacts.whatsapp_number(website, context.country) if website else ""
    listed, with_whatsapp = _phones(given, [*name_phones, *lines.phones], whatsapp, context, notes)
    extra = _extra(given.get("extra"), notes)
    description_fr, description_en = _descriptions(given, notes)
    record = CleanRecord(
        name=name,
        name_en=_line(given, "name_en", NAME_MAX, notes),
        resource_type=_choice(given, "resource_type", _RESOURCE_TYPES, context.resource_type, notes),
        description_fr=description_fr,
        description_en=description_en,
        category_id=category.read(raw_category, given.get("category_id"), context, notes),
        raw_category=raw_category,
        latitude=latitude,
        longitude=longitude,
        city_id=str(where.city.id) if where.city else None,
        is_city_guessed=where.is_city_guessed,
        quarter_id=where.quarter_id or None,
        is_quarter_guessed=where.is_quarter_guessed,
        department=where.department,
        region=where.region,
        raw_place=where.raw,
        address_line1=lines.line,
        po_box=_line(given, "po_box", address.PO_BOX_MAX, notes) or lines.po_box,
        landmark=_line(given, "landmark", address.LANDMARK_MAX, notes) or lines.landmark,
        phones=listed,
        whatsapp=with_whatsapp,
        email=contacts.read_email(_line(given, "email", 300, notes), notes),
        website="" if whatsapp else contacts.read_website(website, notes),
        hours=hours.read(given["hours"], notes) if "hours" in given else None,
        attributes=attributes.read(given.get("attributes"), extra, raw_category, notes),
        operating_status=_choice(given, "operating_status", _OPERATING, "open", notes),
        source_url=contacts.read_source_url(_line(given, "source_url", 600, notes)),
        extra=extra,
    )
    return Cleaned(origin, identifier, record, notes.warnings, notes.steps)


def _line(given: Mapping[str, object], field: str, limit: int, notes: Notes) -> str:
    return read_line(given[field], field, limit, notes) if field in given else ""


def _choice(given: Mapping[str, object], field: str, values: frozenset[str], default: str, notes: Notes) -> str:
    value = given.get(field)
    if isinstance(value, str) and value in values:
        return value
    if value is not None:
        notes.dropped(field, "unknown_value", as_text(value) or type(value).__name__)
    return default


def _descriptions(given: Mapping[str, object], notes: Notes) -> tuple[str, str]:
    found = {
        code: read_paragraphs(given.get(f"description_{code}"), f"description_{code}", DESCRIPTION_MAX, notes) for code in ("fr", "en")
    }
    if "description" in given:
        described = read_paragraphs(given["description"], "description", DESCRIPTION_MAX, notes)
        code = language.detect(described)
        if described and not found[code]:
            found[code] = described
            notes.changed("language", "description", "", code)
    return found["fr"], found["en"]


def _phones(
    given: Mapping[str, object], mentioned: list[Mention], whatsapp_link: str, context: Context, notes: Notes
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """E.164 numbers in order of how sure they are, and those of them that take WhatsApp. At most `PHONES_MAX`."""
    mentions: list[Mention] = []
    raw = _line(given, "phone", 300, notes)
    if raw:
        mentions += phones.find(raw, country=context.country)
        if not mentions:
            notes.dropped("phones", "phone_invalid", raw)
    for mention in phones.find(_line(given, "whatsapp", 100, notes), country=context.country):
        mentions.append(replace(mention, is_whatsapp=bool(mention.number)))
    mentions += mentioned
    numbers: list[str] = []
    with_whatsapp: list[str] = []
    for mention in mentions:
        if mention.code:
            notes.dropped("phones", mention.code, mention.raw)
        elif mention.is_fax:
            notes.dropped("phones", "phone_is_fax", mention.raw)
        else:
            if mention.number not in numbers:
                numbers.append(mention.number)
            if mention.is_whatsapp and mention.number not in with_whatsapp:
                with_whatsapp.append(mention.number)
    if whatsapp_link:
        numbers += [whatsapp_link] if whatsapp_link not in numbers else []
        with_whatsapp += [whatsapp_link] if whatsapp_link not in with_whatsapp else []
    for further in numbers[phones.PHONES_MAX :]:
        notes.dropped("phones", "phone_further", further)
    kept = tuple(numbers[: phones.PHONES_MAX])
    if raw or mentions:
        notes.changed("phones", "phones", raw or " / ".join(mention.raw for mention in mentions), " / ".join(kept))
    return kept, tuple(number for number in with_whatsapp if number in kept)


def _extra(value: object, notes: Notes) -> dict[str, object]:
    """Further members as received, when they are an object that is small, flat enough and can be stored."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        notes.dropped("extra", "wrong_type", type(value).__name__)
        return {}
    if _is_too_deep(value):
        notes.dropped("extra", "too_deep")
        return {}
    try:
        encoded = msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        notes.dropped("extra", "not_storable")
        return {}
    # PostgreSQL keeps no NUL, not even escaped.
    if len(encoded) > EXTRA_MAX_BYTES or b"\\u0000" in encoded:
        notes.dropped("extra", "too_large" if len(encoded) > EXTRA_MAX_BYTES else "not_storable")
        return {}
    return value


def _is_too_deep(value: object, depth: int = 0) -> bool:
    if depth > EXTRA_MAX_DEPTH:
        return True
    if isinstance(value, float) and not math.isfinite(value):
        return True
    if isinstance(value, dict):
        return any(_is_too_deep(part, depth + 1) for part in value.values())
    return isinstance(value, list) and any(_is_too_deep(part, depth + 1) for part in value)
