"""What the OpenAPI document says of the ways to identify oneself."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class CallerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular registers by subclass
    """The schemes that `CallerAuthentication` understands; any one of them is enough."""

    target_class = "apps.accounts.authentication.CallerAuthentication"
    name = ["apiKey", "bearer", "session"]  # noqa: RUF012  drf-spectacular's class attribute

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:  # noqa: ARG002  its signature
        """One of them."""
        return [{scheme: []} for scheme in self.name]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:  # noqa: ARG002  its signature
        """What each is."""
        return [
            {
                "type": "apiKey", "in": "header", "name": "X-API-Key",
                "description": "A key of the developer portal: `romapi_live_…`, or `romapi_test_…` for test entries. Never in an address.",
            },
            {
                "type": "http", "scheme": "bearer",
                "description": "The access token of `POST /auth/login` or of an OAuth application (`romapi_oat_…`), or an API key.",
            },
            {
                "type": "apiKey", "in": "cookie", "name": "sessionid",
                "description": "The session of the site; writes carry the CSRF token in `X-CSRFToken`.",
            },
        ]  # fmt: skip
