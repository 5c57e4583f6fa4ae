"""From a record as it was sent to what an entry may hold, one named step a module. Pure: nothing here reads or writes tables."""

from apps.ingestion.steps.areas import Areas
from apps.ingestion.steps.cleaning import RULES_VERSION, clean
from apps.ingestion.steps.context import Context
from apps.ingestion.steps.identity import content_hash
from apps.ingestion.steps.record import Cleaned, CleanRecord, Reason, Refused, Step

__all__ = ["RULES_VERSION", "Areas", "CleanRecord", "Cleaned", "Context", "Reason", "Refused", "Step", "clean", "content_hash"]
