"""Endpoints of billing."""

from __future__ import annotations

from django.urls import path

from apps.billing.api import invoices, payments, plans, webhooks

urlpatterns = [
    path("payments/invoices", invoices.InvoiceListView.as_view(), name="invoices"),
    path("payments/invoices/<uuid:invoice_id>", invoices.InvoiceView.as_view(), name="invoice"),
    path("payments/invoices/<uuid:invoice_id>/pdf", invoices.InvoicePdfView.as_view(), name="invoice_pdf"),
    path("payments/credit-notes/<uuid:credit_note_id>/pdf", invoices.CreditNotePdfView.as_view(), name="credit_note_pdf"),
    path("payments/mobile-money", payments.MobileMoneyView.as_view(), name="mobile_money"),
    path("payments/<uuid:payment_id>", payments.PaymentView.as_view(), name="payment"),
    path("payments/plans", plans.PlansView.as_view(), name="plans"),
    path("payments/quotes", plans.QuotesView.as_view(), name="quotes"),
    path("payments/subscribe", plans.SubscribeView.as_view(), name="subscribe"),
    path("payments/subscriptions", plans.SubscriptionListView.as_view(), name="subscriptions"),
    path("payments/subscriptions/<uuid:subscription_id>/cancel", plans.CancelView.as_view(), name="cancel_subscription"),
    path("payments/subscriptions/<uuid:subscription_id>/resume", plans.ResumeView.as_view(), name="resume_subscription"),
    path("payments/webhooks", webhooks.payment_webhook, name="payment_webhook"),
    path("payments/webhooks/<str:provider>/<str:token>", webhooks.payment_webhook, name="payment_webhook"),
]
