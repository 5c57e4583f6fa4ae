"""What each operation costs: the only table of it."""

from __future__ import annotations

# Units of the month's quota, by the name of the URL. Every call also counts once against the hourly rate, but for FREE.
DEFAULT_UNITS = 1
UNITS = {
    "me_limits": 0,
    "suggestions": 0,
    "ingest": 0,
    "ingest_businesses": 0,
    "ingest_batch": 0,
    "payment": 0,
    "report": 0,
}
# Not counted at all, so that who has used up everything can still learn it.
FREE = frozenset({"me_limits"})
# Outside the limiter: providers call the one (contracts, section 7), visitors the other, which has limits of its own (section 8).
EXEMPT = frozenset({"payment_webhook", "track"})


def units_of(operation: str) -> int:
    """Units of the quota that a call of this operation takes."""
    return UNITS.get(operation, DEFAULT_UNITS)
