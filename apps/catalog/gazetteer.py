"""Finds places and categories by the names people and sources give them. Loaded once per import or request."""

from __future__ import annotations

import functools
import math
import unicodedata
import uuid
from dataclasses import dataclass, field

from django.db.models import F

from apps.catalog.exceptions import ReferenceMissing
from apps.catalog.models import Category, City, Department, Quarter, Region

# A source that gives only a position gets the town whose centre is this near.
NEAREST_CITY_MAX_KM = 12.0
_DEGREE_KM = 111.2
# One letter in seven is a slip; in four it is another town.
ALIKE_MIN_LENGTH = 7


class _Folding(dict[int, str]):
    """What becomes of each character, found out when it is first met; rare ones are not remembered."""

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code).casefold())
        found = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
        if code < _REMEMBERED_BELOW:
            self[code] = found
        return found


# Latin, Greek, Cyrillic, Arabic.
_REMEMBERED_BELOW = 0x2000
_FOLDING = _Folding()


@functools.lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case, no accents, apostrophes and hyphens as spaces: the form in which names are compared."""
    return " ".join(text.translate(_FOLDING).split())


def _slugs_by_name(model: type[Region | Department]) -> dict[str, str]:
    rows = model._default_manager.values_list("slug", "name_fr", "name_en", "aliases")  # noqa: SLF001  Django's name for it
    return {fold(name): slug for slug, name_fr, name_en, aliases in rows for name in (slug, name_fr, name_en, *aliases)}


def _depth(pk: str, parents: dict[str, str]) -> int:
    parent = parents.get(pk)
    return 0 if parent is None else 1 + _depth(parent, parents)


def _differ_by_one(one: str, other: str) -> bool:
    """Whether one edit makes one text of the other: a letter more, less, another, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        start += 1
    rest, other_rest = one[start:], other[start:]
    if len(rest) == len(other_rest):
        return rest[1:] == other_rest[1:] or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    return rest == other_rest[1:] if len(rest) < len(other_rest) else rest[1:] == other_rest


@dataclass(frozen=True, slots=True)
class KnownCity:
    """A town with what an import needs of it."""

    id: uuid.UUID
    slug: str
    latitude: float
    longitude: float
    region: str = ""
    department: str = ""
    quarters: dict[str, uuid.UUID] = field(default_factory=dict, compare=False, hash=False)
    # Quarters that have a position: latitude, longitude, id.
    placed: list[tuple[float, float, uuid.UUID]] = field(default_factory=list, compare=False, hash=False)

    def km_to(self, latitude: float, longitude: float) -> float:
        """Kilometres from its centre, on a plane: right to a per cent within a country."""
        shrink = math.cos(math.radians(latitude))
        return math.hypot(self.latitude - latitude, (self.longitude - longitude) * shrink) * _DEGREE_KM


