"""Tables of billing, one concept a module."""

from apps.billing.models.invoices import BuyerIdentity, CreditNote, Document, Invoice, InvoiceLine, NumberSeries, Seller
from apps.billing.models.ledger import LedgerAccount, LedgerEntry, LedgerTransaction
from apps.billing.models.payments import CallbackReceipt, Payment, PaymentEvent, ProviderCall, ProviderState, Refund
from apps.billing.models.prices import Price, ProductRight
from apps.billing.models.reconciliation import Case, Statement, StatementLine, TransferProof
from apps.billing.models.subscriptions import (
    CarriedCharge,
    Grant,
    Quote,
    Reminder,
    Subscription,
    SubscriptionChange,
    SubscriptionMove,
)

__all__ = [
    "BuyerIdentity",
    "CallbackReceipt",
    "CarriedCharge",
    "Case",
    "CreditNote",
    "Document",
    "Grant",
    "Invoice",
    "InvoiceLine",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "NumberSeries",
    "Payment",
    "PaymentEvent",
    "Price",
    "ProductRight",
    "ProviderCall",
    "ProviderState",
    "Quote",
    "Refund",
    "Reminder",
    "Seller",
    "Statement",
    "StatementLine",
    "Subscription",
    "SubscriptionChange",
    "SubscriptionMove",
    "TransferProof",
]
