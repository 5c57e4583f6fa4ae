"""A partner's program for tests: it asks for consent, takes codes and renews tokens as any client would."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.choices import ApplicationState, OpenIdScope, Scope
from apps.accounts.models import Application, User
from apps.accounts.services.applications import ApplicationInput, register_application, review_application, submit_application
from apps.accounts.tests.factories import make_user

CALLBACK = "https://partenaire.cm/retour"
SCOPES = (OpenIdScope.OPENID, OpenIdScope.PROFILE, OpenIdScope.EMAIL, Scope.RESOURCES_READ, Scope.ACCOUNT_READ)
AUTHORIZE, TOKEN, REVOKE, USERINFO = "/identity/o/authorize", "/identity/o/api/token", "/identity/o/api/revoke", "/identity/o/api/userinfo"


def challenge_of(verifier: str) -> str:
    """What the authorization request says of a verifier (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Partner:
    """An application and what its program knows: its secret, and a verifier for each run."""

    application: Application
    secret: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def client_id(self) -> str:
        """The client's id."""
        return str(self.application.client_id)

    def question(self, **changes: Any) -> dict[str, Any]:
        """The parameters of an authorization request; None in `changes` leaves one out."""
        values = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": CALLBACK, "scope": " ".join(SCOPES), "state": "état 1",
            "nonce": "n-1", "code_challenge": challenge_of(self.verifier), "code_challenge_method": "S256", **changes,
        }  # fmt: skip
        return {name: value for name, value in values.items() if value is not None}

    def ask(self, browser: Browser, **changes: Any) -> HttpResponse:
        """What a person sees who is sent to the consent page."""
        return self._get(browser, self.question(**changes))

    def answer(self, browser: Browser, page: HttpResponse, *, action: str = "grant", scopes: Sequence[str] = SCOPES) -> HttpResponse:
        """The person's answer to a consent page."""
        found = re.search(r'name="request" value="([^"]+)"', page.content.decode())
        assert found, page.content.decode()[:2000]
        values = {"request": html.unescape(found[1]), "scopes": list(scopes), "action": action}
        return _response(browser.post(AUTHORIZE, values))

    def consent(self, user: User, *, scopes: Sequence[str] = SCOPES, **changes: Any) -> str:
        """The code of a person who says yes."""
        browser = Browser()
        browser.force_login(user)
        answer = self.answer(browser, self.ask(browser, scope=" ".join(scopes), **changes), scopes=scopes)
        assert answer.status_code == 302, answer.content
        return query_of(answer)["code"]

    def redeem(self, code: str, **changes: Any) -> HttpResponse:
        """Ask tokens for a code."""
        values = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": self.verifier, **changes}
        return self.call(TOKEN, **values)

    def renew(self, refresh_token: str, **changes: Any) -> HttpResponse:
        """Ask tokens for a refresh token."""
        return self.call(TOKEN, grant_type="refresh_token", refresh_token=refresh_token, **changes)

    def tokens(self, user: User, *, scopes: Sequence[str] = SCOPES) -> dict[str, Any]:
        """The tokens of a person who says yes."""
        answer = self.redeem(self.consent(user, scopes=scopes))
        assert answer.status_code == 200, answer.content
        return json_of(answer)

    def call(self, path: str, **values: Any) -> HttpResponse:
        """A call of the program's own, which says who it is unless `client_id` is among the values."""
        own = {"client_id": self.client_id, "client_secret": self.secret}
        given = {**own, **values}
        return _response(Browser().post(path, {name: value for name, value in given.items() if value is not None}))

    def _get(self, browser: Browser, values: dict[str, Any]) -> HttpResponse:
        return _response(browser.get(AUTHORIZE, values))


def make_partner(*, owner: User | None = None, is_approved: bool = True, **members: Any) -> Partner:
    """An application with `SCOPES`, approved unless told otherwise."""
    owner, at = owner or make_user(), timezone.now()
    values = {
        "name": "Agenda", "description": "Rendez-vous", "website": "https://partenaire.cm", "redirect_uris": [CALLBACK],
        "scopes": SCOPES, **members,
    }  # fmt: skip
    application, secret = register_application(owner=owner, data=ApplicationInput(**values), at=at)
    if is_approved:
        submit_application(owner=owner, application_id=application.pk, at=at)
        staff = make_user(is_staff=True)
        application = review_application(application_id=application.pk, state=ApplicationState.APPROVED, actor=staff, at=at)
    return Partner(application, secret)


def query_of(response: HttpResponse) -> dict[str, str]:
    """The parameters that a redirect brings back to the application."""
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def json_of(response: HttpResponse) -> dict[str, Any]:
    """The body of an answer for programs."""
    body: dict[str, Any] = response.json()  # type: ignore[attr-defined]
    return body


def bearer(token: str, path: str = USERINFO) -> HttpResponse:
    """A call with an access token."""
    return _response(Browser().get(path, headers={"authorization": f"Bearer {token}"}))


def _response(answer: Any) -> HttpResponse:
    found: HttpResponse = answer
    return found
