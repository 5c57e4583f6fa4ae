"""The provider's endpoints: allauth's views behind our six rules (docs/decisions/0005)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from allauth.core.internal.httpkit import add_query_params, extract_basic_auth
from allauth.idp.oidc import views
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.forms import AuthorizationForm
from allauth.idp.oidc.internal.clientkit import clean_post_logout_redirect_uri
from allauth.idp.oidc.internal.oauthlib.utils import convert_response, extract_params
from csp.decorators import csp_update
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent, ValidationError
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.forms import CheckboxSelectMultiple
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.accounts import credentials, limits
from apps.accounts.choices import OpenIdScope
from apps.accounts.exceptions import CredentialRefused
from apps.accounts.models import Application, User
from apps.accounts.oauth.bearer import find_token
from apps.accounts.oauth.redirects import is_acceptable, is_registered, origin_of_uri
from apps.accounts.oauth.server import make_server
from apps.accounts.origins import origin_of
from apps.accounts.selectors.applications import application_of_client, scopes_granted
from apps.accounts.services import grants
from apps.accounts.services.tokens import Client as Program
from apps.core.client_address import client_ip
from apps.core.exceptions import DomainError

# SHA-256 in base64url, without padding: RFC 7636, section 4.2.
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_BAD_HEX = re.compile(r"%(?![0-9a-fA-F]{2})")


class AuthorizationView(views.AuthorizationView):
    """Asks a person whether an application may act for him."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The consent page, once client, address, PKCE and person are right."""
        _speak_language_of(request.GET.get("ui_locales", ""))
        refused = self._refusal(request, request.GET)
        return refused or self._finished(request, super().get(request, *args, **kwargs))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The person's answer. What he was asked comes back signed, and is judged as it stands now."""
        _speak_language_of(request.POST.get("ui_locales", ""))
        signed = request.POST.get("request")
        if signed:
            try:
                _scopes, asked = Signer().unsign_object(signed)
            except BadSignature as error:
                raise PermissionDenied from error
            refused = self._refusal(request, {**asked, "resource": None})
            if refused:
                return refused
        return self._finished(request, super().post(request, *args, **kwargs))

    def form_valid(self, form: AuthorizationForm) -> HttpResponse:
        """He said yes."""
        response: HttpResponse = super().form_valid(form)
        if "code" in parse_qs(urlsplit(response.get("Location", "")).query):
            client = self._application.client
            grants.record_authorised(
                user=self.request.user, client=client, scopes=form.cleaned_data["scopes"], origin=origin_of(self.request)
            )
        return response

    def get_form(self, form_class: type[AuthorizationForm] | None = None) -> AuthorizationForm:
        """allauth's form with our classes."""
        form = super().get_form(form_class)
        form.fields["scopes"].widget = _Boxes(choices=form.fields["scopes"].choices)
        if "email" in form.fields:
            form.fields["email"].label = _("Adresse e-mail à communiquer")
            form.fields["email"].widget.attrs["class"] = "select"
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the page says of the application and of what it asks for."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        labels = get_adapter().scope_display
        chosen = context["form"]["scopes"].value() or []
        context |= _page(_("Autoriser une application"))
        if self.request.method == "GET":
            here = self.request.build_absolute_uri()
            context["alternates"] = [
                {
                    "code": code,
                    "url": add_query_params(here, {"ui_locales": code}),
                    "name": get_language_info(code)["name_local"].capitalize(),
                }
                for code, _name in settings.LANGUAGES
            ]
        context["application"] = self._application
        context["destination"] = urlsplit(self._redirect_uri).hostname or urlsplit(self._redirect_uri).scheme
        context["needs_openid"] = OpenIdScope.OPENID in self._scopes
        context["options"] = [
            {"value": scope, "label": labels.get(scope, scope), "count": None, "is_on": scope in chosen}
            for scope in self._scopes
            if scope != OpenIdScope.OPENID
        ]
        return context

    def _refusal(self, request: HttpRequest, asked: Mapping[str, Any]) -> HttpResponse | None:
        """Why nobody is asked. Before the address is known to be the application's, the answer stays here."""
        application = None if _is_malformed(request) else application_of_client(str(asked.get("client_id") or ""))
        redirect_uri = str(asked.get("redirect_uri") or "")
        text = _fault(request, application, redirect_uri)
        if application is None or text:
            return _error_page(request, text)
        self._application, self._redirect_uri = application, redirect_uri
        problem = self._problem(request, asked, application)
        if problem is None:
            return None
        answer = {"error": problem[0], "error_description": problem[1], "state": asked.get("state")}
        # Django's own redirect refuses the schemes of apps.
        location = add_query_params(redirect_uri, {name: value for name, value in answer.items() if value})
        return HttpResponse(status=302, headers={"Location": location})

    def _problem(self, request: HttpRequest, asked: Mapping[str, Any], application: Application) -> tuple[str, str] | None:
        """What the application did wrong, in the words of RFC 6749."""
        if asked.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(str(asked.get("code_challenge") or "")):
            return "invalid_request", "PKCE is required: code_challenge with code_challenge_method=S256."
        if asked.get("resource"):
            return "invalid_target", "The resource parameter is not supported."
        if "none" in str(request.GET.get("prompt", "")).split() and isinstance(request.user, User):
            wanted = str(asked.get("scope") or "").split() or application.client.get_default_scopes()
            if not set(wanted) <= scopes_granted(request.user, application.client):
                return "consent_required", "The user has not granted these scopes to this application."
        return None

    def _finished(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Let a page's form lead to the application; a page of allauth's that is none is an error."""
        if isinstance(response, TemplateResponse):
            origin = origin_of_uri(self._redirect_uri)
            widened: HttpResponseBase = csp_update({"form-action": [origin]})(lambda _request: response)(request)
            return widened
        if response.status_code == 200:
            response.status_code = 400
        return response


class TokenView(views.TokenView):
    """Tokens for a code, a refresh token or a client; each code and refresh token once."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Alone with the code or token, look whether it is spent, then let allauth judge it, then mark it."""
        refused = _refuse_malformed(request)
        if refused:
            return refused
        is_code = request.POST.get("grant_type") == "authorization_code"
        text = request.POST.get("code" if is_code else "refresh_token", "")
        if not text or request.POST.get("grant_type") not in {"authorization_code", "refresh_token"}:
            return _counted(request, super().post(request))
        at, program = timezone.now(), Program.of(origin_of(request), request.META.get("HTTP_USER_AGENT", ""))
        token_hash = get_adapter().hash_token(text)
        with transaction.atomic():
            spent = grants.lock_token(token_hash)
            if spent is not None:
                is_accident = grants.refuse_spent(spent=spent, fingerprint=program.fingerprint, origin=program.origin, at=at)
                return _spent(is_accident=is_accident)
            family = grants.lock_family(token_hash)
            response: HttpResponse = super().post(request)
            if response.status_code == 200:
                answer = json.loads(response.content)
                made = [answer[name] for name in ("access_token", "refresh_token") if name in answer]
                grants.note_redeemed(
                    token_hash=token_hash, is_code=is_code, family=family, made=made, fingerprint=program.fingerprint, at=at
                )
        return _counted(request, response)

    def _create_token_response(self, request: HttpRequest, **_: Any) -> HttpResponse:
        response: HttpResponse = convert_response(*make_server().create_token_response(*extract_params(request)))
        return response


class RevokeView(views.RevokeView):
    """Ends a token of the client that asks, and what came from the same consent."""

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """200 whatever the token is; 401 for a client that is not right."""
        refused = _refuse_malformed(request)
        if refused:
            return refused
        response: HttpResponse = convert_response(*make_server().create_revocation_response(*extract_params(request)))
        return _counted(request, response)


class UserInfoView(views.UserInfoView):
    """What an access token lets its application know of a person."""

    def _respond(self, request: HttpRequest) -> HttpResponse:
        try:
            token = find_token(credentials.presented(request), at=timezone.now())
        except CredentialRefused as error:
            return _bearer_error(401, "invalid_token", error)
        except DomainError as error:
            return _bearer_error(error.status, "invalid_request" if error.status == 400 else "invalid_token", error)
        if token.user is None or OpenIdScope.OPENID not in token.scopes:
            return _bearer_error(403, "insufficient_scope", None)
        response = JsonResponse(get_adapter().get_claims("userinfo", token.user, token.client, token.scopes, email=token.email))
        response["Cache-Control"] = "no-store"
        return response


class LogoutView(views.LogoutView):
    """Leaving an application, and this site if the person wants it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Its form may lead back to the application that sent the person here."""
        asked = request.POST if request.method == "POST" else request.GET
        _speak_language_of(asked.get("ui_locales", ""))
        target = asked.get("post_logout_redirect_uri", "")
        if _is_malformed(request) or (target and not is_acceptable(target)):
            return _error_page(request, _("L’adresse de cette demande est abîmée."))
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and target and _may_leave_to(target, client_id=asked.get("client_id", "")):
            response = csp_update({"form-action": [origin_of_uri(target)]})(lambda _request: response)(request)
        elif response.status_code == 200 and not isinstance(response, TemplateResponse):
            response.status_code = 400
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the page needs beside the form."""
        return {**super().get_context_data(**kwargs), **_page(_("Se déconnecter"))}


authorize = never_cache(AuthorizationView.as_view())
token = TokenView.as_view()
revoke = RevokeView.as_view()
user_info = UserInfoView.as_view()
logout = never_cache(LogoutView.as_view())


def absent(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  Django's signature
    """An endpoint of allauth's that we do not offer."""
    raise Http404


class _Boxes(CheckboxSelectMultiple):
    """The page writes the boxes itself; the summary of errors leads to all of them."""

    def id_for_label(self, id_: str, index: str | None = None) -> str:  # noqa: ARG002  Django's signature
        return id_


def _page(title: str) -> dict[str, Any]:
    return {"meta": {"title": title, "description": "", "robots": "noindex"}, "alternates": []}


def _error_page(request: HttpRequest, text: str) -> HttpResponse:
    return render(request, "idp/oidc/error.html", {**_page(_("Demande refusée")), "text": text}, status=400)


def _fault(request: HttpRequest, application: Application | None, redirect_uri: str) -> str:
    """What is wrong with an application or its address, in words for a person; empty when nothing is."""
    if application is None:
        return _("Aucune application n’a cet identifiant (client_id).")
    if not is_registered(redirect_uri, application.client.get_redirect_uris()):
        return _("L’adresse de retour (redirect_uri) n’est pas enregistrée pour cette application.")
    if not application.is_usable:
        return _("Cette application est bloquée.")
    if isinstance(request.user, User) and not application.may_act_for(request.user):
        return _("Cette application est encore en test : seul son propriétaire peut s’y connecter.")
    return ""


def _speak_language_of(wanted: str) -> None:
    """Answer in the first of these languages that we speak (OpenID Connect, section 3.1.2.1)."""
    known = (tag[:2].lower() for tag in wanted.split())
    chosen = next((code for code in known if code in {"fr", "en"}), None)
    if chosen is not None:
        translation.activate(chosen)


def _may_leave_to(target: str, *, client_id: str) -> bool:
    """Whether allauth's form would lead there after the log-out."""
    application = application_of_client(client_id)
    try:
        return application is not None and bool(clean_post_logout_redirect_uri(target, application.client))
    except ValidationError:
        return False


def _is_malformed(request: HttpRequest) -> bool:
    """What neither PostgreSQL nor oauthlib can read."""
    try:
        claims = json.loads(request.GET.get("claims", "{}"))
    except ValueError:
        claims = None
    if not isinstance(claims, dict):
        return True
    values = [value for given in (request.GET, request.POST) for _name, listed in given.lists() for value in listed]
    return any("\x00" in value for value in values) or bool(_BAD_HEX.search(request.META.get("QUERY_STRING", "")))


def _refuse_malformed(request: HttpRequest) -> HttpResponse | None:
    try:
        _ = request.POST
    except (RequestDataTooBig, TooManyFieldsSent):
        return JsonResponse({"error": "invalid_request", "error_description": "The request is too large."}, status=413)
    if _is_malformed(request) or "\x00" in "".join(part or "" for part in extract_basic_auth(request.headers)):
        return JsonResponse({"error": "invalid_request", "error_description": "The request cannot be read."}, status=400)
    if "resource" in request.POST:
        return JsonResponse({"error": "invalid_target", "error_description": "The resource parameter is not supported."}, status=400)
    return None


def _spent(*, is_accident: bool) -> HttpResponse:
    """RFC 6749's answer to a spent code or token. `code` tells programs of ours what it is, as in the API."""
    if is_accident:
        text, code = "Another call has just used this refresh token: use the token that it was given.", "token_rotated"
    else:
        text, code = "This was used before. Everything that came from it is revoked.", "credential_revoked"
    response = JsonResponse({"error": "invalid_grant", "error_description": text, "code": code}, status=400)
    response["Cache-Control"] = "no-store"
    return response


def _bearer_error(status: int, name: str, error: DomainError | None) -> HttpResponse:
    response = JsonResponse({"error": name, "error_description": str(error.detail) if error else ""}, status=status)
    response["WWW-Authenticate"] = f'Bearer realm="api", error="{name}"'
    return response


def _counted(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A client that fails to identify itself counts against its network address, so that nobody tries thousands."""
    if response.status_code != 401:
        return response
    admission = limits.charge_failure(client_ip(request), at=timezone.now())
    if not admission.refused_by:
        return response
    refused = JsonResponse({"error": "temporarily_unavailable", "error_description": "Too many failures."}, status=429)
    refused["Retry-After"] = str(admission.retry_s)
    return refused
