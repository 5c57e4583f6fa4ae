"""How the API recognises its callers. The accounts issue adds keys and tokens here."""

from __future__ import annotations

from rest_framework.authentication import SessionAuthentication as DrfSessionAuthentication
from rest_framework.request import Request


class SessionAuthentication(DrfSessionAuthentication):
    """The site's session, with its CSRF token checked on writes; a refusal for want of a login is a 401."""

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  DRF's signature
        """What `WWW-Authenticate` says."""
        return 'Session realm="api"'
