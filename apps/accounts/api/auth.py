"""Logging in and out over HTTP, and the caller's own account."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import schema
from apps.accounts.api.serializers import (
    LoginSerializer,
    MePatchSerializer,
    MeSerializer,
    RefreshSerializer,
    RegisterSerializer,
    TokenPairSerializer,
)
from apps.accounts.callers import CallerKind, caller_of
from apps.accounts.choices import OpenIdScope, Scope
from apps.accounts.origins import origin_of
from apps.accounts.services.login import log_in
from apps.accounts.services.profile import change_profile
from apps.accounts.services.registration import register
from apps.accounts.services.tokens import Client, end_family, refresh_tokens
from apps.core.api.views import ApiView
from apps.core.clock import now


class RegisterView(ApiView):
    """Opening an account. Whoever the request says to be does not matter."""

    authentication_classes = ()

    @extend_schema(**schema.REGISTER)
    def post(self, request: Request) -> Response:
        """Send the link that opens the account. An address that has one gets the same answer, and a mail that says so."""
        body = RegisterSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        register(request=request._request, account=body.account(), at=now())  # noqa: SLF001  DRF's way to Django's request
        return Response({"status": "confirmation_sent"}, status=202)


class LoginView(ApiView):
    """Opening an API log-in. Whoever else the request says to be does not matter."""

    authentication_classes = ()

    @extend_schema(**schema.LOGIN)
    def post(self, request: Request) -> Response:
        """Answer tokens for address, password and, when the account has one, the code of the second factor."""
        body = LoginSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        pair = log_in(request=request._request, email=asked["email"], password=asked["password"], otp=asked.get("otp", ""), at=now())  # noqa: SLF001  DRF's way to Django's request
        return Response(TokenPairSerializer(pair).data)


class RefreshView(ApiView):
    """Renewing tokens."""

    authentication_classes = ()

    @extend_schema(**schema.REFRESH)
    def post(self, request: Request) -> Response:
        """Answer new tokens for a refresh token, which is spent by it."""
        body = RefreshSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        client = Client.of(origin_of(request._request), request.META.get("HTTP_USER_AGENT", ""))  # noqa: SLF001  likewise
        return Response(TokenPairSerializer(refresh_tokens(refresh=body.validated_data["refresh"], client=client, at=now())).data)


class LogoutView(ApiView):
    """Ending an API log-in."""

    authentication_classes = ()

    @extend_schema(**schema.LOGOUT)
    def post(self, request: Request) -> Response:
        """End the log-in of a refresh token; harmless when repeated."""
        body = RefreshSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        end_family(refresh=body.validated_data["refresh"], origin=origin_of(request._request), at=now())  # noqa: SLF001  likewise
        return Response(status=204)


class MeView(ApiView):
    """The caller's account."""

    @extend_schema(**schema.ME)
    def get(self, request: Request) -> Response:
        """Who the caller is, with plan, quota and usage; any valid credential may ask."""
        caller = caller_of(request)
        # A person gave the application these scopes and no more; keys and log-ins are his own.
        may_contact = caller.kind != CallerKind.OAUTH or bool({Scope.ACCOUNT_READ, OpenIdScope.EMAIL} & (caller.scopes or set()))
        return Response(MeSerializer(caller.require_user(), context={"may_contact": may_contact}).data)

    @extend_schema(**schema.CHANGE_ME)
    def patch(self, request: Request) -> Response:
        """Change name, company or language. Address, phone and password have pages of their own."""
        user = caller_of(request).require_person()
        body = MePatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(MeSerializer(change_profile(user=user, changes=body.validated_data, at=now())).data)
