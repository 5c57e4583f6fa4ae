"""The rows of the catalogue, one concept a module."""

from apps.catalog.models.cards import ResourceCard
from apps.catalog.models.categories import Category
from apps.catalog.models.contacts import ContactPoint
from apps.catalog.models.entitlements import ListingEntitlement
from apps.catalog.models.hours import OpeningInterval, PublicHoliday, SpecialDay
from apps.catalog.models.images import ResourceImage
from apps.catalog.models.moderation import ModerationDecision, PendingResource
from apps.catalog.models.places import City, Country, Department, Quarter, Region
from apps.catalog.models.profiles import PROFILE_MODELS, ApiProfile, BusinessProfile, DatasetProfile, ServiceProfile
from apps.catalog.models.provenance import FieldProvenance
from apps.catalog.models.resources import Resource, SlugHistory

__all__ = [
    "PROFILE_MODELS",
    "ApiProfile",
    "BusinessProfile",
    "Category",
    "City",
    "ContactPoint",
    "Country",
    "DatasetProfile",
    "Department",
    "FieldProvenance",
    "ListingEntitlement",
    "ModerationDecision",
    "OpeningInterval",
    "PendingResource",
    "PublicHoliday",
    "Quarter",
    "Region",
    "Resource",
    "ResourceCard",
    "ResourceImage",
    "ServiceProfile",
    "SlugHistory",
    "SpecialDay",
]
