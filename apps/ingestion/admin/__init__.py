"""The admin of ingestion, one concept a module."""

from apps.ingestion.admin import batches, pairs, proposals, records, sources, uploads, words

__all__ = ["batches", "pairs", "proposals", "records", "sources", "uploads", "words"]
