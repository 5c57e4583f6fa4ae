"""The admin of ingestion, one concept a module."""

from apps.ingestion.admin import sources

__all__ = ["sources"]
