"""Copies of what is paid for are compared and repaired."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.choices import Entitlement
from apps.accounts.models import AccountEntitlement, User
from apps.accounts.tests.factories import make_user
from apps.billing.choices import Period, Product
from apps.billing.models import Subscription
from apps.billing.services.plan_checks import check_plans
from apps.billing.tests.world import AT, DAY, Shop, open_shop
from apps.catalog.models import ListingEntitlement, Resource
from apps.catalog.tests.factories import make_resource

pytestmark = pytest.mark.django_db
PREMIUM, FEATURED, PRO, ENTERPRISE = Product


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.buys(FEATURED, Period.YEAR)
    shop.buys(PRO, Period.YEAR)
    return shop


def test_it_works(shop: Shop) -> None:
    assert check_plans(at=AT).differences == 0
    typed = make_resource(plan="premium")
    cheat = make_user(plan="enterprise", api_quota=1_000_000)
    Resource.objects.filter(pk=shop.listing.pk).update(plan="free")
    User.objects.filter(pk=shop.owner.pk).update(plan="free", api_quota=5)
    found = check_plans(at=AT, is_repairing=False)
    assert (set(found.listings), set(found.users), found.rights) == ({typed.pk, shop.listing.pk}, {cheat.pk, shop.owner.pk}, [])
    assert check_plans(at=AT).differences == 4
    assert check_plans(at=AT).differences == 0
    shop.owner.refresh_from_db()
    cheat.refresh_from_db()
    assert (shop.owner.plan, shop.owner.api_quota, cheat.plan, cheat.api_quota) == ("pro", 50_000, "free", 1_000)
    assert (shop.plan, Resource.objects.get(pk=typed.pk).plan) == ("featured", "free")


def test_rights_that_were_lost_are_given_again(shop: Shop) -> None:
    ListingEntitlement.objects.filter(resource=shop.listing).delete()
    AccountEntitlement.objects.filter(user=shop.owner, key=Entitlement.MONTHLY_QUOTA).update(valid_until=AT - DAY)
    assert len(check_plans(at=AT).rights) == 2
    assert check_plans(at=AT).differences == 0
    assert shop.plan == "featured"


def test_what_ended_by_time_is_shown_no_more(shop: Shop) -> None:
    Subscription.objects.update(cancel_at_period_end=True)
    later = AT.replace(year=2028)
    assert check_plans(at=later).differences == 2
    shop.owner.refresh_from_db()
    assert (shop.plan, shop.owner.plan, shop.owner.api_quota) == ("free", "free", 1_000)


def test_the_command_says_so() -> None:
    shop = open_shop()
    shop.buys(PREMIUM, Period.YEAR)
    out = io.StringIO()
    call_command("check_plans", stdout=out)
    Resource.objects.filter(pk=shop.listing.pk).update(plan="free")
    with pytest.raises(CommandError):
        call_command("check_plans", stdout=out)
    call_command("check_plans", repair=True, stdout=out)
    assert out.getvalue().splitlines() == ["rights=0 listings=0 users=0", "rights=0 listings=1 users=0", "rights=0 listings=1 users=0"]


def test_the_free_many_cost_nothing(django_assert_max_num_queries: Any) -> None:
    open_shop()
    for _ in range(5):
        make_resource(user=make_user())
    with django_assert_max_num_queries(16):
        check_plans(at=AT)
