"""`load_reference`, `load_demo` and `create_demo_users`: repeatable, and nothing that staff changed comes back."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Max
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.catalog.models import Category, City, PublicHoliday, Region, Resource, ResourceCard
from apps.catalog.services import card_upkeep, deletion
from apps.core.clock import now

pytestmark = pytest.mark.django_db


def call(*arguments: str) -> str:
    """Run a command; what it printed."""
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def media(settings: Settings, tmp_path: object) -> None:
    """Pictures of the demonstration go to a folder of the test."""
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.mark.usefixtures("media")
def test_it_works() -> None:
    call("load_reference")
    assert Region.objects.count() == 10
    assert City.objects.get(slug="douala").quarters.filter(name="Akwa").exists()
    assert Category.objects.get(slug="pharmacies").parent == Category.objects.get(slug="sante")
    assert PublicHoliday.objects.filter(date="2027-05-20").exists()
    assert "demo_created=0" not in call("load_demo")
    shown = Resource.objects.published()
    assert shown.count() >= 300
    assert ResourceCard.objects.count() == 2 * shown.count()
    assert shown.values("category").distinct().count() >= 60
    assert set(shown.values_list("resource_type", flat=True)) == {"business", "service", "data", "api"}
    assert shown.values("city__region").exclude(city=None).distinct().count() == 10
    assert not shown.filter(is_fictional=False, contacts__kind="phone").exists()
    said = call("create_demo_users")
    users = {line.split()[0]: line.split()[1] for line in said.splitlines()}
    assert len(users) == 3
    for email, password in users.items():
        assert authenticate(username=email, password=password) is not None
    assert Resource.objects.filter(user__email="owner@demo.ecosyste.example").count() == 3


@pytest.mark.usefixtures("media")
def test_a_second_load_changes_nothing() -> None:
    call("load_reference")
    call("load_demo")
    call("create_demo_users")
    Category.objects.filter(slug="pharmacies").update(name_fr="Officines")
    deletion.delete_resource(resource_id=Resource.objects.published().order_by("slug")[0].pk, at=now())
    before = Resource.objects.kept().count()
    call("load_reference")
    assert "demo_created=0" in call("load_demo")
    assert call("create_demo_users") == ""
    assert Category.objects.get(slug="pharmacies").name_fr == "Officines"
    assert Resource.objects.kept().count() == before
    card_upkeep.rebuild_cards()
    call("load_reference", "--overwrite")
    assert Category.objects.get(slug="pharmacies").name_fr == "Pharmacies"
    assert not card_upkeep.check_cards().stale


def test_new_passwords_replace_the_old_ones() -> None:
    old = dict(line.split() for line in call("create_demo_users").splitlines())
    new = dict(line.split() for line in call("create_demo_users", "--new-passwords").splitlines())
    email = "staff@demo.ecosyste.example"
    assert authenticate(username=email, password=old[email]) is None
    staff = authenticate(username=email, password=new[email])
    assert isinstance(staff, User)
    assert staff.is_staff


@pytest.mark.parametrize("command", ["load_demo", "create_demo_users"])
def test_production_settings_refuse_a_demonstration(command: str, settings: Settings) -> None:
    settings.DEMO_ALLOWED = False
    with pytest.raises(CommandError, match="--i-know"):
        call(command)
    assert not User.objects.exists()


def test_loading_again_draws_no_numbers() -> None:
    def drawn() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT (SELECT last_value FROM cities_number_seq) + (SELECT last_value FROM categories_number_seq)")
            return int(cursor.fetchone()[0])

    call("load_reference")
    before = drawn()
    call("load_reference")
    call("load_reference", "--overwrite")
    assert drawn() == before


def test_lost_numbers_are_reclaimed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('cities_number_seq', 32000)")
    call("load_reference")
    assert City.objects.aggregate(most=Max("number"))["most"] < 1000
