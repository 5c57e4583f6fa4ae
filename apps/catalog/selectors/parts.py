"""Parts of one entry that lists do not show, read from the truth: its hours and pictures, and entries without cards."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

import msgspec

from apps.accounts.callers import Caller
from apps.catalog.card_json import card_bytes, image_json
from apps.catalog.cards import read_sources
from apps.catalog.models import OpeningInterval, Resource, ResourceImage, SpecialDay
from apps.catalog.opening import Schedule
from apps.catalog.selectors.cards import Card, as_uuid

_UNMADE = {"url": None, "srcset": "", "width": None, "height": None}


def get_visible_card(id_or_slug: str, *, caller: Caller, language: str) -> Card | None:
    """The entry as its owner or staff see it, whatever its state."""
    identifier = as_uuid(id_or_slug)
    asked = {"pk": identifier} if identifier else {"slug": id_or_slug}
    pk = Resource.objects.visible_to(caller).filter(**asked).values_list("pk", flat=True).first()
    return None if pk is None else live_card(pk, language=language)


def live_card(resource_id: uuid.UUID, *, language: str) -> Card | None:
    """The card of an entry as it is stored now, made on the spot, public or not; None when there is no such entry."""
    for source in read_sources([resource_id], only_public=False):
        body, extra = card_bytes(source, language)
        version = int(source.row["version"]).to_bytes(4, "big")
        return Card(resource_id.bytes, None, None, version, source.schedule().pack(), body, extra)
    return None


def hours_data(card: Card, *, at: dt.datetime) -> dict[str, Any]:
    """The week and the particular days of an entry with the columns of their tables, and whether it is open."""
    resource = Resource.objects.only("hours_kind", "holiday_policy").get(pk=card.id)
    times = ("id", "open_time", "close_time", "is_closed")
    status = card.open_status(at)
    return {
        "hours_kind": resource.hours_kind,
        "holiday_policy": resource.holiday_policy,
        "hours": [_row(row, card.id) for row in OpeningInterval.objects.filter(resource=card.id).values(*times, "day_of_week")],
        "special_days": [_row(row, card.id) for row in SpecialDay.objects.filter(resource=card.id).values(*times, "date", "note")],
        "osm": Schedule.unpack(card.hours).to_osm(),
        "open_status": msgspec.to_builtins(status),
        "version": card.version,
    }


def _row(row: dict[str, Any], resource_id: uuid.UUID) -> dict[str, Any]:
    times = {name: None if row[name] is None else row[name].strftime("%H:%M") for name in ("open_time", "close_time")}
    return {**row, "business_id": resource_id, **times}


def images_data(card: Card, *, language: str, is_editor: bool) -> list[dict[str, Any]]:
    """The pictures of an entry in their order; who edits it also sees those whose sizes are not made, without address."""
    found = []
    rows: Iterable[dict[str, Any]] = ResourceImage.objects.filter(resource=card.id).values()  # type: ignore[assignment]
    for image in rows:
        shown = image_json(image, language)
        if shown is None and not is_editor:
            continue
        own = {name: image[name] for name in ("id", "alt_text", "is_primary", "order_index", "state", "created_at")}
        found.append({**own, **(shown or _UNMADE), "business_id": card.id})
    return found


def is_editable(card: Card, caller: Caller) -> bool:
    """Whether this caller may change the entry."""
    return caller.user is not None and Resource.objects.editable_by(caller).filter(pk=card.id).exists()
