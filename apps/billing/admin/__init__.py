"""The admin of billing, one concept a module."""

from apps.billing.admin import books, invoices

__all__ = ["books", "invoices"]
