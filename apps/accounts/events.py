"""What accounts tell the parts above them. Payloads hold ids and plain values, never a secret."""

from __future__ import annotations

from apps.core.events import Event

# A row of SecurityEvent was written: event_id, user_id, kind. Key: the user.
security_event_recorded = Event("accounts.security_event_recorded")
# A share of the month’s quota is used: user_id, percent (50, 80, 100), used, quota, month (ISO), forecast (ISO or None). Key: the user.
quota_reached = Event("accounts.quota_reached")
# Somebody asked for an archive of his own data: export_id. Key: the user. A worker makes it.
data_export_requested = Event("accounts.data_export_requested")
# The archive of somebody's own data can be downloaded: export_id, user_id. Key: the user.
data_export_ready = Event("accounts.data_export_ready")
# An account asked to be deleted: user_id, due_at (ISO). Key: the user.
deletion_requested = Event("accounts.deletion_requested")
# An account's personal data is gone: user_id, and email and language for a last message. Key: the user. The catalogue detaches its entries.
account_deleted = Event("accounts.account_deleted")
# Rights were written by `set_entitlements`: user_id. Key: the user.
entitlements_changed = Event("accounts.entitlements_changed")
# Staff decided on a partner’s application: application_id, user_id (the owner), state, note, reviewed_at (ISO). Key: the user.
application_reviewed = Event("accounts.application_reviewed")
