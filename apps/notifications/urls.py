"""Addresses that providers of messages call."""

from __future__ import annotations

from django.urls import path

from apps.notifications import views

app_name = "notifications"
urlpatterns = [
    path("mail/provider/<slug:name>", views.mail_provider, name="mail_provider_notices"),
    path("mail/<str:token>", views.mail, name="mail_receipts"),
    path("whatsapp", views.whatsapp, name="whatsapp_receipts"),
    path("sms/<str:token>", views.sms, name="sms_receipts"),
]
