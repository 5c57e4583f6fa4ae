"""Writes of search."""

from apps.search.services.demand import count_click, count_search
from apps.search.services.indexing import index_category, index_resources
from apps.search.services.statistics import is_stale, refresh_statistics
from apps.search.services.synonyms import (
    discard_drafts,
    load_synonyms,
    publish_groups,
    save_group,
    undo_publication,
    withdraw_groups,
)
from apps.search.services.upkeep import is_index_stale, rebuild_index, repair_drift

__all__ = [
    "count_click",
    "count_search",
    "discard_drafts",
    "index_category",
    "index_resources",
    "is_index_stale",
    "is_stale",
    "load_synonyms",
    "publish_groups",
    "rebuild_index",
    "refresh_statistics",
    "repair_drift",
    "save_group",
    "undo_publication",
    "withdraw_groups",
]
