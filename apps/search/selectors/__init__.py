"""Reads of search: questions and their answers. What judges is here, once for both engines."""

from apps.search.selectors.cursors import CursorExpired
from apps.search.selectors.live import nearby, search, suggest

__all__ = ["CursorExpired", "nearby", "search", "suggest"]
