"""Rebuild the derived reference files from free source data and our own lists of names.

    python scripts/build_reference.py --data ../shared/data

Names, aliases and choices are ours, in `scripts/reference_names/*.csv`. From the data come: positions and populations of
towns and quarters (GeoNames, CC BY 4.0), outlines of regions and departments (Who's On First), names of kinds of places
in both languages (iD tagging schema, ISC). `NOTICE` gives sources, licences and dates. Files written by hand
(`categories.json`, `holidays.json`) are not touched.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NAMES = ROOT / "scripts" / "reference_names"
REFERENCE = ROOT / "apps" / "catalog" / "reference"
MAP = ROOT / "static" / "geo" / "cameroun-regions.json"
OUTLINES = ROOT / "apps" / "ingestion" / "reference" / "department_outlines.json"

# Degrees. About 1 km: small enough for a country map 600 pixels high, large enough for 35 kB.
MAP_TOLERANCE = 0.0085
# Degrees. About 400 m, twice what the source was simplified to.
OUTLINE_TOLERANCE = 0.004
# Degrees. A town on the border or the shore may lie just outside its simplified polygon.
BORDER_SLACK = 0.1

# The category of what has none; a source's own name for such a thing would say nothing.
OTHER = "autres"
# Names of other kinds of things are too general: "Eau", "Ligne".
NAMED_KEYS = ("amenity=", "craft=", "healthcare=", "leisure=", "office=", "shop=", "tourism=")

Row = dict[str, str]
Point = tuple[float, float]
Ring = list[Point]


def fold(text: str) -> str:
    """The text without accents, with straight apostrophes."""
    decomposed = unicodedata.normalize("NFD", text.replace("’", "'"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def slugify(text: str) -> str:
    """Lower case ASCII words joined by hyphens; an apostrophe joins its neighbours."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text).replace("'", "").lower()).strip("-")


def spellings(names: Iterable[str], known: Iterable[str] = ()) -> list[str]:
    """Every name and its form without accents, once each, without those of `known`."""
    found = dict.fromkeys(spelling for name in [*known, *names] if name for spelling in (name, fold(name)))
    return [name for name in found if name not in set(known)]


