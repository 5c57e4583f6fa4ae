"""Writes of search."""

from apps.search.services.indexing import index_category, index_resources, is_empty, rebuild

__all__ = ["index_category", "index_resources", "is_empty", "rebuild"]
