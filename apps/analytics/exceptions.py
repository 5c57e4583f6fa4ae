"""Refusals of analytics."""

from __future__ import annotations


class StreamAway(Exception):
    """Redis does not take or give events now."""
