"""The demonstration catalogue: real, well-known places and openly fictional examples, written by us.

Entries are known by (source `demo`, key): a second load inserts what is missing and leaves the rest, so that
nothing an operator changed or deleted comes back.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from apps.catalog import events as catalog_events
from apps.catalog.cards import write_cards
from apps.catalog.choices import HolidayPolicy, HoursKind, ListingPlan, ListingRight, OperatingStatus, ResourceType, Status
from apps.catalog.models import (
    PROFILE_MODELS,
    Category,
    City,
    ContactPoint,
    ListingEntitlement,
    OpeningInterval,
    Quarter,
    Resource,
    ResourceImage,
)
from apps.catalog.services.images import store_image
from apps.core import events
from apps.core.ids import uuid7

DEMO_DIR = Path(__file__).resolve().parent.parent / "demo"
DEMO_SOURCE = "demo"
_WHOLE_DAY = [["00:00", "00:00"]]
_DEMO_RIGHTS: dict[str, dict[ListingRight, int]] = {
    ListingPlan.PREMIUM: {ListingRight.RANK_WEIGHT: 1, ListingRight.PHOTOS: 20},
    ListingPlan.FEATURED: {ListingRight.RANK_WEIGHT: 2, ListingRight.PHOTOS: 40, ListingRight.FEATURED_LABEL: 1},
}


def read_demo_entries() -> list[dict[str, Any]]:
    """Every shipped entry, in a fixed order."""
    entries: list[dict[str, Any]] = []
    for path in sorted(DEMO_DIR.glob("*.json")):
        entries += json.loads(path.read_text(encoding="utf-8"))
    return entries


@transaction.atomic
def load_demo(*, at: dt.datetime) -> int:
    """Insert the demonstration entries that are missing, published, with their cards; returns how many."""
    known = set(Resource.objects.filter(source=DEMO_SOURCE).values_list("source_id", flat=True))
    entries = [entry for entry in read_demo_entries() if entry["key"] not in known]
    if not entries:
        give_demo_rights()
        return 0
    categories = dict(Category.objects.values_list("slug", "pk"))
    cities = dict(City.objects.values_list("slug", "pk"))
    quarters = {(quarter.city_id, quarter.name): quarter for quarter in Quarter.objects.all()}
    slugs = set(Resource.objects.values_list("slug", flat=True))
    made: list[tuple[Resource, dict[str, Any]]] = []
    for order, entry in enumerate(entries):
        city_id = cities[entry["city"]] if entry["city"] else None
        quarter = quarters.get((city_id, entry["quarter"])) if city_id and entry["quarter"] else None
        # A second apart, so that "newest" has an order that a reader of the files recognises.
        published_at = at - dt.timedelta(seconds=order)
        resource = _resource(entry, slugs=slugs, at=published_at)
        resource.category_id, resource.city_id = categories[entry["category"]], city_id
        resource.quarter_id = quarter.pk if quarter else None
        if resource.latitude is None and quarter and quarter.latitude is not None:
            resource.latitude, resource.longitude, resource.accuracy_m = quarter.latitude, quarter.longitude, 1500
        made.append((resource, entry))
    Resource.objects.bulk_create([resource for resource, _entry in made])
    _save_details(made)
    for resource, entry in made:
        _save_images(resource, entry, at=at)
    give_demo_rights()
    ids = [resource.pk for resource, _entry in made]
    write_cards(ids)
    for start in range(0, len(ids), 1000):
        events.publish(catalog_events.resources_changed, key=DEMO_SOURCE, resource_ids=[str(i) for i in ids[start : start + 1000]])
    return len(made)


def give_demo_rights() -> None:
    """Have demonstration entries that show a plan hold the rights of it, without end: nobody pays for them. Harmless when repeated."""
    shown = Resource.objects.filter(source=DEMO_SOURCE, is_demo=True, user=None, entitlements=None).exclude(plan=ListingPlan.FREE)
    ListingEntitlement.objects.bulk_create(
        ListingEntitlement(resource_id=pk, key=key, value=value)
        for pk, plan in shown.values_list("pk", "plan")
        for key, value in _DEMO_RIGHTS[plan].items()
    )


def _free_slug(name: str, taken: set[str]) -> str:
    base = slugify(name)[:190] or "fiche"
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    taken.add(slug)
    return slug


def _resource(entry: dict[str, Any], *, slugs: set[str], at: dt.datetime) -> Resource:
    return Resource(
        resource_type=entry["resource_type"], name=entry["name"], name_en=entry["name_en"] or "",
        slug=_free_slug(entry["name"], slugs), description_fr=entry["description_fr"], description_en=entry["description_en"],
        latitude=entry["lat"], longitude=entry["lng"], accuracy_m=entry["accuracy_m"],
        landmark_fr=entry["landmark_fr"] or "", landmark_en=entry["landmark_en"] or "",
        hours_kind=_hours_kind(entry["hours"]), attributes=sorted(entry["attributes"]),
        holiday_policy=HolidayPolicy.AS_USUAL if entry["fictional"] else HolidayPolicy.UNKNOWN,
        status=Status.ACTIVE, operating_status=entry.get("operating_status", OperatingStatus.OPEN), plan=entry["plan"],
        verified=entry["verified"], is_demo=True, is_fictional=entry["fictional"], source=DEMO_SOURCE, source_id=entry["key"],
        created_at=at, updated_at=at, published_at=at,
    )  # fmt: skip


def _hours_kind(hours: dict[str, Any] | None) -> str:
    if hours is None:
        return HoursKind.UNKNOWN
    return HoursKind.ALWAYS if len(hours) == 7 and all(day == _WHOLE_DAY for day in hours.values()) else HoursKind.WEEKLY


def _save_details(made: list[tuple[Resource, dict[str, Any]]]) -> None:
    contacts, intervals = [], []
    profiles: dict[str, list[Any]] = {kind: [] for kind in ResourceType.values}
    for resource, entry in made:
        points = list(entry.get("contacts", []))
        if entry["website"]:
            points.append({"kind": "website", "value": entry["website"]})
        seen: set[str] = set()
        for order, point in enumerate(points):
            contacts.append(
                ContactPoint(
                    resource=resource, kind=point["kind"], value=point["value"], is_whatsapp=bool(point.get("whatsapp")),
                    is_primary=point["kind"] not in seen, order_index=order,
                )
            )  # fmt: skip
            seen.add(point["kind"])
        for day, spans in (entry["hours"] or {}).items():
            if not spans:
                intervals.append(OpeningInterval(resource=resource, day_of_week=int(day), is_closed=True))
            intervals += [
                OpeningInterval(resource=resource, day_of_week=int(day), open_time=opens, close_time=closes) for opens, closes in spans
            ]
        profile = {name: value for name, value in entry["profile"].items() if value is not None}
        kind = entry["resource_type"]
        profiles[kind].append(PROFILE_MODELS[kind](resource=resource, **profile))
    ContactPoint.objects.bulk_create(contacts)
    OpeningInterval.objects.bulk_create(intervals)
    for kind, rows in profiles.items():
        PROFILE_MODELS[kind].objects.bulk_create(rows)


def _save_images(resource: Resource, entry: dict[str, Any], *, at: dt.datetime) -> None:
    for order, picture in enumerate(entry.get("images", [])):
        image = ResourceImage(
            id=uuid7(), resource=resource, alt_text=picture["alt_fr"], alt_text_en=picture["alt_en"],
            is_primary=order == 0, order_index=order, created_at=at,
        )  # fmt: skip
        store_image(image, (DEMO_DIR / "images" / picture["file"]).read_bytes())
