"""How messages leave, what they cost, and when nobody is written to.

The names and how to obtain each value: README, section Configuration.
"""

from __future__ import annotations

from typing import Any

from apps.notifications.ports.mail_providers import BACKENDS, PROVIDERS
from ecosysteme import env

# smtp, console, or a provider's HTTP interface.
EMAIL_PROVIDER = env.one_of("EMAIL_PROVIDER", BACKENDS, "smtp")
EMAIL_BACKEND = BACKENDS[EMAIL_PROVIDER]
# For its system checks; it has no models, templates or pages of its own: https://anymail.dev/en/stable/installation/
MAIL_APPS = ["anymail"] if EMAIL_PROVIDER in PROVIDERS else []
# https://docs.djangoproject.com/en/5.2/ref/settings/#email-timeout
EMAIL_TIMEOUT = 10
# https://docs.djangoproject.com/en/5.2/topics/email/#smtp-backend
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
# What a provider needs: https://anymail.dev/en/stable/installation/#anymail-settings-reference
ANYMAIL: dict[str, Any] = {**env.prefixed("ANYMAIL_"), "REQUESTS_TIMEOUT": EMAIL_TIMEOUT}
# A class with `send(to=, text=)`: see apps/notifications/ports/sms.py.
SMS_BACKEND = env.text("SMS_BACKEND", "apps.notifications.ports.sms.ConsoleSms")
# What one text costs, in francs a part, with tax; WhatsApp's utility templates by Meta's list for the rest of Africa.
SMS_COST_XAF: int = env.number("SMS_COST_XAF", 25)
WHATSAPP_COST_XAF: int = env.number("WHATSAPP_COST_XAF", 3)
# Francs a day for all texts together: beyond it messages that can wait go by mail.
MESSAGES_DAILY_BUDGET_XAF: int = env.number("MESSAGES_DAILY_BUDGET_XAF", 10_000)
# A class with `send(…)`: see apps/notifications/ports/whatsapp.py.
WHATSAPP_BACKEND = env.text("WHATSAPP_BACKEND", "apps.notifications.ports.whatsapp.ConsoleWhatsApp")
# https://developers.facebook.com/docs/whatsapp/cloud-api/get-started
WHATSAPP_BASE_URL = env.text("WHATSAPP_BASE_URL", "https://graph.facebook.com/v23.0").rstrip("/")
WHATSAPP_PHONE_NUMBER_ID = env.text("WHATSAPP_PHONE_NUMBER_ID", "")
WHATSAPP_ACCESS_TOKEN = env.text("WHATSAPP_ACCESS_TOKEN", "")
# What signs the notices of Meta, and the word that it repeats when their address is declared; empty: none are taken.
WHATSAPP_APP_SECRET = env.text("WHATSAPP_APP_SECRET", "")
WHATSAPP_VERIFY_TOKEN = env.text("WHATSAPP_VERIFY_TOKEN", "")
# https://developer.orange.com/apis/sms/getting-started
ORANGE_SMS_BASE_URL = env.text("ORANGE_SMS_BASE_URL", "https://api.orange.com").rstrip("/")
ORANGE_SMS_SENDER = env.text("ORANGE_SMS_SENDER", "")
ORANGE_SMS_CREDENTIALS = env.text("ORANGE_SMS_CREDENTIALS", "")
# The last word of the address that tells of received texts; empty: none are taken.
SMS_RECEIPT_TOKEN = env.text("SMS_RECEIPT_TOKEN", "")
# The same for what a mail server learns of mails that it took: bounces and complaints.
MAIL_RECEIPT_TOKEN = env.text("MAIL_RECEIPT_TOKEN", "")
# Messages whose template Meta approved: the others go by the next channel.
WHATSAPP_APPROVED: list[str] = env.words("WHATSAPP_APPROVED", [])
# Nobody who chose nothing else is written to between these hours of Douala; empty: at any hour.
QUIET_HOURS = env.text("QUIET_HOURS", "21:00-07:00")
# Asked once a minute while beat and workers run: a monitor elsewhere tells when it stops. Empty: nobody is asked.
HEARTBEAT_URL = env.text("HEARTBEAT_URL", "")
# Messages with their codes and links stay readable in the admin: for a developer's own machine.
KEEP_MESSAGE_BODIES = False
