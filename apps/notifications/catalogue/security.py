"""Messages about who may enter an account, and about the account itself. None can be muted but those of `ACCOUNT`."""

from __future__ import annotations

from functools import partial

from apps.notifications.catalogue.kinds import LINK, WHERE, Message
from apps.notifications.choices import Category, Channel

_Secret = partial(Message, category=Category.SECURITY, is_urgent=True, is_secret=True)
_Security = partial(Message, category=Category.SECURITY, is_urgent=True)
_RECORDED = "accounts.security_event_recorded"
_ASKED = "(demande de la personne)"
_KEY = {"key_name": "Application mobile", "key_shown": "romapi_live_4fQ2…9xKa", "revoke_url": LINK} | WHERE
_REVOKE = frozenset({"revoke_url"})

SECURITY = (
    _Secret("email_confirmation", event=_ASKED, sample={"activate_url": LINK, "is_signup": True}),
    _Secret("account_already_exists", event=_ASKED, sample={"password_reset_url": LINK}),
    _Secret("password_reset", event=_ASKED, sample={"password_reset_url": LINK}),
    _Secret("unknown_account", event=_ASKED, sample={"email": "awa@exemple.cm", "signup_url": LINK}),
    _Secret("phone_code", event=_ASKED, channel=Channel.SMS, sample={"code": "482915"}),
    _Security("email_changed", event=_ASKED, sample={"from_email": "awa@exemple.cm", "to_email": "awa@ailleurs.cm"}),
    _Security("email_deleted", event=_ASKED, sample={"deleted_email": "awa@ailleurs.cm"}),
    _Security("password_changed", event=_ASKED, sample=WHERE),
    _Security("password_reset_done", event=_ASKED, sample=WHERE),
    _Security("totp_activated", event=_ASKED, sample=WHERE),
    _Security("totp_deactivated", event=_ASKED, sample=WHERE),
    _Security("recovery_codes_generated", event=_ASKED, sample=WHERE),
    _Security("webauthn_added", event=_ASKED, sample=WHERE),
    _Security("webauthn_removed", event=_ASKED, sample=WHERE),
    _Security("new_device", event=_RECORDED, sample=WHERE),
    _Security("key_created", event=_RECORDED, private=_REVOKE, sample=_KEY),
    _Security("key_exposed", event=_RECORDED, private=_REVOKE, sample=_KEY),
    _Security("key_revoked", event=_RECORDED, private=_REVOKE, sample=_KEY),
    _Security("token_reused", event=_RECORDED, sample=WHERE),
    _Security("suspended", event=_RECORDED),
    _Security("mfa_reset", event=_RECORDED, sample=WHERE),
    _Security("reinstated", event=_RECORDED, sample={"url": LINK}),
    _Security("phone_removed", event=_RECORDED, sample=WHERE),
    _Security("staff_changed", event=_RECORDED, sample=WHERE),
    _Security("application_authorised", event=_RECORDED, sample=WHERE | {"application": "Agenda", "url": LINK}),
    _Security("deletion_requested", event="accounts.deletion_requested", sample={"due": "2026-12-24", "url": LINK}),
    _Security("account_deleted", event="accounts.account_deleted", is_listed=False),
)
ACCOUNT = (Message("export_ready", Category.ACCOUNT, event="accounts.data_export_ready", sample={"url": LINK}),)
