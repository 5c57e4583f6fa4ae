"""The demonstration has visits and searches, and loading them again adds nothing."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import ApiKey, ApiUsage, User
from apps.accounts.selectors.usage import units_of_month
from apps.accounts.services.keys import revoke_key
from apps.analytics.models import ApiLatency, Event, ListingDay
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_city, make_quarter, make_resource, make_user
from apps.search.models import ListingQueryDay

pytestmark = pytest.mark.django_db


def load(*options: str) -> str:
    out = io.StringIO()
    call_command("load_demo_traffic", *options, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def owner() -> User:
    cache.clear()
    owner = make_user(is_demo=True)
    makepe = make_quarter(city=make_city(slug="douala", name_fr="Douala"), name="Makepe", slug="makepe")
    for number in range(3):
        make_resource(
            name=f"Exemple – Fiche {number}",
            user=owner,
            is_demo=True,
            source="demo",
            source_id=f"{number}",
            city=makepe.city,
            quarter=makepe,
        )
    return owner


def test_it_works(client: Client, owner: User) -> None:
    assert load() != "demo_events=0 demo_calls=0"
    counted = Event.objects.count(), ListingDay.objects.count(), ListingQueryDay.objects.count()
    assert min(counted) > 0
    assert load() == "demo_events=0 demo_calls=0"
    assert (Event.objects.count(), ListingDay.objects.count(), ListingQueryDay.objects.count()) == counted
    first = Resource.objects.filter(user=owner).order_by("source_id").first()
    assert first is not None
    days = ListingDay.objects.filter(resource_number=first.number, day__gte=timezone.localdate() - dt.timedelta(days=29))
    assert days.count() >= 29
    assert all(day.views > day.contacts for day in days.exclude(day=timezone.localdate()))
    assert sum(day.calls for day in days) > 20
    client.force_login(owner)
    page = client.get(f"/fr/compte/statistiques/?fiche={first.slug}").content.decode()
    for said in (first.name, "hausse de", "Comment on vous trouve", "reparation frigo", "Affiche QR", "affiche-comptoir", "Robot"):
        assert said.lower() in page.lower(), said


def test_production_is_refused(settings: Settings) -> None:
    settings.DEMO_ALLOWED = False
    with pytest.raises(CommandError, match="--i-know"):
        load()
    assert load("--i-know") == "demo_events=0 demo_calls=0"


def test_the_developer_has_called_for_a_month(client: Client) -> None:
    developer = make_user(email="developer@demo.exemple.cm", is_demo=True)
    other = make_user(is_demo=True)
    load()
    rows = list(
        ApiUsage.objects.order_by("day", "key", "operation").values("day", "key", "operation", "calls", "units", "refused", "errors")
    )
    timed = ApiLatency.objects.aggregate(calls=Sum("calls"), refused=Sum("refused"), errors=Sum("errors"))
    assert {row["day"] for row in rows} >= {timezone.localdate() - dt.timedelta(days=back) for back in range(1, 30)}
    assert timed == {
        "calls": sum(row["calls"] + row["refused"] for row in rows), "refused": sum(row["refused"] for row in rows),
        "errors": sum(row["errors"] for row in rows),
    }, "what is timed is what is counted"  # fmt: skip
    assert min(timed.values()) > 0
    developer.refresh_from_db()
    assert developer.api_usage == units_of_month(developer.pk, month=timezone.localdate().replace(day=1))
    assert not ApiUsage.objects.filter(user=other).exists()

    client.force_login(developer)
    page = client.get("/fr/developpeurs/usage/").content.decode()
    for said in ("Site vitrine", "Application mobile", "/search", "Temps de réponse", "refusés par une limite", "en erreur de notre côté"):
        assert said in page, said
    assert 'data-l="p95">–</td>' not in page

    load()
    again = ApiUsage.objects.order_by("day", "key", "operation").values("day", "key", "operation", "calls", "units", "refused", "errors")
    assert list(again) == rows
    assert ApiLatency.objects.aggregate(calls=Sum("calls"))["calls"] == timed["calls"]
    assert ApiKey.objects.filter(user=developer).count() == 3


def test_a_key_that_was_ended_calls_no_more() -> None:
    developer = make_user(email="developer@demo.exemple.cm", is_demo=True)
    load()
    for key in ApiKey.objects.filter(user=developer, is_active=True):
        revoke_key(user=developer, key_id=key.pk, at=timezone.now())
    ApiUsage.objects.filter(day__gte=timezone.localdate() - dt.timedelta(days=3)).delete()
    assert load() == "demo_events=0 demo_calls=0"
    assert ApiKey.objects.filter(user=developer).count() == 3, "nor does it come back"
