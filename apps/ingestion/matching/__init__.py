"""Whether two records are one place: features, weights, reasons. Pure: nothing here reads or writes tables."""

from apps.ingestion.matching.keys import stored_and_wanted_keys, stored_keys, wanted_keys
from apps.ingestion.matching.model import Comparison, MatchReason, compare, compare_unless_different
from apps.ingestion.matching.names import kind_of_category
from apps.ingestion.matching.profiles import Profile, make_profile, other_names, profile_of_raw

__all__ = [
    "Comparison",
    "MatchReason",
    "Profile",
    "compare",
    "compare_unless_different",
    "kind_of_category",
    "make_profile",
    "other_names",
    "profile_of_raw",
    "stored_and_wanted_keys",
    "stored_keys",
    "wanted_keys",
]
