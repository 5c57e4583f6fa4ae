"""Reads of search: questions and their answers. What judges is here, once for both engines."""

from apps.search.selectors.cards import FoundCards, count_matches, find_cards

__all__ = ["FoundCards", "count_matches", "find_cards"]
