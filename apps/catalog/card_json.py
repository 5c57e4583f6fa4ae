"""The JSON of an entry in one language, from plain values. The one place that says how an entry looks outside."""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.conf import settings

from apps.catalog.choices import ContactKind, HoursKind, OperatingStatus
from apps.catalog.opening import SHUT, Schedule, interval

SUMMARY_MAX = 160
_CONTACT = ("kind", "value", "is_whatsapp", "is_primary")
_encode = msgspec.json.Encoder(decimal_format="number").encode
# Members of profiles that exist in two languages and are shown in the asked one.
_LOCALISED = ("delay", "documents", "spatial_coverage", "quota")


@dataclass(slots=True)
class CardSource:
    """Everything that the cards of one entry are made of: a row of the main query, and the rows beside it."""

    row: dict[str, Any]
    contacts: list[dict[str, Any]] = field(default_factory=list)
    hours: list[dict[str, Any]] = field(default_factory=list)
    special_days: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    profile: dict[str, Any] | None = None
    provenance: list[dict[str, Any]] = field(default_factory=list)
    _body: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _extra: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def common_body(self) -> dict[str, Any]:
        """What a list shows, in its order; of members that depend on the language only the name. Made when first asked for."""
        if not self._body:
            self._body = _common_body(self)
        return self._body

    def common_extra(self) -> dict[str, Any]:
        """What only the detail shows, likewise; larger members are encoded already. Nothing may change afterwards."""
        if not self._extra:
            self._extra = _common_extra(self)
        return self._extra

    def schedule(self) -> Schedule:
        """The hours as rules; of a place that does not operate, that it is closed."""
        if self.row["operating_status"] != OperatingStatus.OPEN:
            return Schedule(SHUT)
        kind = self.row["hours_kind"]
        if kind == HoursKind.WEEKLY and not self.hours:
            kind = HoursKind.UNKNOWN.value
        week: dict[int, tuple[tuple[int, int], ...]] = {}
        for row in self.hours:
            if not row["is_closed"]:
                week[row["day_of_week"]] = (*week.get(row["day_of_week"], ()), interval(row["open_time"], row["close_time"]))
        special: dict[dt.date, tuple[tuple[int, int], ...]] = {}
        for row in self.special_days:
            own = () if row["is_closed"] else (interval(row["open_time"], row["close_time"]),)
            special[row["date"]] = special.get(row["date"], ()) + own
        return Schedule(kind, self.row["holiday_policy"], week, special)


def _localised(row: dict[str, Any], name: str, language: str) -> tuple[str, str]:
    """A text in the asked language or else in the other one, and the language it is in."""
    other = "en" if language == "fr" else "fr"
    text = row[f"{name}_{language}"] or row[f"{name}_{other}"]
    return text, language if text == row[f"{name}_{language}"] else other


