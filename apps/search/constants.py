"""Bounds that the database and the code share."""

from __future__ import annotations

# A phrase of a group gets all the others as synonyms, and each makes every question with it dearer.
GROUP_MIN, GROUP_MAX = 2, 12
PHRASE_LENGTH_MAX = 60
# As many people must search the same words on one day before the words are written down, and ask in one place before it is shown.
SHARED_FROM = 5
