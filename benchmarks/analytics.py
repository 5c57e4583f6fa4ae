"""Analytics: each part is a module with `outcomes(scale)`, in one table of results."""

from __future__ import annotations

import importlib

from benchmarks import runner

PARTS = ("analytics_track", "analytics_dashboard")


def run(scale: int) -> bool:
    """Every part, then the report; False when a goal fails."""
    found = [outcome for part in PARTS for outcome in importlib.import_module(f"benchmarks.{part}").outcomes(scale)]
    return runner.report("analytics", scale, found)
