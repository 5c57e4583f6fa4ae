"""Limits hold exactly, whoever calls at once, and give way when Redis does."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.callers import ANONYMOUS, Caller, CallerKind
from apps.accounts.choices import Entitlement
from apps.accounts.limits import Admission, admission, admit, settle
from apps.accounts.limits.leases import leases
from apps.accounts.limits.local import buckets, usage
from apps.accounts.limits.script import Verdict, counter
from apps.accounts.models import ApiUsage, QuotaAlert, User
from apps.accounts.selectors.usage import forecast_day, usage_report
from apps.accounts.services.entitlements import set_entitlements
from apps.accounts.services.usage import add_usage, begin_month, flush_usage
from apps.accounts.tests.factories import make_key, make_user
from apps.core.tests.redis_server import RedisServer

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
ADDRESS = "192.0.2.7"


def forget() -> None:
    """What this process remembers of limits."""
    for memory in (leases, buckets, usage, admission._rights, admission._known_bounds):
        memory.clear()
    counter._away_until = 0.0


@pytest.fixture(autouse=True)
def _clean(settings: Settings) -> Iterator[None]:
    settings.CACHE_KEY_PREFIX = f"limits-{uuid.uuid4().hex}"
    settings.ANONYMOUS_BURST, settings.KEY_BURST, settings.ANONYMOUS_HOURLY_RATE = 10, 20, 1000
    forget()
    yield
    forget()


@pytest.fixture
def server(tmp_path: Path, settings: Settings) -> Iterator[RedisServer]:
    """A Redis of the test's own, which the limiter uses."""
    own = RedisServer(tmp_path)
    own.start()
    settings.REDIS_URL = f"unix://{own.socket}"
    yield own
    own.kill()


@pytest.fixture
def user() -> User:
    return make_user()


def give(user: User, *, quota: int = 1000, hourly: int = 1_000_000) -> None:
    set_entitlements(
        user_id=user.pk, values={Entitlement.MONTHLY_QUOTA: quota, Entitlement.HOURLY_RATE: hourly}, valid_until=None, at=timezone.now()
    )
    forget()


def caller_of(user: User) -> Caller:
    return Caller(user=user, kind=CallerKind.JWT, scopes=None)


def ask(caller: Caller, operation: str = "resource_list", at: dt.datetime = AT) -> Admission:
    return admit(caller, address=ADDRESS, operation=operation, at=at)


def test_it_works(client: Client, user: User) -> None:
    _key, secret = make_key(user)
    response = client.get("/api/v1/categories", headers={"X-API-Key": secret})
    assert response["RateLimit-Policy"] == '"burst";q=20;w=1, "sustained";q=1000;w=3600, "monthly";q=1000'
    names = [part.split(";")[0] for part in response["RateLimit"].split(", ")]
    assert names == ['"burst"', '"sustained"', '"monthly"']
    assert 'monthly";r=999' in response["RateLimit"]
    assert response["X-Quota-Cost"] == "1"


def test_a_refusal_names_its_policy_and_says_when(client: Client, settings: Settings) -> None:
    settings.ANONYMOUS_BURST = 100
    settings.ANONYMOUS_HOURLY_RATE = 5
    for _ in range(5):
        assert client.get("/api/v1/categories").status_code == 200
    refused = client.get("/api/v1/categories?lang=en")
    assert refused.status_code == 429
    problem = refused.json()
    assert (problem["code"], problem["violated-policies"]) == ("rate_limited", ["sustained"])
    assert refused["Content-Type"] == "application/problem+json"
    assert 700 < int(refused["Retry-After"]) <= 721
    assert client.get("/fr/").status_code == 200
    assert client.get("/health").status_code == 200
    assert client.get("/api/docs").status_code == 200


def test_nobody_is_another_address_by_saying_so(client: Client, settings: Settings) -> None:
    settings.ANONYMOUS_BURST, settings.ANONYMOUS_HOURLY_RATE = 100, 3
    ways = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "X-Forwarded-For")
    statuses = [client.get("/api/v1/categories", headers={way: f"198.51.100.{n}"}).status_code for n, way in enumerate(ways)]
    assert statuses == [200, 200, 200, 429, 429]
    settings.TRUSTED_PROXIES = 1
    behind = [client.get("/api/v1/categories", headers={"X-Forwarded-For": f"10.0.0.{n}, 198.51.100.9"}).status_code for n in range(5)]
    assert behind == [200, 200, 200, 429, 429], "what the caller wrote before our proxy is nothing"


