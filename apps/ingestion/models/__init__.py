"""Tables of ingestion, one concept a module."""

from apps.ingestion.models.batches import Batch, BatchItem, BatchLine, BatchRun
from apps.ingestion.models.duplicates import ComparedEntry, Merge, Pair
from apps.ingestion.models.match_keys import MatchKey
from apps.ingestion.models.pages import FetchedPage, RobotsSnapshot
from apps.ingestion.models.proposals import Proposal
from apps.ingestion.models.records import CategoryWord, FormerRecord, RawRecord
from apps.ingestion.models.sources import Source, SourceKey
from apps.ingestion.models.uploads import Upload

__all__ = [
    "Batch",
    "BatchItem",
    "BatchLine",
    "BatchRun",
    "CategoryWord",
    "ComparedEntry",
    "FetchedPage",
    "FormerRecord",
    "MatchKey",
    "Merge",
    "Pair",
    "Proposal",
    "RawRecord",
    "RobotsSnapshot",
    "Source",
    "SourceKey",
    "Upload",
]
