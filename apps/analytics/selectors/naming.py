"""Listings by what pages call them, from the memory of this process."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import DatabaseError
from django.db.models import Q

from apps.catalog.models import Resource
from apps.catalog.selectors.reference import snapshot
from apps.core.process_cache import ProcessCache

# A listing that is hidden is counted so many seconds longer at most; one that is new waits as long when it was asked for before.
REMEMBERED_S = 30
NAME_MAX = 200
_numbers: ProcessCache[int] = ProcessCache(maxsize=20_000, ttl_s=lambda: REMEMBERED_S)
# Names that mean nothing have a memory of their own, which cannot crowd out those that do.
_unknown: ProcessCache[bool] = ProcessCache(maxsize=2_000, ttl_s=lambda: REMEMBERED_S)


def numbers_of(names: Iterable[str]) -> dict[str, int]:
    """Numbers of public listings by id or slug; what is absent does not exist, or not for visitors. One statement at most."""
    asked = list(names)
    found = _numbers.get_many(asked)
    missing = [name for name in set(asked) - found.keys() if _unknown.get(name) is None] if len(found) < len(asked) else []
    return {**found, **_look_up(missing)} if missing else found


def _look_up(names: list[str]) -> dict[str, int]:
    ids = {name: uuid.UUID(name) for name in names if _is_uuid(name)}
    slugs = [name for name in names if name not in ids and 0 < len(name) <= NAME_MAX and "\0" not in name]
    rows = Resource.objects.published().filter(Q(slug__in=slugs) | Q(pk__in=ids.values())).values_list("pk", "slug", "number")
    by_id, by_slug = {pk: number for pk, _slug, number in rows}, {slug: number for _pk, slug, number in rows}
    found = {}
    for name in names:
        number = by_id.get(ids[name]) if name in ids else by_slug.get(name)
        if number is None:
            _unknown.set(name, value=True)
        else:
            found[name] = _numbers.set(name, number)
    return found


def _is_uuid(text: str) -> bool:
    """Written as JSON of ours writes it; a slug may look like hexadecimal digits, too."""
    if len(text) != 36:
        return False
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def city_number(slug: str) -> int | None:
    """The number of a town, None for any other word, and while nobody can say."""
    if not slug:
        return None
    try:
        row = snapshot().cities.get(slug)
    except DatabaseError:
        return None
    return row.number if row else None
