"""People, what they may do, and what they did."""

from apps.accounts.models.applications import Application, SpentToken
from apps.accounts.models.contacts import PhoneCode
from apps.accounts.models.entitlements import AccountEntitlement, EntitlementDefault
from apps.accounts.models.exports import DataExport
from apps.accounts.models.keys import ApiKey
from apps.accounts.models.resets import MfaReset
from apps.accounts.models.security import SecurityEvent
from apps.accounts.models.tokens import TokenFamily
from apps.accounts.models.usage import ApiUsage, QuotaAlert, UsageFlush
from apps.accounts.models.users import User

__all__ = [
    "AccountEntitlement",
    "ApiKey",
    "ApiUsage",
    "Application",
    "DataExport",
    "EntitlementDefault",
    "MfaReset",
    "PhoneCode",
    "QuotaAlert",
    "SecurityEvent",
    "SpentToken",
    "TokenFamily",
    "UsageFlush",
    "User",
]
