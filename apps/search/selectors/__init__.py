"""Reads of search: questions and their answers. What judges is here, once for both engines."""

from apps.search.selectors.cursors import CursorExpired
from apps.search.selectors.live import locate, nearby, search, suggest
from apps.search.selectors.locations import Location

__all__ = ["CursorExpired", "Location", "locate", "nearby", "search", "suggest"]
