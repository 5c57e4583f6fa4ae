"""The built style sheet, scripts and icons: they build, they are small, and a mistake stops the build."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import brotli
import pytest

from scripts import build_assets, build_geo

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh build in its own folder."""
    out = tmp_path_factory.mktemp("build")
    build_assets.build(out)
    return out


def packed(*parts: Path) -> int:
    """Bytes on the wire, each file in brotli as production sends it."""
    return sum(len(brotli.compress(part.read_bytes())) for part in parts)


def test_it_works(built: Path) -> None:
    assert {file.name for file in built.iterdir()} == {"app.css", "app.js", "map.js", "icons.svg"}
    assert "../fonts/hanken-400-700.woff2" in (built / "app.css").read_text(encoding="utf-8")
    assert '<symbol id="search"' in (built / "icons.svg").read_text(encoding="utf-8")


def test_weights_stay_in_their_budget(built: Path) -> None:
    assert packed(built / "app.css") <= 15_000
    # With htmx (15.3 kB) a page stays below its 20 kB; the detailed map is fetched when it is asked for.
    assert packed(built / "app.js") <= 4_000
    assert packed(built / "map.js") <= 1_100
    assert packed(built / "icons.svg") <= 6_000
    assert packed(ROOT / "static/geo/cameroon.svg") <= 4_500
    assert sum(file.stat().st_size for file in (ROOT / "static/fonts").glob("*.woff2")) <= 36_000


def test_the_button_of_the_detailed_map_says_its_weight(built: Path) -> None:
    """Leaflet, its style sheet, our script and the outlines."""
    folder = Path(str(files("leaflet"))) / "static" / "leaflet"
    weight = packed(folder / "leaflet.js", folder / "leaflet.css", built / "map.js", ROOT / "static/geo/cameroun-regions.json")
    assert f"Carte détaillée, {math.ceil(weight / 1000)}\u00a0Ko" in (ROOT / "templates/components/map_note.html").read_text(
        encoding="utf-8"
    )


def test_the_two_dark_themes_are_the_same() -> None:
    css = (ROOT / "assets/css/tokens.css").read_text(encoding="utf-8")
    system, chosen = (
        re.findall(r"(--[\w-]+|color-scheme): ?([^;]+);", block)
        for block in re.findall(r':root(?::not\(\[data-theme="light"\]\)|\[data-theme="dark"\]) \{([^}]*)\}', css)
    )
    assert system == chosen
    assert len(system) > 40


def test_every_colour_in_templates_is_a_token() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        # A mail brings its styles in its elements.
        if template.name in {"500.html", "base.html"} or template.parent.name == "messages":
            continue
        assert not re.search(r"#[0-9A-Fa-f]{6}\b", template.read_text(encoding="utf-8")), template


def test_an_icon_that_does_not_exist_stops_the_build() -> None:
    with pytest.raises(build_assets.AssetError, match=r"'pas-une-icone' in templates/x\.html"):
        build_assets.check_icons({"pas-une-icone": "templates/x.html", "search": "templates/y.html"})


def test_icons_are_found_in_every_way_of_naming_them(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    page = """{% icon "phone" %}{% icon 'mail' "mr-2" %}{% include "x" with icon="globe" only %}{% firstof icon "search-x" as n %}"""
    (tmp_path / "templates" / "page.html").write_text(page, encoding="utf-8")
    assert {"phone", "mail", "globe"} <= set(build_assets.named_icons(tmp_path))


def test_the_script_is_smaller_and_still_a_program(built: Path) -> None:
    source = (ROOT / "assets/js/app.js").read_text(encoding="utf-8")
    script = (built / "app.js").read_text(encoding="utf-8")
    assert len(script) < len(source)
    assert "/*" not in script.replace("/* the list of the page stays */", "")


def test_the_command_builds_beside_the_sources() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "scripts/build_assets.py")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (ROOT / "static/build/app.css").stat().st_size > 20_000


def test_the_sheet_of_the_maps_is_drawn_from_the_outlines() -> None:
    source = json.loads(build_geo.SOURCE.read_text(encoding="utf-8"))
    assert build_geo.TARGET.read_text(encoding="utf-8") == build_geo.drawn_sheet(source)
    assert len(source["features"]) == 10