def summary_of(text: str) -> str:
    """The first sentence, or as many words as fit."""
    text = " ".join(text.split())
    if len(text) <= SUMMARY_MAX:
        return text
    first = re.match(rf".{{20,{SUMMARY_MAX}}}?[.!?](?=\s)", text)
    return first[0] if first else text[: SUMMARY_MAX - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


@functools.lru_cache(maxsize=1440)
def _time(value: dt.time | None) -> str | None:
    return value.strftime("%H:%M") if value is not None else None


def _hours_json(row: dict[str, Any], day: str) -> dict[str, Any]:
    """:param day: the member that says which day it is."""
    return {
        day: row[day], "open_time": _time(row["open_time"]), "close_time": _time(row["close_time"]), "is_closed": row["is_closed"],
    }  # fmt: skip


def image_json(image: dict[str, Any], language: str) -> dict[str, Any] | None:
    """A picture with its sizes, widest last in `srcset`; None while a worker still makes them."""
    alt = (image["alt_text_en"] if language == "en" else image["alt_text"]) or image["alt_text"] or image["alt_text_en"]
    common = {"id": str(image["id"]), "alt_text": alt, "is_primary": image["is_primary"], "order_index": image["order_index"]}
    if image["external_url"]:
        return {**common, "url": image["external_url"], "srcset": "", "width": image["width"], "height": image["height"]}
    sizes = sorted((int(width), size) for width, size in image["renditions"].items())
    if not sizes:
        return None
    media: str = settings.MEDIA_URL
    # The second smallest size suits a card on a phone, which is where most readers are.
    width, shown = sizes[min(1, len(sizes) - 1)]
    srcset = ", ".join(f"{media}{size['file']} {wide}w" for wide, size in sizes)
    return {**common, "url": f"{media}{shown['file']}", "srcset": srcset, "width": width, "height": shown["height"]}


def _primary(contacts: list[dict[str, Any]], kind: str) -> str | None:
    values = [contact for contact in contacts if contact["kind"] == kind]
    best = next((contact for contact in values if contact["is_primary"]), values[0] if values else None)
    return best["value"] if best else None


def _profile(profile: dict[str, Any] | None, language: str) -> dict[str, Any] | None:
    if profile is None:
        return None
    other = "en" if language == "fr" else "fr"
    shown = {name: value for name, value in profile.items() if name not in {"resource_id", "resource_type"}}
    for name in _LOCALISED:
        if f"{name}_{language}" in shown:
            own, fallback = shown.pop(f"{name}_{language}"), shown.pop(f"{name}_{other}")
            shown[name] = own or fallback
    if shown.get("endpoints"):
        shown["endpoints"] = [_endpoint(endpoint, language, other) for endpoint in shown["endpoints"]]
    return shown


def _endpoint(endpoint: dict[str, Any], language: str, other: str) -> dict[str, Any]:
    shown = {name: value for name, value in endpoint.items() if not name.startswith("summary_")}
    return {**shown, "summary": endpoint.get(f"summary_{language}") or endpoint.get(f"summary_{other}", "")}


def _common_body(source: CardSource) -> dict[str, Any]:
    row, contacts = source.row, source.contacts
    return {
        "id": row["id"],
        "slug": row["slug"],
        "name": row["name"],
        "resource_type": row["resource_type"],
        "category": None,
        "city": None,
        "quarter": {"slug": row["quarter_slug"], "name": row["quarter_name"]} if row["quarter_slug"] else None,
        "region": None,
        "country": row["country"],
        "latitude": row["latitude"],
        "longitude": row["longitude"],
        "address_line1": row["address_line1"],
        "phone": _primary(contacts, ContactKind.PHONE),
        "whatsapp": next((contact["value"] for contact in contacts if contact["is_whatsapp"]), None),
        "email": _primary(contacts, ContactKind.EMAIL),
        "website": _primary(contacts, ContactKind.WEBSITE),
        "summary": "",
        "plan": row["plan"],
        "verified": row["verified"],
        "status": row["status"],
        "operating_status": row["operating_status"],
        "attributes": row["attributes"],
        "image": None,
        "is_demo": row["is_demo"],
        "is_fictional": row["is_fictional"],
        "version": row["version"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "published_at": row["published_at"],
    }


def body_members(source: CardSource, language: str) -> dict[str, Any]:
    """What a list shows of an entry."""
    row, shown = source.row, source.common_body().copy()
    if language == "en" and row["name_en"]:
        shown["name"] = row["name_en"]
    if row["category_slug"]:
        shown["category"] = _named(row, "category", language, icon=row["category_icon"])
    if row["city_slug"]:
        shown["city"] = _named(row, "city", language)
    if row["region_slug"]:
        shown["region"] = _named(row, "region", language)
    shown["summary"] = summary_of(_localised(row, "description", language)[0])
    images = [image for image in (image_json(image, language) for image in source.images) if image is not None]
    primary = next((image for image in images if image["is_primary"]), images[0] if images else None)
    if primary:
        shown["image"] = {**{name: primary[name] for name in ("url", "srcset", "width", "height")}, "alt": primary["alt_text"]}
    return shown


def _named(row: dict[str, Any], what: str, language: str, **more: str) -> dict[str, str]:
    return {"slug": row[f"{what}_slug"], "name": row[f"{what}_name_{language}"], **more}


def _common_extra(source: CardSource) -> dict[str, Any]:
    row = source.row
    return {
        "user_id": row["user_id"],
        "category_id": row["category_id"],
        "description": "",
        "description_language": "",
        "address_line2": row["address_line2"],
        "po_box": row["po_box"],
        "postal_code": row["postal_code"],
        "accuracy_m": row["accuracy_m"],
        "landmark": "",
        "directions": "",
        "contacts": _encoded([{name: contact[name] for name in _CONTACT} for contact in source.contacts]),
        "hours_kind": row["hours_kind"],
        "holiday_policy": row["holiday_policy"],
        "hours": _encoded([_hours_json(one, "day_of_week") for one in source.hours]),
        "special_days": _encoded([{**_hours_json(day, "date"), "note": day["note"]} for day in source.special_days]),
        "images": [],
        "profile": None,
        "metadata": _encoded(row["metadata"]),
        "meta_title": row["meta_title"],
        "meta_description": row["meta_description"],
        "provenance": _encoded(source.provenance),
        "links": None,
    }


def _encoded(value: Any) -> Any:
    """A value that all languages share as it will be written; of an empty one there is nothing to spare."""
    return msgspec.Raw(_encode(value)) if value else value


def extra_members(source: CardSource, language: str) -> dict[str, Any]:
    """What only the detail shows."""
    row, shown = source.row, source.common_extra().copy()
    shown["description"], shown["description_language"] = _localised(row, "description", language)
    shown["landmark"] = _localised(row, "landmark", language)[0]
    shown["directions"] = _localised(row, "directions", language)[0]
    if source.images:
        shown["images"] = [image for image in (image_json(image, language) for image in source.images) if image is not None]
    shown["profile"] = _profile(source.profile, language)
    shown["links"] = {"html": f"/{language}/fiche/{row['slug']}/"}
    return shown


def card_bytes(source: CardSource, language: str) -> tuple[bytes, bytes]:
    """`body` and `extra` of a card; see the model."""
    body = _encode(body_members(source, language))[:-1]
    extra = b"," + _encode(extra_members(source, language))[1:-1]
    return body, extra
