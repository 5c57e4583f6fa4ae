"""Named places of an OpenStreetMap extract (`.osm.pbf`), as rows of the import schema.

Data © OpenStreetMap contributors, ODbL 1.0: an operator who publishes it owes attribution and share-alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium
import osmium.filter

# In this order: the first key that an object carries is its category.
CATEGORY_KEYS = (
    "amenity", "shop", "healthcare", "tourism", "leisure", "office", "craft", "historic", "aeroway", "railway", "natural", "boundary",
)  # fmt: skip
# Tags of street furniture and the like: nobody looks them up in a directory.
IGNORED = {
    "amenity": {
        "bench",
        "parking_space",
        "waste_basket",
        "waste_disposal",
        "vending_machine",
        "drinking_water",
        "toilets",
        "shelter",
    },
    "natural": {"tree", "wood", "scrub", "grassland", "wetland", "bare_rock", "water", "coastline", "stone", "rock"},
    "railway": {"rail", "level_crossing", "switch", "signal", "crossing", "buffer_stop"},
    "aeroway": {"runway", "taxiway", "apron", "windsock", "parking_position", "holding_position"},
    "boundary": {"administrative", "postal_code", "political", "census"},
    "leisure": {"pitch", "track", "picnic_table"},
}
_PREFIX = {"n": "node", "w": "way", "r": "relation"}


def category_tag(tags: dict[str, str]) -> str | None:
    """The tag that says what the object is, as `key=value`; None for what a directory does not list."""
    for key in CATEGORY_KEYS:
        value = tags.get(key)
        if value and value not in {"no", "yes"} and value not in IGNORED.get(key, set()):
            return f"{key}={value}"
    return None


def read_osm(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Named nodes and closed ways, numbered; a way stands at the middle of its bounding box.

    Memory grows with the number of nodes of the extract (about 16 bytes each), not with its text.

    :raises RuntimeError: the file is not an OSM extract (from the library, with its words).
    """
    reader = (
        osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY)
        .with_locations()
        .with_filter(osmium.filter.KeyFilter("name", "name:fr", "name:en"))
    )
    number = 0
    for item in reader:
        tags = {tag.k: tag.v for tag in item.tags}
        category = category_tag(tags)
        if category is None:
            continue
        position = _position(item)
        number += 1
        yield number, _row(f"{item.type_str()}{item.id}", tags, category, position)


def _position(item: Any) -> tuple[float, float] | None:
    if item.is_node():
        return (item.location.lat, item.location.lon) if item.location.valid() else None
    points = [(node.location.lat, node.location.lon) for node in item.nodes if node.location.valid()]
    if not points:
        return None
    latitudes, longitudes = [point[0] for point in points], [point[1] for point in points]
    return (min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2


def _row(source_id: str, tags: dict[str, str], category: str, position: tuple[float, float] | None) -> dict[str, Any]:
    street = " ".join(part for part in (tags.get("addr:housenumber"), tags.get("addr:street")) if part)
    kind, number = _PREFIX[source_id[0]], source_id[1:]
    return {
        "source": "osm",
        "source_id": source_id,
        "source_url": f"https://www.openstreetmap.org/{kind}/{number}",
        "name": tags.get("name:fr") or tags.get("name") or tags.get("name:en"),
        "description": tags.get("description:fr") or tags.get("description") or "",
        "category": category,
        "lat": position[0] if position else None,
        "lon": position[1] if position else None,
        "address": tags.get("addr:full") or street,
        "quarter": tags.get("addr:suburb") or tags.get("addr:quarter") or "",
        "city": tags.get("addr:city") or "",
        "phone": tags.get("contact:phone") or tags.get("phone") or "",
        "email": tags.get("contact:email") or tags.get("email") or "",
        "website": tags.get("contact:website") or tags.get("website") or "",
        "opening_hours": tags.get("opening_hours") or "",
        "extra": {key: tags[key] for key in ("operator", "brand", "name:en", "alt_name") if key in tags},
    }
