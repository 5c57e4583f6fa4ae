"""The whole site on one page, for the team."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.analytics.choices import Channel, EventType
from apps.billing.choices import AccountKind, PaymentState
from apps.billing.selectors.ledger import balance_of
from apps.billing.selectors.revenue import daily_sales
from apps.billing.services.invoices import settle_invoice
from apps.billing.services.prices import load_defaults
from apps.billing.tests.factories import make_payment
from apps.catalog.tests.factories import make_category, make_city, make_resource
from apps.search.models import PlaceDemand, SearchDemand, SharedQuery, UnansweredDay
from apps.web.tests.test_billing import subscribe
from apps.web.tests.test_statistics import happen, text_of

pytestmark = pytest.mark.django_db
PAGE = "/fr/gestion/tableau/"


@pytest.fixture(autouse=True)
def _clean() -> None:
    cache.clear()
    load_defaults(at=timezone.now())


def make_staff(*rights: str) -> User:
    user = make_user(is_staff=True)
    for right in rights:
        app, name = right.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=name))
    return user


@pytest.fixture
def team(client: Client) -> User:
    user = make_staff("analytics.view_listingday", "billing.view_ledgerentry")
    client.force_login(user)
    return user


def test_it_works(client: Client, team: User) -> None:  # noqa: ARG001  is logged in
    food, douala = make_category(slug="restaurants", name_fr="Restaurants"), make_city(slug="douala", name_fr="Douala")
    bare = make_resource(category=food, city=douala)
    make_resource(latitude=4.05, longitude=9.7, hours={1: [("08:00", "18:00")]}, contacts=[{"kind": "phone", "value": "+237670000000"}])
    make_resource(status="pending", published_at=None)
    happen(bare, 30)
    happen(bare, 200, EventType.IMPRESSION, position=2)
    happen(bare, 3, EventType.CONTACT, channel=Channel.CALL)
    today = timezone.localdate()
    SearchDemand.objects.create(day=today, language="fr", channel="page", searches=90, empty=18, clicks=40)
    PlaceDemand.objects.create(day=today, city="douala", category="restaurants", searches=50, empty=5)
    query = SharedQuery.objects.create(language="fr", text="reparation frigo", shared_on=today)
    UnansweredDay.objects.create(query=query, day=today, city="douala", quarter="", searches=12)
    words = text_of(client.get(PAGE).content)
    for said in (
        "Vues des fiches 30", "Contacts 3", "Affichages dans les listes 200", "90 dont 18 sans résultat (20 %), 40 ouvertures",
        "Douala Restaurants 50 5 1", "reparation frigo Douala 12", "Fiches publiées 2", "En attente de modération 1",
        "Sans téléphone 1 50 %", "Cette période Avant",
        "Sans horaires 1 50 %", "Sans position 1 50 %", "Doublons possibles à trancher 0", "Ventes hors taxe 0 F CFA",
    ):  # fmt: skip
        assert said in words, said
    assert client.get(f"{PAGE}?periode=12m&mesure=contacts").status_code == 200
    assert client.get(f"{PAGE}?periode=rien&mesure=%00").status_code == 200


@pytest.mark.parametrize(
    ("is_staff", "rights", "status"),
    [(False, ["analytics.view_listingday"], 403), (True, [], 403), (True, ["billing.view_ledgerentry"], 403),
     (True, ["analytics.view_listingday"], 200)],
    ids=["no staff", "no right", "money only", "figures"],
)  # fmt: skip
def test_only_the_team_sees_it(client: Client, is_staff: bool, rights: list[str], status: int) -> None:
    user = make_staff(*rights)
    User.objects.filter(pk=user.pk).update(is_staff=is_staff)
    client.force_login(user)
    page = client.get(PAGE)
    assert page.status_code == status
    if status == 200:
        assert "Les ventes se voient avec le droit de lire le grand livre." in text_of(page.content)
        assert "Ventes hors taxe" not in text_of(page.content)


def test_nobody_sees_it_without_an_account(client: Client) -> None:
    assert client.get(PAGE)["Location"].startswith("/fr/compte/login/")


def test_statements_do_not_grow(client: Client, team: User, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:  # noqa: ARG001
    client.get(PAGE)
    with django_assert_max_num_queries(18):
        client.get(PAGE)
    for number in range(5):
        city = make_city(slug=f"ville-de-{number}")
        happen(make_resource(city=city), 3, city=city.number)
        PlaceDemand.objects.create(day=timezone.localdate(), city=city.slug, searches=5)
    client.get(PAGE)
    with django_assert_max_num_queries(18):
        client.get(PAGE)


def test_sales_are_what_the_ledger_says(client: Client) -> None:
    today = timezone.localdate()
    assert [day.sales for day in daily_sales(first=today - dt.timedelta(days=2), last=today)] == [0, 0, 0]
    buyer = make_user()
    client.force_login(buyer)
    invoice = subscribe(client, make_resource(user=buyer))
    payment = make_payment(invoice=invoice, state=PaymentState.SUCCEEDED)
    settle_invoice(invoice_id=invoice.pk, payment=payment, at=timezone.now())
    found = daily_sales(first=today - dt.timedelta(days=1), last=today)
    assert found[0].sales == found[0].vat == 0
    assert found[1].sales + found[1].vat == invoice.total > 0
    assert found[1].sales == -balance_of(AccountKind.REVENUE)
