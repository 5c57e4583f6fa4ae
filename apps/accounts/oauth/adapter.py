"""What allauth's provider asks us: how tokens are stored, who a subject is, what it says of itself and of people."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from allauth.account.models import EmailAddress
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client
from django.conf import settings

from apps.accounts.choices import OpenIdScope, Scope
from apps.accounts.keys import hash_key
from apps.accounts.models import User
from apps.accounts.selectors.applications import application_of_client

_ABSENT = ("device_authorization_endpoint", "introspection_endpoint", "registration_endpoint")


class OidcAdapter(DefaultOIDCAdapter):
    """Named in `IDP_OIDC_ADAPTER`."""

    scope_display: ClassVar[dict[str, Any]] = {str(value): label for value, label in [*OpenIdScope.choices, *Scope.choices]}

    def hash_token(self, token: str) -> str:
        """Tokens are stored as keys are: who reads the table can neither use nor guess them."""
        return hash_key(token)

    def get_issuer(self) -> str:
        """The address people know the site by, whatever name a request came under."""
        return str(settings.SITE_URL)

    def get_user_sub(self, client: Client, user: User) -> str:  # noqa: ARG002  allauth's signature
        """The same id as in the API."""
        return str(user.pk)

    def get_user_by_sub(self, client: Client, sub: str) -> User | None:
        """The user of a code, while this application may act for him."""
        try:
            user = User.objects.filter(pk=uuid.UUID(sub)).first()
        except ValueError:
            return None
        application = application_of_client(client.pk)
        return user if user is not None and application is not None and application.may_act_for(user) else None

    def get_claims(
        self,
        purpose: Literal["id_token", "userinfo"],  # noqa: ARG002  allauth's signature
        user: User,
        client: Client,
        scopes: Iterable[str],
        email: str | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        """What the scopes let an application know of a person. `email` is the address that he chose for it."""
        granted = set(scopes)
        claims: dict[str, Any] = {"sub": self.get_user_sub(client, user)}
        if OpenIdScope.PROFILE in granted:
            claims |= {"name": user.name, "locale": user.language, "updated_at": int(user.updated_at.timestamp())}
        if OpenIdScope.EMAIL in granted:
            address = EmailAddress.objects.filter(user=user, email__iexact=email or user.email).first()
            claims |= {"email": address.email if address else user.email, "email_verified": bool(address and address.verified)}
        return claims

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        """The discovery document says what there is, and no more."""
        for name in _ABSENT:
            data.pop(name, None)
        data |= {
            "scopes_supported": [*OpenIdScope.values, *Scope.values],
            "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "revocation_endpoint_auth_methods_supported": data["token_endpoint_auth_methods_supported"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "name", "locale", "updated_at", "email", "email_verified"],
            "prompt_values_supported": ["none", "login", "consent"],
            "ui_locales_supported": [code for code, _name in settings.LANGUAGES],
        }
