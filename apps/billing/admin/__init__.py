"""The admin of billing, one concept a module."""

from apps.billing.admin import books, invoices, payments, reconciliation

__all__ = ["books", "invoices", "payments", "reconciliation"]
