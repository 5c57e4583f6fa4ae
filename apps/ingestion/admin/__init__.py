"""The admin of ingestion, one concept a module."""

from apps.ingestion.admin import batches, proposals, records, sources, words

__all__ = ["batches", "proposals", "records", "sources", "words"]
