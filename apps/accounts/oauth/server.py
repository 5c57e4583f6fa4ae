"""The token and revocation endpoints' rules, on top of allauth's validator."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc import app_settings
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.models import Client
from oauthlib.common import Request
from oauthlib.openid import Server

from apps.accounts.choices import OpenIdScope
from apps.accounts.oauth.tokens import ACCESS_PREFIX, REFRESH_PREFIX, make_token
from apps.accounts.selectors.applications import application_of_client
from apps.accounts.services.grants import revoke_token


class PartnerValidator(OAuthLibRequestValidator):
    """Clients are applications that may act; each reaches its own tokens only."""

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Secret, a single name for the client, and an application behind it that may act."""
        if not super().authenticate_client(request, *args, **kwargs):
            return False
        return request.client_id in {None, "", request.client.pk} and _is_usable(request.client)

    def authenticate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Likewise for a public one, which has no secret."""
        return super().authenticate_client_id(client_id, request, *args, **kwargs) and _is_usable(request.client)

    def is_pkce_required(self, client_id: str, request: Request) -> bool:  # noqa: ARG002  oauthlib's signature
        """Of everybody, not of public clients alone."""
        return True

    def validate_refresh_token(self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any) -> bool:
        """A living token of this client, whose user it may still act for."""
        if not super().validate_refresh_token(refresh_token, client, request, *args, **kwargs):
            return False
        application = application_of_client(client.pk)
        return application is not None and application.may_act_for(request.user)

    def validate_scopes(self, client_id: str, scopes: list[str], client: Client, request: Request, *args: Any, **kwargs: Any) -> bool:
        """What it is registered for; nothing about people when it acts for itself."""
        if request.grant_type == Client.GrantType.CLIENT_CREDENTIALS and set(scopes) & set(OpenIdScope.values):
            return False
        return bool(super().validate_scopes(client_id, scopes, client, request, *args, **kwargs))

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        """An application that acts for itself gets every scope of the API that it is registered for."""
        if request.grant_type == Client.GrantType.CLIENT_CREDENTIALS:
            return [scope for scope in request.client.get_scopes() if scope not in OpenIdScope.values]
        found: list[str] = super().get_default_scopes(client_id, request, *args, **kwargs)
        return found

    def revoke_token(self, token: str, token_type_hint: str, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002  the hint may be wrong, and is not needed
        """End the family of a token of this client; another client's is left alone (RFC 7009, section 2.1)."""
        revoke_token(token=token, client=request.client)


def make_server() -> Server:
    """allauth's server with our validator and our form of tokens."""
    return Server(
        PartnerValidator(),
        token_expires_in=app_settings.ACCESS_TOKEN_EXPIRES_IN,
        token_generator=lambda _request: make_token(ACCESS_PREFIX),
        refresh_token_generator=lambda _request: make_token(REFRESH_PREFIX),
    )


def _is_usable(client: Client) -> bool:
    application = application_of_client(client.pk)
    return application is not None and application.is_usable
