"""Words that ingestion writes where others read them."""

from __future__ import annotations

# Notes of moderation decisions that no person made: the last source that spoke of an entry was withdrawn, or one speaks of it again.
WITHDRAWN_NOTE, RETURNED_NOTE = "source_withdrawn", "source_returned"
