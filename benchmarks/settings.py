"""Our local settings for benchmarks: one address makes all the calls, so that no limit may answer in the product's place."""

from __future__ import annotations

from ecosysteme.settings.local import *  # noqa: F403  a settings module extends the one below it

# The limiter still counts every call: its cost is part of the figures.
ANONYMOUS_HOURLY_RATE = 1_000_000_000
ANONYMOUS_BURST = KEY_BURST = 1_000_000
