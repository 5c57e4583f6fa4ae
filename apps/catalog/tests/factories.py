"""Rows for tests, saved with what belongs to them: an entry comes with its cards.

Each function makes one row that meets every constraint; keywords change its fields.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.utils.text import slugify

from apps.accounts.models import User
from apps.catalog.cards import write_cards
from apps.catalog.choices import HoursKind, ResourceType, Status
from apps.catalog.models import (
    PROFILE_MODELS,
    Category,
    City,
    ContactPoint,
    Country,
    Department,
    OpeningInterval,
    Quarter,
    Region,
    Resource,
    ResourceImage,
    SpecialDay,
)
from apps.core.process_cache import clear_process_caches

AT = dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.UTC)
T = TypeVar("T")
_numbers = itertools.count(1)


def make_user(**fields: Any) -> User:
    """A person who can log in with the password `secret`."""
    number = next(_numbers)
    values = {"email": f"person{number}@example.cm", "name": f"Personne {number}", "password": "secret", **fields}
    return User.objects.create_user(**values)


def make_country(code: str = "CM") -> Country:
    """The country of this code, made once."""
    names = {"CM": ("Cameroun", "Cameroon")}.get(code, (code, code))
    return Country.objects.get_or_create(code=code, defaults={"name_fr": names[0], "name_en": names[1]})[0]


def make_region(**fields: Any) -> Region:
    """A region."""
    number = next(_numbers)
    values = {
        "slug": f"region-{number}", "code": f"XX-{number % 1000:03}", "name_fr": f"Région {number}", "name_en": f"Region {number}",
        "latitude": 4, "longitude": 10, **fields,
    }  # fmt: skip
    if "country" not in values:
        values["country"] = make_country()
    return _forgetting(Region.objects.create(**values))


def make_department(**fields: Any) -> Department:
    """A department of a new region unless given."""
    number = next(_numbers)
    values = {"slug": f"departement-{number}", "name_fr": f"Département {number}", "name_en": f"Department {number}", **fields}
    values["region"] = values.get("region") or make_region()
    return _forgetting(Department.objects.create(**values))


def make_city(**fields: Any) -> City:
    """A town of a new region unless given."""
    number = next(_numbers)
    values = {
        "slug": f"ville-{number}", "name_fr": f"Ville {number}", "name_en": f"Town {number}", "latitude": 4.05, "longitude": 9.7,
        **fields,
    }  # fmt: skip
    values["region"] = values.get("region") or make_region()
    return _forgetting(City.objects.create(**values))


def make_quarter(**fields: Any) -> Quarter:
    """A quarter of a new town unless given."""
    number = next(_numbers)
    values = {"slug": f"quartier-{number}", "name": f"Quartier {number}", **fields}
    values["city"] = values.get("city") or make_city()
    return _forgetting(Quarter.objects.create(**values))


def make_category(**fields: Any) -> Category:
    """A root category unless a parent is given."""
    number = next(_numbers)
    values = {
        "slug": f"categorie-{number}", "name_fr": f"Catégorie {number}", "name_en": f"Category {number}", "icon": "store", **fields,
    }  # fmt: skip
    return _forgetting(Category.objects.create(**values))


def make_resource(
    *,
    at: dt.datetime = AT,
    contacts: Sequence[Mapping[str, Any]] = (),
    hours: Mapping[int, Iterable[tuple[str, str]]] | None = None,
    special_days: Mapping[dt.date, Iterable[tuple[str, str]]] | None = None,
    images: Sequence[Mapping[str, Any]] = (),
    profile: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Resource:
    """A published business with its cards; a new category unless given.

    :param at: when it was created, changed and published.
    :param hours: {day, 0 = Sunday: [("08:00", "12:30"), …]}; an empty day is said to be closed. Sets `hours_kind`.
    :param special_days: the same by date.
    :param contacts, images, profile: fields of those rows.
    """
    number = next(_numbers)
    make_country(fields.get("country_id", "CM"))
    name = fields.get("name", f"Fiche {number}")
    values: dict[str, Any] = {
        "name": name, "slug": f"{slugify(name)[:150] or 'fiche'}-{number}", "resource_type": ResourceType.BUSINESS,
        "status": Status.ACTIVE, "created_at": at, "updated_at": at, "published_at": at, **fields,
    }  # fmt: skip
    if hours is not None:
        values.setdefault("hours_kind", HoursKind.WEEKLY)
    if "category" not in values and "category_id" not in values:
        values["category"] = make_category()
    resource = Resource.objects.create(**values)
    for order, contact in enumerate(contacts):
        ContactPoint.objects.create(**{"resource": resource, "order_index": order, **contact})
    for day, spans in (hours or {}).items():
        _save_hours(OpeningInterval, {"resource": resource, "day_of_week": day}, spans)
    for date, spans in (special_days or {}).items():
        _save_hours(SpecialDay, {"resource": resource, "date": date}, spans)
    for order, image in enumerate(images):
        ResourceImage.objects.create(**{"resource": resource, "order_index": order, "created_at": at, "state": "ready", **image})
    if profile is not None:
        PROFILE_MODELS[resource.resource_type](resource=resource, **profile).save()
    write_cards([resource.pk])
    return resource


def _save_hours(model: type[OpeningInterval | SpecialDay], common: dict[str, Any], spans: Iterable[tuple[str, str]]) -> None:
    rows = list(spans)
    for opens, closes in rows:
        model(**common, open_time=dt.time.fromisoformat(opens), close_time=dt.time.fromisoformat(closes)).save()
    if not rows:
        model(**common, is_closed=True).save()


def _forgetting(row: T) -> T:
    """Reference data is read from this process's memory: it has to look again."""
    clear_process_caches()
    return row
