"""Finds places and categories by the names people and sources give them. Loaded once per import or request."""

from __future__ import annotations

import functools
import math
import unicodedata
import uuid
from dataclasses import dataclass, field

from django.db.models import F

from apps.catalog.models import Category, City, Quarter

# A source that gives only a position gets the town whose centre is this near.
NEAREST_CITY_MAX_KM = 12.0
_DEGREE_KM = 111.2


def fold(text: str) -> str:
    """Lower case, no accents, apostrophes and hyphens as spaces: the form in which names are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(letters.split())


@dataclass(frozen=True, slots=True)
class KnownCity:
    """A town with what an import needs of it."""

    id: uuid.UUID
    slug: str
    latitude: float
    longitude: float
    quarters: dict[str, uuid.UUID] = field(default_factory=dict, compare=False, hash=False)


class Gazetteer:
    """Names of towns, quarters and categories, folded."""

    def __init__(self, osm_categories: dict[str, str]) -> None:
        """:param osm_categories: raw category text or `key=value` tag → category slug."""
        self._cities: dict[str, KnownCity] = {}
        by_id: dict[uuid.UUID, KnownCity] = {}
        # Where towns share a name the largest wins: it comes last.
        for city in City.objects.order_by(F("population").asc(nulls_first=True)):
            known = KnownCity(city.pk, city.slug, float(city.latitude), float(city.longitude))
            by_id[city.pk] = known
            for name in (city.slug, city.name_fr, city.name_en, *city.aliases):
                self._cities[fold(name)] = known
        for quarter in Quarter.objects.all():
            for name in (quarter.slug, quarter.name, *quarter.aliases):
                by_id[quarter.city_id].quarters[fold(name)] = quarter.pk
        self._known = list(by_id.values())
        self._categories: dict[str, uuid.UUID] = {}
        slugs = {category.slug: category for category in Category.objects.order_by("parent_id")}
        for category in slugs.values():
            for name in (*category.aliases, category.name_fr, category.name_en, category.slug):
                self._categories[fold(name)] = category.pk
        for raw, slug in osm_categories.items():
            if slug in slugs:
                self._categories[raw.casefold()] = slugs[slug].pk
                self._categories.setdefault(fold(raw), slugs[slug].pk)
        self.other_category = slugs["autres"].pk
        self.nearest_city = functools.lru_cache(maxsize=65536)(self._nearest_city)

    def city(self, name: str) -> KnownCity | None:
        """The town of this name, slug or alias."""
        return self._cities.get(fold(name)) if name else None

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