def test_bursts_are_refused_and_pass() -> None:
    began = time.monotonic()
    outcomes = Counter(ask(ANONYMOUS).refused_by for _ in range(40))
    assert 10 <= outcomes[""] <= 10 + 10 * (time.monotonic() - began) + 1
    assert outcomes["burst"] == 40 - outcomes[""]


def test_another_address_and_another_key_have_their_own(user: User, settings: Settings) -> None:
    settings.ANONYMOUS_BURST, settings.ANONYMOUS_HOURLY_RATE = 100, 1
    assert not ask(ANONYMOUS).refused_by
    assert ask(ANONYMOUS).refused_by == "sustained"
    assert not admit(ANONYMOUS, address="192.0.2.8", operation="x", at=AT).refused_by
    first, second = (Caller(user=user, kind=CallerKind.API_KEY, key_id=uuid.uuid4(), hourly_rate=1) for _ in range(2))
    assert not ask(first).refused_by
    assert ask(first).refused_by == "sustained"
    assert not ask(second).refused_by


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_take_exactly_the_quota(settings: Settings) -> None:
    settings.KEY_BURST = 1_000_000
    user = make_user()
    give(user, quota=1000)
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()
    barrier = threading.Barrier(50)

    def take() -> None:
        barrier.wait()
        found = Counter(ask(caller_of(user)).refused_by for _ in range(30))
        with lock:
            outcomes.update(found)
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {"": 1000, "monthly": 500}
    flush_usage(at=AT)
    row = ApiUsage.objects.get(user=user)
    assert (row.calls, row.units, row.refused) == (1000, 1000, 500)
    user.refresh_from_db()
    assert user.api_usage == 1000


@pytest.mark.django_db(transaction=True)
def test_leases_never_pass_the_quota(settings: Settings) -> None:
    settings.KEY_BURST = 1_000_000
    user = make_user()
    give(user, quota=3000, hourly=100_000)
    outcomes = Counter(ask(caller_of(user)).refused_by for _ in range(3100))
    assert outcomes == {"": 3000, "monthly": 100}
    flush_usage(at=AT)
    assert ApiUsage.objects.get(user=user).units == 3000


