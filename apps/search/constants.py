"""Bounds that the database and the code share."""

from __future__ import annotations

# A phrase of a group gets all the others as synonyms, and each makes every question with it dearer.
GROUP_MIN, GROUP_MAX = 2, 12
PHRASE_LENGTH_MAX = 60
