"""How long calls of the API take."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.tests.factories import make_key, make_user
from apps.analytics.constants import LATENCY_BOUNDS_MS, ZONE
from apps.analytics.encoding import CallCount
from apps.analytics.models import ApiLatency
from apps.analytics.selectors.latency import Latency, api_latency
from apps.analytics.services.draining import drain
from apps.analytics.services.latency import add_calls, calls, prune_latency

pytestmark = pytest.mark.django_db


def test_it_works(client: Client) -> None:
    user = make_user()
    key, secret = make_key(user)
    for path in ("/api/v1/categories", "/api/v1/categories", "/api/v1/api-resources/nobody-there"):
        client.get(path, headers={"X-API-Key": secret})
    client.get("/api/v1/categories")
    calls.flush()
    drain()
    today = timezone.now().astimezone(ZONE).date()
    report = api_latency(user, first=today, last=today)
    assert (report.total.calls, report.total.refused, report.total.errors, report.total.error_share) == (3, 1, 0, 0.0)
    assert [(found, name) for found, name, _latency in report.by_key] == [(key.pk, key.name)]
    assert [(name, one.calls) for name, one in report.by_operation] == [("category_list", 2), ("resource", 1)]
    assert report.total.p50_ms is not None
    assert report.total.p95_ms is not None
    assert 0 < report.total.p50_ms <= report.total.p95_ms


def test_strangers_see_nothing_of_it(client: Client) -> None:
    _key, secret = make_key(make_user())
    client.get("/api/v1/categories", headers={"X-API-Key": secret})
    calls.flush()
    drain()
    today = timezone.now().astimezone(ZONE).date()
    report = api_latency(make_user(), first=today, last=today)
    assert (report.total, report.by_key, report.by_operation) == (Latency(), [], [])


def test_the_same_group_is_added_up_and_who_is_gone_leaves_nothing() -> None:
    user, day = make_user(), dt.date(2026, 3, 17)
    hour = int(dt.datetime(2026, 3, 17, 10, tzinfo=dt.UTC).timestamp()) // 3600
    slow = len(LATENCY_BOUNDS_MS)
    add_calls([CallCount(hour, str(user.pk), "", "search", bucket, number, 0, 0) for bucket, number in ((3, 50), (6, 40), (slow, 10))])
    gone = "0198c0de-0000-7000-8000-000000000000"
    add_calls([CallCount(hour, str(user.pk), gone, "search", 3, 1, 0, 1), CallCount(hour, gone, "", "search", 3, 1, 0, 0)])
    report = api_latency(user, first=day, last=day)
    assert report.total == Latency(calls=101, refused=0, errors=1, p50_ms=5.0, p95_ms=8000.0)
    assert ApiLatency.objects.count() == 3
    assert api_latency(user, first=day + dt.timedelta(days=1), last=day + dt.timedelta(days=1)).total == Latency()
    assert prune_latency(at=dt.datetime(2027, 3, 1, tzinfo=dt.UTC)) == 0
    assert prune_latency(at=dt.datetime(2028, 7, 1, tzinfo=dt.UTC)) == 3


def test_a_period_has_bounds() -> None:
    with pytest.raises(ValueError, match="too long"):
        api_latency(make_user(), first=dt.date(2020, 1, 1), last=dt.date(2026, 1, 1))