def test_a_lease_spares_the_script(user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.KEY_BURST = 1_000_000
    give(user, quota=1_000_000, hourly=20_000)
    asked: list[object] = []
    real = counter.admit

    def watched(keys: list[str], arguments: list[str | int]) -> Verdict:
        asked.append(keys)
        return real(keys, arguments)

    monkeypatch.setattr(counter, "admit", watched)
    for _ in range(200):
        assert not ask(caller_of(user)).refused_by
    assert len(asked) < 20
    del asked[:]
    give(user, quota=1_000_000, hourly=2_000)
    for _ in range(50):
        ask(caller_of(user))
    assert len(asked) >= 50


def test_an_unused_lease_is_given_back(user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.KEY_BURST = 1_000_000
    give(user, quota=100_000, hourly=20_000)
    monkeypatch.setattr(admission, "LEASE_S", 0.0)
    for _ in range(20):
        ask(caller_of(user))
    admission.flush_local()
    left = {a.policy.name: a.remaining for a in ask(caller_of(user), "me_limits").allowances}
    assert left["monthly"] == 100_000 - 20
    assert left["sustained"] >= 20_000 - 21


def left_of(caller: Caller, name: str, at: dt.datetime = AT) -> int:
    return next(a.remaining for a in ask(caller, "me_limits", at).allowances if a.policy.name == name)


def test_what_is_left_goes_down_by_one_whoever_counts(user: User, settings: Settings) -> None:
    settings.KEY_BURST = 1_000_000
    give(user, quota=100_000, hourly=50_000)
    left = [next(a.remaining for a in ask(caller_of(user)).allowances if a.policy.name == "monthly") for _ in range(250)]
    assert left == [100_000 - number for number in range(1, 251)]


def test_bursts_are_bounded_while_a_block_is_used(user: User) -> None:
    give(user, quota=1_000_000, hourly=20_000)
    began = time.monotonic()
    outcomes = Counter(ask(caller_of(user)).refused_by for _ in range(200))
    assert 20 <= outcomes[""] <= 20 + 20 * (time.monotonic() - began) + 1
    assert outcomes["burst"] == 200 - outcomes[""]
    flush_usage(at=AT)
    row = ApiUsage.objects.get(user=user)
    assert (row.calls, row.refused) == (outcomes[""], outcomes["burst"])


def test_a_block_of_one_process_is_no_burst_for_another(user: User) -> None:
    give(user, quota=1_000_000, hourly=20_000)
    for _ in range(6):
        assert not ask(caller_of(user)).refused_by
    leases.clear()  # The next calls come to a process that holds nothing.
    assert [ask(caller_of(user)).refused_by for _ in range(10)] == [""] * 10


@pytest.mark.django_db(transaction=True)
def test_threads_that_ask_for_blocks_at_once_lose_none(settings: Settings) -> None:
    settings.KEY_BURST = 1_000_000
    user = make_user()
    give(user, quota=100_000, hourly=50_000)
    barrier = threading.Barrier(20)

    def take() -> None:
        barrier.wait()
        for _ in range(40):
            assert not ask(caller_of(user)).refused_by
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    admission._give_back_at_exit()
    assert left_of(caller_of(user), "monthly") == 100_000 - 800
    assert left_of(caller_of(user), "sustained") >= 50_000 - 800
    flush_usage(at=AT)
    assert ApiUsage.objects.get(user=user, operation="resource_list").units == 800


def test_a_block_ends_with_its_month(user: User, settings: Settings) -> None:
    settings.KEY_BURST = 1_000_000
    give(user, quota=100_000, hourly=50_000)
    last = dt.datetime(2026, 11, 30, 22, 59, 59, tzinfo=dt.UTC)
    for at in (*[last] * 20, *[last + dt.timedelta(seconds=1)] * 3):
        assert not ask(caller_of(user), at=at).refused_by
    admission._give_back_at_exit()
    assert left_of(caller_of(user), "monthly", last) == 100_000 - 20
    assert left_of(caller_of(user), "monthly", last + dt.timedelta(seconds=1)) == 100_000 - 3


@pytest.mark.parametrize(("status", "units"), [(200, 1), (304, 0), (404, 1), (429, 1), (500, 0), (503, 0)])
def test_what_failed_or_told_nothing_costs_nothing(user: User, status: int, units: int) -> None:
    settle(ask(caller_of(user)), status=status)
    flush_usage(at=AT)
    row = ApiUsage.objects.get(user=user)
    assert (row.calls, row.units, row.errors) == (1, units, 1 if status >= 500 else 0)
    left = {a.policy.name: a.remaining for a in ask(caller_of(user), "me_limits").allowances}
    assert left["monthly"] == 1000 - units


def test_some_operations_take_no_units(user: User) -> None:
    for operation, units in (("suggestions", 0), ("me_limits", 0), ("resource", 1)):
        assert ask(caller_of(user), operation).units == units


def test_wrong_keys_count_against_the_address(client: Client, settings: Settings) -> None:
    settings.ANONYMOUS_BURST, settings.ANONYMOUS_HOURLY_RATE = 100, 3
    statuses = [client.get("/api/v1/categories", headers={"X-API-Key": f"romapi_live_{number}"}).status_code for number in range(5)]
    assert statuses == [401, 401, 401, 429, 429]


def test_a_lost_redis_goes_on_from_the_last_flush(user: User, server: RedisServer) -> None:
    give(user, quota=10)
    for _ in range(6):
        ask(caller_of(user))
    flush_usage(at=AT)
    ask(caller_of(user))
    server.kill()
    server.start()
    forget()
    outcomes = Counter(ask(caller_of(user)).refused_by for _ in range(10))
    assert outcomes == {"": 4, "monthly": 6}


def test_without_redis_each_process_bounds_its_callers(user: User, server: RedisServer, settings: Settings) -> None:
    settings.ANONYMOUS_HOURLY_RATE = 20
    server.kill()
    assert Counter(ask(ANONYMOUS).refused_by for _ in range(30)) == {"": 20, "sustained": 10}
    give(user, quota=10)
    server.kill()
    assert Counter(ask(caller_of(user)).refused_by for _ in range(15)) == {"": 15}
    server.start()
    forget_away()
    assert ask(caller_of(user)).refused_by == ""
    flush_usage(at=AT)
    assert ApiUsage.objects.get(user=user).calls == 16
    user.refresh_from_db()
    assert user.api_usage == 16
    assert ask(caller_of(user)).refused_by == "monthly"


def forget_away() -> None:
    """As if the pause after a failure were over."""
    counter._away_until = 1e-9


def test_a_flush_that_died_is_finished_once(user: User) -> None:
    ask(caller_of(user))
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    pending = f"{django_settings.CACHE_KEY_PREFIX}:{admission.PENDING}"
    batch = uuid.uuid4()
    client.rename(pending, f"{pending}:{batch}")
    counts = {bytes(field).decode(): int(number) for field, number in client.hgetall(f"{pending}:{batch}").items()}  # type: ignore[arg-type]
    add_usage(batch_id=batch, counts=counts, at=AT)
    ask(caller_of(user))
    flush_usage(at=AT)
    assert ApiUsage.objects.get(user=user).calls == 2
    assert not list(client.scan_iter(f"{pending}*"))
    client.close()


def test_counts_of_people_who_are_gone_are_dropped(user: User) -> None:
    fields = {f"2026-11-24|{uuid.uuid4()}||x|c": 1, f"2026-11-24|{user.pk}|{uuid.uuid4()}|x|c": 2}
    assert add_usage(batch_id=uuid.uuid4(), counts=fields, at=AT) == 2
    row = ApiUsage.objects.get()
    assert (row.user_id, row.key_id, row.calls) == (user.pk, None, 2)


def test_alerts_come_once_each(user: User) -> None:
    def use(units: int) -> None:
        field = f"2026-11-24|{user.pk}||resource|"
        add_usage(batch_id=uuid.uuid4(), counts={f"{field}c": units, f"{field}u": units}, at=AT)

    for units, alerts in ((499, set()), (1, {50}), (100, {50}), (250, {50, 80}), (150, {50, 80, 100}), (10, {50, 80, 100})):
        use(units)
        assert set(QuotaAlert.objects.values_list("percent", flat=True)) == alerts


def test_months_begin_anew_in_cameroon(user: User) -> None:
    give(user, quota=2)
    last = dt.datetime(2026, 11, 30, 22, 59, tzinfo=dt.UTC)
    assert [ask(caller_of(user), at=last).refused_by for _ in range(3)] == ["", "", "monthly"]
    assert ask(caller_of(user), at=last).retry_s == 61
    assert ask(caller_of(user), at=last + dt.timedelta(minutes=1)).refused_by == ""
    User.objects.filter(pk=user.pk).update(api_usage=7)
    assert begin_month(at=last + dt.timedelta(days=2)) == 1


def test_the_report_has_every_day(user: User) -> None:
    key, _secret = make_key(user)
    for day, field in (("2026-11-22", f"{key.pk}|resource"), ("2026-11-24", "|search")):
        add_usage(batch_id=uuid.uuid4(), counts={f"{day}|{user.pk}|{field}|c": 3, f"{day}|{user.pk}|{field}|u": 2}, at=AT)
    report = usage_report(user, first=dt.date(2026, 11, 21), last=dt.date(2026, 11, 24))
    assert [counts.calls for _day, counts in report.by_day] == [0, 3, 0, 3]
    assert {name for _id, name, _counts in report.by_key} == {"Essai", ""}
    assert (report.total.calls, report.total.units) == (6, 4)


@pytest.mark.parametrize(("used", "day"), [(0, None), (100, None), (799, None), (800, 30), (900, 27), (1000, 24), (2000, 24)])
def test_the_forecast(used: int, day: int | None) -> None:
    found = forecast_day(used=used, quota=1000, today=dt.date(2026, 11, 24))
    assert (found.day if found else None) == day
