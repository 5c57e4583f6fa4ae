"""New accounts, without telling anybody which addresses have one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from apps.accounts.choices import Entitlement, PricingTier, SecurityEventKind, UserType
from apps.accounts.exceptions import TooManyAttempts
from apps.accounts.models import User
from apps.accounts.origins import Origin, origin_of
from apps.accounts.selectors.entitlements import entitlements_of
from apps.accounts.services.security import record_security_event


@dataclass(frozen=True)
class NewAccount:
    """What somebody registers with, checked by the form."""

    email: str
    password: str
    name: str
    user_type: UserType
    company_name: str
    phone: str
    language: str


def register(*, request: HttpRequest, account: NewAccount, at: dt.datetime) -> None:
    """Make the account and send the link that opens it; who has one already is told so by mail.

    The caller learns nothing: both ways take as long and answer the same.

    :raises TooManyAttempts: this address of the network registered too often; allauth counts, as on the site.
    """
    if not ratelimit.consume(request, action="signup"):
        raise TooManyAttempts
    user = make_account(account=account, origin=origin_of(request), at=at)
    known = EmailAddress.objects.filter(user=user).first() if user else None
    send_verification_email_to_address(request, known or EmailAddress(email=account.email), signup=True)


def make_account(*, account: NewAccount, origin: Origin, at: dt.datetime) -> User | None:
    """Save an account with an address that waits for its confirmation; None when the address has an account."""
    password = make_password(account.password)  # before the question, so that both answers take as long
    if User.objects.filter(email__iexact=account.email).exists() or EmailAddress.objects.filter(email__iexact=account.email).exists():
        return None
    try:
        return _save(account, password=password, origin=origin, at=at)
    except IntegrityError:
        # Somebody registered the address between the question and the write.
        return None


@transaction.atomic
def _save(account: NewAccount, *, password: str, origin: Origin, at: dt.datetime) -> User:
    is_business = account.user_type == UserType.BUSINESS
    user = User(
        email=account.email, password=password, name=account.name, user_type=account.user_type, phone=account.phone,
        company_name=account.company_name if is_business else "", language=account.language,
        pricing_tier=PricingTier.BUSINESS if is_business else PricingTier.STANDARD,
    )  # fmt: skip
    user.api_quota = entitlements_of(user, at=at)[Entitlement.MONTHLY_QUOTA]
    user.save(force_insert=True)
    EmailAddress.objects.create(user=user, email=account.email, primary=True, verified=False)
    record_security_event(user_id=user.pk, kind=SecurityEventKind.REGISTERED, origin=origin)
    return user
