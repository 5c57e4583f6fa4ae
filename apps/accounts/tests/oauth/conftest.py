"""The people of the provider's tests: a user, his browser, and an application."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.accounts.tests.oauth.partner import Partner, make_partner


@pytest.fixture(autouse=True)
def _nobody_failed_before() -> None:
    cache.clear()


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def partner() -> Partner:
    return make_partner()


@pytest.fixture
def visitor(user: User) -> Browser:
    found = Browser()
    found.force_login(user)
    return found
