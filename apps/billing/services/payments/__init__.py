"""Payments: begun by a request, carried on by workers, ended by operators' answers alone."""

from apps.billing.services.payments.advance import advance, hasten
from apps.billing.services.payments.reconcile import reconcile
from apps.billing.services.payments.start import start

__all__ = ["advance", "hasten", "reconcile", "start"]
