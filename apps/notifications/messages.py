"""Every message that the product sends: the closed registry.

The words are in `templates/messages/<name>.txt`, translated as pages are. Its first line is the subject; paragraphs follow,
separated by empty lines; a paragraph `[Label](address)` is a button. The HTML of a mail is made from the same text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.notifications.choices import Channel


@dataclass(frozen=True)
class Message:
    """A kind of message. `is_secret`: holds a code or link that opens something. `sample` is shown in previews."""

    name: str
    is_secret: bool = False
    channel: Channel = Channel.EMAIL
    sample: Mapping[str, Any] = field(default_factory=dict)


_LINK = "https://ecosyste.example/fr/compte/exemple/"
_KEY = {"key_name": "Application mobile", "key_shown": "romapi_live_4fQ2…9xKa", "revoke_url": _LINK}
_WHERE = {"device": "Chrome, Android", "network": "192.0.2.0/24", "when": "2026-11-24T09:30:00+00:00"}

_PLAN = {"product": "Fiche à la une", "listing": "Chez Awa", "url": _LINK}

_ALL = (
    Message("email_confirmation", is_secret=True, sample={"activate_url": _LINK, "is_signup": True}),
    Message("account_already_exists", is_secret=True, sample={"password_reset_url": _LINK}),
    Message("password_reset", is_secret=True, sample={"password_reset_url": _LINK}),
    Message("unknown_account", is_secret=True, sample={"email": "awa@exemple.cm", "signup_url": _LINK}),
    Message("email_changed", sample={"from_email": "awa@exemple.cm", "to_email": "awa@ailleurs.cm"}),
    Message("email_deleted", sample={"deleted_email": "awa@ailleurs.cm"}),
    Message("password_changed", sample=_WHERE),
    Message("password_reset_done", sample=_WHERE),
    Message("totp_activated", sample=_WHERE),
    Message("totp_deactivated", sample=_WHERE),
    Message("recovery_codes_generated", sample=_WHERE),
    Message("webauthn_added", sample=_WHERE),
    Message("webauthn_removed", sample=_WHERE),
    Message("new_device", sample=_WHERE),
    Message("key_created", sample=_KEY | _WHERE),
    Message("key_exposed", sample=_KEY | _WHERE),
    Message("key_revoked", sample=_KEY | _WHERE),
    Message("token_reused", sample=_WHERE),
    Message("suspended", sample={"contact": "contact@ecosyste.example"}),
    Message("mfa_reset", sample=_WHERE),
    Message("quota_reached", sample={"percent": 80, "used": 800, "quota": 1000, "forecast": "2026-11-28", "url": _LINK}),
    Message("application_reviewed", sample={"application": "Agenda", "state": "refused", "note": "Le site ne répond pas.", "url": _LINK}),
    Message("export_ready", sample={"url": _LINK}),
    Message("deletion_requested", sample={"due": "2026-12-24", "url": _LINK}),
    Message("account_deleted", sample={}),
    Message("source_paused", sample={"source": "Annuaire", "reason": "Trop de refus : 12 % acceptés.", "url": _LINK}),
    Message("renewal_due", sample=_PLAN | {"days": 7, "end": "2026-12-26T09:00:00+00:00", "amount": 7500}),
    Message("past_due", sample=_PLAN | {"end": "2027-01-02T09:00:00+00:00"}),
    Message("subscription_ended", sample=_PLAN | {"is_wanted": False}),
    Message(
        "payment_succeeded",
        sample=_PLAN | {"amount": 7500, "number": "F-2026-000012", "code": "7K2M-9QXA", "late": False, "end": "2026-12-26T09:00:00+00:00"},
    ),
    Message("payment_failed", sample=_PLAN | {"amount": 7500, "why": "Le solde est insuffisant, frais compris."}),
    Message("refund_succeeded", sample=_PLAN | {"amount": 7500, "number": "F-2026-000012"}),
    Message("payment_surplus", sample=_PLAN | {"amount": 7500}),
    Message("subscription_changed", sample=_PLAN | {"why": "moved", "end": "2026-12-26T09:00:00+00:00"}),
    Message("ledger_differs", sample={"proofs": "the trial balance is zero", "url": _LINK}),
    Message("operator_alarm", sample={"operator": "MTN MoMo", "what": "silent", "detail": "", "url": _LINK}),
    Message("billing_case", sample={"kind": "Montant différent", "url": _LINK}),
    Message(
        "transfer_refused",
        sample={"reference": "VIR 77", "invoice": "PF-2026-000012", "reason": "Illisible", "contact": "contact@ecosyste.example"},
    ),
    Message("phone_code", is_secret=True, channel=Channel.SMS, sample={"code": "482915"}),
)
MESSAGES: dict[str, Message] = {message.name: message for message in _ALL}
