"""allauth's way out: its mails and texts are messages of our registry, its users are made by our services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import translation

from apps.accounts.addresses import clean_email
from apps.accounts.models import User
from apps.accounts.origins import device_of, network_of
from apps.accounts.services.signin import note_failed_login
from apps.core.client_address import client_ip
from apps.core.clock import now
from apps.core.ids import uuid7
from apps.notifications.messages import MESSAGES
from apps.notifications.services import notifying, sending

# What allauth calls a mail, where our registry has another name for it.
_NAMES = {
    "email_confirmation_signup": "email_confirmation",
    "password_reset_key": "password_reset",
    "password_reset": "password_reset_done",
    "password_set": "password_changed",
}


class AccountAdapter(DefaultAccountAdapter):
    """Named in `ACCOUNT_ADAPTER`."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail of allauth. Links that open something go straight to the port; the rest waits in the delivery table."""
        allauth_name = template_prefix.rsplit("/", 1)[-1]
        message = MESSAGES[_NAMES.get(allauth_name, allauth_name)]
        user = context.get("user") or User.objects.filter(email=email).first()
        language = user.language if user else translation.get_language() or "fr"
        values = {name: context[name] for name in message.sample if name in context}
        user_id = user.pk if user else None
        if message.is_secret:
            values["is_signup"] = allauth_name.endswith("_signup")
            sending.send_secret(message.name, to=email, language=language, context=values, user_id=user_id, at=now())
            return
        if isinstance(context.get("timestamp"), dt.datetime):
            values |= {
                "when": context["timestamp"].isoformat(),
                "device": device_of(str(context.get("user_agent", ""))),
                "network": network_of(str(context.get("ip", ""))),
            }
        if user is not None and email.lower() == user.email.lower() and set(message.sample) <= set(values):
            # allauth names no event: each of its calls is one.
            notifying.notify(message.name, user=user, context=values, dedup_key=f"allauth:{uuid7()}", at=now())
            return
        values["name"] = user.name if user else ""
        sending.send_message(message.name, to=email, language=language, context=values, user_id=user_id, at=now())

    def send_verification_code_sms(self, user: User, phone: str, code: str, **_: object) -> None:
        """Text a code; raises nothing: whoever waits for it asks again."""
        sending.send_secret("phone_code", to=phone, language=user.language, context={"code": code}, user_id=user.pk, at=now())

    def add_message(self, request: HttpRequest, *arguments: Any, **options: Any) -> None:
        """Tell something on the next page; a call of the API has none."""
        if hasattr(request, "_messages"):
            super().add_message(request, *arguments, **options)

    def clean_email(self, email: str) -> str:
        """Refuse addresses that look like another one or hold what no address holds. :raises ValidationError: as it says."""
        return clean_email(email)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that our proxies vouch for."""
        return client_ip(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Remember a wrong password for the owner of the address, whether or not there is one."""
        note_failed_login(email=str(credentials.get("email", "")), request=request)
