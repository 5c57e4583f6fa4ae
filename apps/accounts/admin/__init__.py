"""The admin of accounts, one concept a module."""

from apps.accounts.admin import applications, entitlements, keys, people

__all__ = ["applications", "entitlements", "keys", "people"]
