"""Webhooks: endpoints, what is recorded for them, how it is sent. See docs/decisions/0014."""
