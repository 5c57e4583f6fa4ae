"""Tables of search."""

from apps.search.models.demand import ListingQueryDay, PlaceDemand, SearchClicks, SearchDemand, SharedQuery, SharedQueryDay, UnansweredDay
from apps.search.models.engine import (
    ResourceSearch,
    ResourceSearchDocument,
    SearchBest,
    SearchBestList,
    SearchSampleBits,
    SearchSampleColumn,
    SearchSchedule,
    SearchTerm,
    SearchWord,
)
from apps.search.models.saved import SavedSearch
from apps.search.models.synonyms import SynonymChange, SynonymGroup, SynonymPublication

__all__ = [
    "ListingQueryDay",
    "PlaceDemand",
    "ResourceSearch",
    "ResourceSearchDocument",
    "SavedSearch",
    "SearchBest",
    "SearchBestList",
    "SearchClicks",
    "SearchDemand",
    "SearchSampleBits",
    "SearchSampleColumn",
    "SearchSchedule",
    "SearchTerm",
    "SearchWord",
    "SharedQuery",
    "SharedQueryDay",
    "SynonymChange",
    "SynonymGroup",
    "SynonymPublication",
    "UnansweredDay",
]
