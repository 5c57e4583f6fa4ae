"""Figures of listings, from the counters alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from apps.analytics.figures import Dashboard, Period


def dashboard(resource_numbers: Sequence[int], *, period: Period, at: dt.datetime) -> Dashboard:
    """Figures of these listings together, with those of the period before."""
    raise NotImplementedError
