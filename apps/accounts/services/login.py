"""Logging in with a password outside the site: the same rules as the site's, asked of allauth."""

from __future__ import annotations

import datetime as dt

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import send_verification_email_for_user
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from apps.accounts.credentials import require_active
from apps.accounts.exceptions import EmailNotVerified, LoginRefused, MfaRequired, TooManyAttempts
from apps.accounts.models import User
from apps.accounts.origins import origin_of
from apps.accounts.services.signin import record_login
from apps.accounts.services.tokens import Client, open_family
from apps.accounts.tokens import TokenPair


def log_in(*, request: HttpRequest, email: str, password: str, otp: str, at: dt.datetime) -> TokenPair:
    """The tokens of who proves that he is the user of this address.

    What is missing is told only after a right password: before, nobody learns whether there is such a user.

    :param request: allauth counts failures by its address, and sends mails in its language.
    :raises LoginRefused: address, password or code is wrong. :raises TooManyAttempts: after too many of those.
    :raises EmailNotVerified: a new mail was sent. :raises MfaRequired: no code was given. :raises AccountSuspended: as it says.
    """
    user = _authenticated(request, email=email, password=password)
    require_active(user)
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        send_verification_email_for_user(request, user)
        raise EmailNotVerified
    if is_mfa_enabled(user):
        _check_second_factor(user, otp)
    origin = origin_of(request)
    pair = open_family(user=user, client=Client.of(origin, request.META.get("HTTP_USER_AGENT", "")), at=at)
    record_login(user=user, origin=origin, means="api", at=at)
    return pair


def is_own_password(*, request: HttpRequest, user: User, password: str) -> bool:
    """Whether this is the user's password; tries are counted with those of logging in, and too many are wrong ones."""
    try:
        return bool(get_adapter(request).reauthenticate(user, password))
    except ValidationError:
        return False


def _authenticated(request: HttpRequest, *, email: str, password: str) -> User:
    try:
        user = get_adapter(request).authenticate(request, email=email, password=password)
    except (ValidationError, ImmediateHttpResponse) as error:
        raise TooManyAttempts from error
    if not isinstance(user, User):
        raise LoginRefused
    return user


def _check_second_factor(user: User, otp: str) -> None:
    if not otp:
        raise MfaRequired
    form = AuthenticateForm(user=user, data={"code": otp})
    if not form.is_valid():
        is_limited = form.has_error("code", "rate_limited") or form.has_error("code", "too_many_login_attempts")
        raise TooManyAttempts if is_limited else LoginRefused
