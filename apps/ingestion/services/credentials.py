"""What a site asks us to show: named in a recipe, written in the environment, sent to one host only.

Who may write recipes never sees it and cannot send it elsewhere: `SOURCE_CREDENTIAL_<NAME>` says the host first, then the header:
`api.annuaire.example Authorization: Bearer …`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from apps.core.outgoing.client import PERSONAL_HEADERS

_WRITTEN = re.compile(r"(?P<host>[a-z0-9.-]+(?::\d+)?)\s+(?P<name>[A-Za-z0-9-]+):\s*(?P<value>[!-~][ -~]*)")


class CredentialMissing(Exception):
    """No such credential, or one that cannot be sent."""


@dataclass(frozen=True)
class Credential:
    """One header for one host."""

    host: str
    name: str
    value: str = field(repr=False)

    def headers_for(self, url: str) -> dict[str, str]:
        """The header, when the address is its host's."""
        try:
            host = urlsplit(url).netloc.lower()
        except ValueError:
            return {}
        return {self.name: self.value} if host == self.host else {}


def read_credential(name: str) -> Credential:
    """The credential that a recipe names.

    :raises CredentialMissing: the environment has none of that name, or not as `host Header: value`; only headers that are left behind
        when a redirect leads to another host will do.
    """
    written = _WRITTEN.fullmatch(str(settings.SOURCE_CREDENTIALS.get(name, "")).strip())
    if written is None:
        raise CredentialMissing(f"SOURCE_CREDENTIAL_{name}")
    if written["name"].lower() not in PERSONAL_HEADERS:
        raise CredentialMissing(f"SOURCE_CREDENTIAL_{name}: {written['name']}")
    return Credential(written["host"], written["name"], written["value"])
