"""The demonstration has visits and searches, and loading them again adds nothing."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import User
from apps.analytics.models import Event, ListingDay
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
    assert load() != "demo_events=0"
    counted = Event.objects.count(), ListingDay.objects.count(), ListingQueryDay.objects.count()
    assert min(counted) > 0
    assert load() == "demo_events=0"
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
    assert load("--i-know") == "demo_events=0"