class Gazetteer:
    """Names of towns, quarters and categories, folded."""

    def __init__(self, osm_categories: dict[str, str]) -> None:
        """:param osm_categories: raw category text or `key=value` tag → category slug. :raises ReferenceMissing: see the error."""
        self._cities: dict[str, KnownCity] = {}
        self._homonyms: dict[str, dict[str, KnownCity]] = {}
        self._categories: dict[str, uuid.UUID] = {}
        self._read_places()
        self._read_categories(osm_categories)
        self.nearest_city = functools.lru_cache(maxsize=65536)(self._nearest_city)

    # Plain values: making a thousand rows into models would take longer than all else here.
    def _read_places(self) -> None:
        by_id: dict[uuid.UUID, KnownCity] = {}
        cities = City.objects.values_list(
            "pk", "slug", "name_fr", "name_en", "aliases", "latitude", "longitude", "region__slug", "department__slug"
        )
        # Where towns share a name the largest wins: it comes last.
        for pk, slug, name_fr, name_en, aliases, latitude, longitude, region, department in cities.order_by(
            F("population").asc(nulls_first=True)
        ):
            known = KnownCity(pk, slug, float(latitude), float(longitude), region, department or "")
            by_id[pk] = known
            for name in (slug, name_fr, name_en, *aliases):
                self._cities[fold(name)] = known
                self._homonyms.setdefault(fold(name), {})[region] = known
        quarters = Quarter.objects.values_list("pk", "city_id", "slug", "name", "aliases", "latitude", "longitude")
        for pk, city_id, slug, own_name, aliases, north, east in quarters:
            for name in (slug, own_name, *aliases):
                by_id[city_id].quarters[fold(name)] = pk
            if north is not None and east is not None:
                by_id[city_id].placed.append((float(north), float(east), pk))
        self._known = list(by_id.values())
        self.countries = frozenset(Region.objects.values_list("country_id", flat=True))
        self.cities_by_id = {str(pk): city for pk, city in by_id.items()}
        self.cities_of_quarters = {str(pk): city for city in self._known for pk in city.quarters.values()}
        # Regions by any of their names, departments likewise, each as slugs.
        self.regions, self.departments = _slugs_by_name(Region), _slugs_by_name(Department)

    def _read_categories(self, osm_categories: dict[str, str]) -> None:
        categories = Category.objects.order_by("parent_id").values_list("pk", "parent_id", "slug", "name_fr", "name_en", "aliases")
        ids: dict[str, uuid.UUID] = {}
        parents: dict[str, str] = {}
        for pk, parent_id, slug, name_fr, name_en, aliases in categories:
            ids[slug], parents[str(pk)] = pk, str(parent_id)
            for name in (*aliases, name_fr, name_en, slug):
                self._categories[fold(name)] = pk
        for raw, slug in osm_categories.items():
            if slug in ids:
                self._categories[raw.casefold()] = ids[slug]
                self._categories.setdefault(fold(raw), ids[slug])
        self.category_depths = {pk: _depth(pk, parents) for pk in parents}
        self.category_slugs = {str(pk): slug for slug, pk in ids.items()}
        if "autres" not in ids:
            raise ReferenceMissing
        self.other_category = ids["autres"]

    def city(self, name: str, region: str = "") -> KnownCity | None:
        """The town of this name, slug or alias; of several the one in that region, else the largest.

        :param region: slug of a region, or "" when it is not known.
        """
        if not name:
            return None
        folded = fold(name)
        found = self._cities.get(folded)
        if found is None or not region or found.region == region:
            return found
        return self._homonyms[folded].get(region, found)

    def city_alike(self, name: str) -> KnownCity | None:
        """The town whose name differs by one letter (more, less, another or swapped), when there is only one. Not for short names."""
        folded = fold(name)
        if len(folded) < ALIKE_MIN_LENGTH:
            return None
        found = {city.id: city for known, city in self._cities.items() if known[0] == folded[0] and _differ_by_one(folded, known)}
        return next(iter(found.values())) if len(found) == 1 else None

    def quarter(self, city: KnownCity, name: str) -> uuid.UUID | None:
        """The quarter of this name in that town."""
        return city.quarters.get(fold(name)) if name else None

    def category(self, raw: str) -> uuid.UUID | None:
        """The category that a source's own word or tag means; `;` separates alternatives, first known wins."""
        for part in (raw, *raw.split(";")):
            found = self._categories.get(part.strip().casefold()) or self._categories.get(fold(part))
            if found:
                return found
        return None

    def _nearest_city(self, latitude: float, longitude: float) -> KnownCity | None:
        best, best_km = None, NEAREST_CITY_MAX_KM
        shrink = math.cos(math.radians(latitude))
        for city in self._known:
            km = math.hypot(city.latitude - latitude, (city.longitude - longitude) * shrink) * _DEGREE_KM
            if km < best_km:
                best, best_km = city, km
        return best

    def city_near(self, latitude: float, longitude: float) -> KnownCity | None:
        """The nearest town within `NEAREST_CITY_MAX_KM` kilometres; positions are compared to about 1 km."""
        return self.nearest_city(round(latitude, 2), round(longitude, 2))
