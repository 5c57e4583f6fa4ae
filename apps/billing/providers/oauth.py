"""How Orange's two interfaces get and use tokens: OAuth's client credentials, one account each."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from apps.billing.choices import CallKind
from apps.billing.providers.http import OperatorClient, Reply
from apps.billing.providers.port import Journal
from apps.billing.providers.tokens import Grant, TokenStore, call_with_token, token_key

EARLY_S = 60


class OauthAccount:
    """An account that gets tokens at one address and uses them at another, or the same.

    :param mint_path: below `token_client`. :param headers: sent with every call besides the token.
    """

    def __init__(
        self,
        name: str,
        *,
        client: OperatorClient,
        token_client: OperatorClient,
        mint_path: str,
        user: str,
        secret: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._client, self._token_client, self._mint_path = client, token_client, mint_path
        self._headers = dict(headers or {})
        self._basic = base64.b64encode(f"{user}:{secret}".encode()).decode()
        self._tokens = TokenStore(token_key(token_client.base_url, name, user, secret), name=name, early_s=EARLY_S)

    def call(
        self,
        kind: CallKind,
        method: str,
        path: str,
        journal: Journal,
        *,
        content: Mapping[str, Any] | None = None,
        secrets: Iterable[str] = (),
    ) -> Reply | Grant:
        """Ask as `call_with_token` does."""

        def ask(token: str) -> Reply:
            headers = {"Authorization": f"Bearer {token}", **self._headers}
            return self._client.call(kind, method, path, journal, headers=headers, content=content, secrets=[token, *secrets])

        return call_with_token(self._tokens, lambda: self._mint(journal), ask, is_reading=kind is CallKind.QUERY)

    def _mint(self, journal: Journal) -> Reply:
        headers = {"Authorization": f"Basic {self._basic}"}
        form = {"grant_type": "client_credentials"}
        return self._token_client.call(CallKind.TOKEN, "POST", self._mint_path, journal, headers=headers, form=form, secrets=[self._basic])