def names(file: str) -> list[Row]:
    """Our own list of that name."""
    with (NAMES / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def aliases_of(row: Row) -> list[str]:
    """The aliases of a row of our lists, with their forms without accents."""
    return spellings(row["aliases"].split(";"), known=[row[key] for key in ("name_fr", "name_en", "name") if key in row])


def features(path: Path) -> list[dict[str, Any]]:
    """The features of a compressed GeoJSON file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        collection: dict[str, Any] = json.load(stream)
    return list(collection["features"])


def rings_of(feature: dict[str, Any]) -> list[Ring]:
    """All rings of a polygon or multipolygon, as (longitude, latitude) points."""
    geometry = feature["geometry"]
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[(point[0], point[1]) for point in ring] for polygon in polygons for ring in polygon]


def contains(rings: list[Ring], longitude: float, latitude: float) -> bool:
    """Even-odd rule over all rings, so that holes count as outside."""
    inside = False
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (y1 > latitude) != (y2 > latitude) and longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1:
                inside = not inside
    return inside


def department_at(departments: dict[str, list[Ring]], longitude: float, latitude: float) -> str:
    """The slug of the department of a position, or of the nearest one within `BORDER_SLACK`.

    :raises LookupError: the position is nowhere near the country.
    """
    for slug, rings in departments.items():
        if contains(rings, longitude, latitude):
            return slug
    corners = ((slug, corner) for slug, rings in departments.items() for ring in rings for corner in ring)
    nearest = min(((x - longitude) ** 2 + (y - latitude) ** 2, slug) for slug, (x, y) in corners)
    if nearest[0] > BORDER_SLACK**2:
        raise LookupError(f"no department at {latitude}, {longitude}")
    return nearest[1]


def build_regions(data: Path) -> list[dict[str, Any]]:
    """The ten regions with the label point of their polygon."""
    points = {feature["properties"]["code"]: feature["properties"] for feature in features(data / "geo/cm_regions.geojson.gz")}
    return [
        {
            "slug": row["slug"],
            "code": row["code"],
            "name_fr": row["name_fr"],
            "name_en": row["name_en"],
            "aliases": aliases_of(row),
            "lat": points[row["code"]]["lat"],
            "lng": points[row["code"]]["lon"],
            "capital": row["capital"],
        }
        for row in names("regions.csv")
    ]


def build_departments() -> list[dict[str, Any]]:
    """The 58 departments, all from our list."""
    return [
        {
            "slug": row["slug"],
            "region": row["region"],
            "name_fr": row["name_fr"],
            "name_en": row["name_en"],
            "aliases": aliases_of(row),
            "capital": row["capital"],
        }
        for row in names("departments.csv")
    ]


def build_cities(data: Path, gazetteer: dict[str, Row]) -> list[dict[str, Any]]:
    """Towns at their GeoNames position, with the department whose polygon holds it.

    A department or a population in our list corrects one that the data has wrong; population 0 means unknown there.
    """
    departments = {
        slugify(feature["properties"]["nom"]): rings_of(feature) for feature in features(data / "geo/cm_departements.geojson.gz")
    }
    regions = {row["slug"]: row["region"] for row in names("departments.csv")}
    cities = []
    for row in names("cities.csv"):
        place = gazetteer[row["geonameid"]]
        latitude, longitude = float(place["lat"]), float(place["lon"])
        department = row["department"] or department_at(departments, longitude, latitude)
        cities.append(
            {
                "slug": row["slug"],
                "region": regions[department],
                "department": department,
                "name_fr": row["name_fr"],
                "name_en": row["name_en"],
                "aliases": aliases_of(row),
                "lat": latitude,
                "lng": longitude,
                "population": int(row["population"] or place["population"] or 0) or None,
            }
        )
    return sorted(cities, key=lambda city: str(city["slug"]))


def build_quarters(gazetteer: dict[str, Row]) -> list[dict[str, Any]]:
    """Quarters from our list, with a position only where GeoNames has the place."""
    quarters = []
    for row in names("quarters.csv"):
        place = gazetteer[row["geonameid"]] if row["geonameid"] else None
        quarters.append(
            {
                "slug": slugify(row["name"]),
                "city": row["city"],
                "name": row["name"],
                "aliases": aliases_of(row),
                "lat": float(place["lat"]) if place else None,
                "lng": float(place["lon"]) if place else None,
            }
        )
    return sorted(quarters, key=lambda quarter: (str(quarter["city"]), str(quarter["slug"])))


def build_raw_categories(data: Path) -> dict[str, str]:
    """Category of each raw word or tag: our list first, then the names that iD gives our tags in French and English."""
    mapping: dict[str, str] = {}
    for row in names("raw_categories.csv"):
        for value in row["values"].split(";"):
            raw = f"{row['key'].lower()}={value.lower()}" if row["key"] else value.lower()
            if mapping.setdefault(raw, row["category"]) != row["category"]:
                raise ValueError(f"{raw} is both {mapping[raw]} and {row['category']}")
    with gzip.open(data / "taxonomy/osm_presets_fr_en.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        presets = list(csv.DictReader(stream))
    known = dict(mapping)
    for preset in presets:
        if preset["tags"].startswith(NAMED_KEYS) and known.get(preset["tags"], OTHER) != OTHER:
            for name in (preset["name_fr"], preset["name_en"]):
                if name:
                    mapping.setdefault(name.lower(), known[preset["tags"]])
    # Sources write both apostrophes.
    typographic = {raw.replace("'", "’"): slug for raw, slug in mapping.items()}
    return dict(sorted((mapping | typographic).items()))


def simplify(line: Ring, tolerance: float) -> Ring:
    """Douglas and Peucker: keep the ends and what strays more than `tolerance` from the chord between them."""
    if len(line) < 3:
        return line
    (x1, y1), (x2, y2) = line[0], line[-1]
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5

    def distance(point: Point) -> float:
        x, y = point
        if length == 0:
            return float(((x - x1) ** 2 + (y - y1) ** 2) ** 0.5)
        return float(abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length)

    farthest = max(range(1, len(line) - 1), key=lambda index: distance(line[index]))
    if distance(line[farthest]) <= tolerance:
        return [line[0], line[-1]]
    return simplify(line[: farthest + 1], tolerance)[:-1] + simplify(line[farthest:], tolerance)


def arcs_of(ring: Ring, owners: dict[Point, frozenset[str]]) -> list[Ring]:
    """Cut a ring where the set of polygons that share its points changes, so that neighbours are simplified alike."""
    points = ring[:-1]
    cuts = [index for index, point in enumerate(points) if owners[point] != owners[points[index - 1]]]
    if not cuts:
        return [ring]
    points = points[cuts[0] :] + points[: cuts[0]]
    starts = [index - cuts[0] for index in cuts]
    ends = [*starts[1:], len(points)]
    closed = [*points, points[0]]
    return [closed[start : end + 1] for start, end in zip(starts, ends, strict=True)]


def build_map(data: Path) -> dict[str, Any]:
    """The outline of the regions, light enough for a page: GeoJSON with `slug`, `name_fr`, `name_en`."""
    by_code = {row["code"]: row for row in names("regions.csv")}
    shapes = {by_code[shape["properties"]["code"]]["slug"]: rings_of(shape) for shape in features(data / "geo/cm_regions.geojson.gz")}
    rows = {row["slug"]: row for row in by_code.values()}
    collection = [
        {
            "type": "Feature",
            "properties": {"slug": slug, "name_fr": rows[slug]["name_fr"], "name_en": rows[slug]["name_en"]},
            "geometry": {"type": "Polygon", "coordinates": rings},
        }
        for slug, rings in sorted(thinned(shapes, MAP_TOLERANCE).items())
    ]
    return {"type": "FeatureCollection", "features": collection}


def build_outlines(data: Path) -> dict[str, list[list[float]]]:
    """The rings of each department by its slug, each ring as longitude, latitude, longitude, … with its first point repeated."""
    shapes = {slugify(shape["properties"]["nom"]): rings_of(shape) for shape in features(data / "geo/cm_departements.geojson.gz")}
    unknown = set(shapes) ^ {row["slug"] for row in names("departments.csv")}
    if unknown:
        raise ValueError(f"departments of only one list: {sorted(unknown)}")
    thin = thinned(shapes, OUTLINE_TOLERANCE)
    return {slug: [[number for point in ring for number in point] for ring in rings] for slug, rings in sorted(thin.items())}


def thinned(shapes: dict[str, list[Ring]], tolerance: float) -> dict[str, list[Ring]]:
    """The rings of neighbouring polygons with fewer points, the same on both sides of a common line, rounded to about 100 m."""
    sharing: dict[Point, set[str]] = {}
    for slug, rings in shapes.items():
        for ring in rings:
            for point in ring:
                sharing.setdefault(point, set()).add(slug)
    owners = {point: frozenset(slugs) for point, slugs in sharing.items()}
    found: dict[str, list[Ring]] = {}
    for slug, rings in shapes.items():
        for ring in rings:
            outline: Ring = []
            for arc in arcs_of(ring, owners):
                # Both neighbours must cut the same line in the same direction to get the same points.
                forward = arc[0] <= arc[-1]
                thin = simplify(arc if forward else arc[::-1], tolerance)
                outline += thin if forward else thin[::-1]
            rounded = [(round(x, 3), round(y, 3)) for x, y in outline]
            kept = [point for index, point in enumerate(rounded) if index == 0 or point != rounded[index - 1]]
            found.setdefault(slug, []).append(kept)
    return found


def write(file: str, rows: object) -> None:
    """Write one reference file, one value a line."""
    (REFERENCE / file).write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Read the sources below `--data` and write every derived file."""
    parser = argparse.ArgumentParser(description="Rebuild the derived reference files.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds geo/ and taxonomy/")
    data: Path = parser.parse_args().data
    with gzip.open(data / "geo/cm_geonames.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        gazetteer = {row["geonameid"]: row for row in csv.DictReader(stream)}
    write("regions.json", build_regions(data))
    write("departments.json", build_departments())
    write("cities.json", build_cities(data, gazetteer))
    write("quarters.json", build_quarters(gazetteer))
    write("osm_categories.json", build_raw_categories(data))
    MAP.parent.mkdir(parents=True, exist_ok=True)
    MAP.write_text(json.dumps(build_map(data), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    OUTLINES.parent.mkdir(parents=True, exist_ok=True)
    OUTLINES.write_text(json.dumps(build_outlines(data), separators=(",", ":")).replace("]],", "]],\n") + "\n", encoding="utf-8")
    sys.stdout.write(f"map={MAP.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
