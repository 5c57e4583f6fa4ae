"""The admin of billing, one concept a module."""

from apps.billing.admin import books, invoices, payments, prices, reconciliation, subscriptions

__all__ = ["books", "invoices", "payments", "prices", "reconciliation", "subscriptions"]
