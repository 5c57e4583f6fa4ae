"""Make static/geo/cameroon.svg, the sheet of the server-drawn maps, from the outlines in static/geo/cameroun-regions.json.

    python scripts/build_geo.py

The result is committed, beside its source. The sheet is in Web Mercator, in the units of apps/web/maps.py; each region is a
path with its slug as id, all of them are the group `country`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the script is run by its path

from apps.core.mercator import project  # noqa: E402
from apps.web.maps import SHEET_HEIGHT, SHEET_WIDTH, sheet  # noqa: E402

SOURCE = ROOT / "static" / "geo" / "cameroun-regions.json"
TARGET = ROOT / "static" / "geo" / "cameroon.svg"

Ring = list[list[float]]


def main() -> None:
    """Write the sheet."""
    TARGET.write_text(drawn_sheet(json.loads(SOURCE.read_text(encoding="utf-8"))), encoding="utf-8")


def drawn_sheet(collection: dict[str, Any]) -> str:
    """The SVG of a GeoJSON whose features are regions with a slug."""
    paths = []
    for feature in collection["features"]:
        path = "".join(svg_ring(ring) for ring in outer_rings(feature["geometry"]))
        paths.append(f'<path id="{feature["properties"]["slug"]}" transform="scale(.1)" vector-effect="non-scaling-stroke" d="{path}"/>')
    box = f"0 0 {SHEET_WIDTH} {SHEET_HEIGHT}"
    # The colours are for who shows the sheet as a picture; maps refer to its parts and have their own.
    colours = 'fill="#d3e0d8" stroke="#7d938a"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {colours}><g id="country">{"".join(paths)}</g></svg>\n'


def outer_rings(geometry: dict[str, Any]) -> list[Ring]:
    """The outlines of a Polygon or MultiPolygon; regions have no holes."""
    coordinates = geometry["coordinates"]
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    return [polygon[0] for polygon in polygons]


def svg_ring(ring: Ring) -> str:
    """One closed path in tenths of a unit, about 230 m, with relative steps; steps of zero length are left out."""
    places = [tuple(round(value * 10) for value in sheet(*project(lat, lng))) for lng, lat in ring]
    x, y = places[0]
    path = f"M{x} {y}l"
    steps = []
    for to_x, to_y in places[1:-1]:
        if (to_x, to_y) != (x, y):
            steps.append(f"{to_x - x} {to_y - y}")
        x, y = to_x, to_y
    return path + " ".join(steps).replace(" -", "-") + "z"


if __name__ == "__main__":
    main()
