"""Duplicates among entries that are stored already."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.tests.factories import make_user
from apps.catalog.choices import Status
from apps.catalog.models import Category, Resource
from apps.catalog.tests.factories import make_category, make_resource
from apps.ingestion import tasks
from apps.ingestion.choices import Verdict
from apps.ingestion.models import ComparedEntry, MatchKey, Pair
from apps.ingestion.selectors.pair_pages import pair_page, waiting_pairs
from apps.ingestion.selectors.stored_duplicates import suspects_of
from apps.ingestion.services import decisions
from apps.ingestion.services.match_keys import refresh_match_keys
from apps.ingestion.services.stored_duplicates import Searched, find_duplicates

pytestmark = pytest.mark.django_db


def stored(name: str = "Pharmacie du Soleil Levant", **fields: Any) -> Resource:
    """An entry as somebody wrote it who knows nothing of keys."""
    category = Category.objects.filter(slug="pharmacies").first() or make_category(slug="pharmacies")
    return make_resource(name=name, category=category, **{"latitude": "3.8701", "longitude": "11.5152", **fields})


def search(**options: Any) -> Searched:
    return find_duplicates(at=timezone.now(), **options)


@pytest.fixture
def staff() -> User:
    return make_user(is_staff=True)


def test_it_works() -> None:
    first, second = stored(), stored("Phcie Soleil Levant", latitude="3.8702")
    other = stored("Quincaillerie Bonanjo", latitude="3.8860")

    assert search() == Searched(compared=3, suspected=1)

    pair = Pair.objects.get()
    assert {pair.first, pair.second} == {first, second}
    assert (pair.verdict, pair.decided_by) == (Verdict.ASK, None)
    assert pair.reasons
    assert list(waiting_pairs()) == [pair]
    assert pair_page(pair.pk)
    # Found, and left to people: both are still shown.
    assert {row.status for row in Resource.objects.all()} == {Status.ACTIVE}
    assert MatchKey.objects.filter(resource=other).exists()


def test_a_second_search_compares_what_changed_only() -> None:
    stored()
    changed = stored("Quincaillerie Bonanjo")
    assert search().compared == 2
    assert search() == Searched(compared=0, suspected=0)

    Resource.objects.filter(pk=changed.pk).update(name="Phcie Soleil Levant", version=changed.version + 1)
    refresh_match_keys([changed.pk])

    assert search() == Searched(compared=1, suspected=1)


def test_other_weights_compare_everything_again() -> None:
    stored()
    search()
    ComparedEntry.objects.update(weights=1)

    assert search().compared == 1


def test_what_staff_kept_apart_is_not_asked_again(staff: User) -> None:
    stored(), stored("Phcie Soleil Levant")
    search()
    decisions.decide_different(pair_id=Pair.objects.get().pk, actor=staff, at=timezone.now())

    assert search(is_again=True) == Searched(compared=2, suspected=0)
    assert Pair.objects.get().verdict == Verdict.DIFFERENT


def test_what_staff_merged_is_not_asked_again(staff: User) -> None:
    make_category(slug="autres")
    stored(), stored("Phcie Soleil Levant")
    search()
    decisions.decide_same(pair_id=Pair.objects.get().pk, actor=staff, at=timezone.now())

    # The survivor has another version now, the absorbed entry is none that lives.
    assert search() == Searched(compared=1, suspected=0)


@pytest.mark.parametrize(
    "fields",
    [
        {"livemode": False},
        {"status": Status.ARCHIVED},
        {"status": Status.SUSPENDED},
        {"deleted_at": timezone.now()},
        {"resource_type": "service"},
    ],
)
def test_what_nobody_sees_or_is_something_else_is_no_duplicate(fields: dict[str, Any]) -> None:
    first = stored()
    other = stored("Phcie Soleil Levant")
    refresh_match_keys([first.pk, other.pk])
    Resource.objects.filter(pk=other.pk).update(**fields)

    assert search().suspected == 0
    assert not Pair.objects.exists()


def test_it_stops_at_its_limit_and_goes_on_from_there() -> None:
    entries = sorted(stored(f"Boutique {word}", latitude=f"3.{number}").pk for number, word in enumerate(("Alpha", "Bravo", "Charlie"), 5))

    assert search(limit=2).compared == 2
    assert set(ComparedEntry.objects.values_list("resource_id", flat=True)) == set(entries[:2])
    assert search(limit=2).compared == 1


def test_a_crowd_of_alike_entries_does_not_flood_the_review() -> None:
    for _copy in range(12):
        stored()

    search()

    # Twelve have 66 pairs; each raises three questions at most.
    assert 12 // 2 <= Pair.objects.count() <= 36


def test_the_number_of_statements_does_not_grow() -> None:
    counts = []
    for size in (2, 40):
        Resource.objects.all().delete()
        ids = [stored(f"Pharmacie numéro {index}", latitude=str(3.5 + index / 100)).pk for index in range(size)]
        refresh_match_keys(ids)
        with CaptureQueriesContext(connection) as queries:
            suspects_of(ids)
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1
    assert max(counts) <= 5


def test_the_command_reports_and_the_beat_does_the_same() -> None:
    stored(), stored("Phcie Soleil Levant"), stored("Quincaillerie Bonanjo", latitude="3.9")
    out = StringIO()

    call_command("find_duplicates", limit=2, stdout=out)
    assert "compared=2 suspected=1 left=1" in out.getvalue()

    tasks.find_duplicates()
    assert ComparedEntry.objects.count() == 3


@pytest.mark.parametrize("limit", ["0", "-3", "many"])
def test_a_bad_limit_is_named(limit: str) -> None:
    with pytest.raises(CommandError, match="is not a number of entries"):
        call_command("find_duplicates", f"--limit={limit}")
