"""`make bench ONLY=catalog SCALE=10000`."""

from __future__ import annotations

import argparse
import importlib
import sys

AREAS = ("access", "analytics", "billing", "catalog", "ingestion", "relevance", "search")


def main() -> None:
    """Run the areas; exit code 1 when a goal fails."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=AREAS, help="one area")
    parser.add_argument("--scale", type=int, default=10_000, help="generated resources")
    options = parser.parse_args()
    areas = [options.only] if options.only else AREAS
    results = [importlib.import_module(f"benchmarks.{area}").run(options.scale) for area in areas]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
