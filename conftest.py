"""What every test shares: the servers of the `test` profile, and nothing else by default."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from apps.billing.fake_operator import client as fake_operator_client
from apps.billing.fake_operator.client import FakeOperator
from ecosysteme import elasticsearch, embedded, env

# Examples are as slow as the machine is busy; fixtures that examples share are meant so.
settings.register_profile("random", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
# A change is judged by the same examples as the one before it; `--hypothesis-profile=random` looks for others.
settings.register_profile("suite", settings.get_profile("random"), derandomize=True)
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Start this checkout's test servers before Django opens a connection."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "ecosysteme.settings.test"
    if embedded.is_needed():
        config.stash[_SERVERS] = embedded.running()
        config.stash[_SERVERS].__enter__()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of them; the last process out stops them."""
    if _SERVERS in config.stash:
        config.stash[_SERVERS].__exit__(None, None, None)


@pytest.fixture(autouse=True)
def _fresh_process_caches() -> None:
    """No test reads what another one left in this process, nor speaks the language of its last request.

    Nor is it answered what an earlier one asked: what a test writes is rolled back, so that no commit makes the search forget.
    """
    from django.core.cache import cache  # noqa: PLC0415  settings come first
    from django.utils import translation  # noqa: PLC0415  settings come first

    from apps.core.cache_keys import SEARCH_WORDS  # noqa: PLC0415  settings come first
    from apps.core.process_cache import clear_process_caches  # noqa: PLC0415  settings come first

    clear_process_caches()
    # A stamp that is lost starts anew at a value that was never used.
    cache.delete(f"stamp:{SEARCH_WORDS}")
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker) -> None:  # noqa: ARG001
    """The database of this run is a copy of one that is migrated already."""
    from django.db import connection  # noqa: PLC0415  settings come first

    from tests.template_database import template_database  # noqa: PLC0415  settings come first

    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template_database()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_db_setup: None,  # noqa: ARG001  the library's goes before
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Whoever still holds a connection at the end (a thread that hands events over) does not keep the database from being dropped."""
    yield
    if request.config.getoption("reuse_db"):
        return
    from django.db import connection  # noqa: PLC0415  settings come first

    name = connection.settings_dict["NAME"]
    # Asked from outside: the test that came last may have left this process's own connection broken. Nobody comes back after that.
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:  # noqa: SLF001  as Django drops it
        cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(name)} ALLOW_CONNECTIONS false")
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])


@pytest.fixture(autouse=True)
def _empty_partitions(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Django empties the tables that it manages after a test that commits; the partitioned ones of analytics are our migrations'."""
    yield
    mark = request.node.get_closest_marker("django_db")
    if (mark and mark.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(request.fixturenames):
        from django.db import connection  # noqa: PLC0415  settings come first

        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE analytics_events, analytics_day_visitors")


@pytest.fixture(scope="session")
def elasticsearch_server() -> Iterator[dict[str, Any]]:
    """Options of a client for a real Elasticsearch: `ELASTICSEARCH_URL`, or a node that the workers of this run share.

    What this process leaves there under `ELASTICSEARCH_INDEX_PREFIX` is deleted at its end.
    """
    from django.conf import settings  # noqa: PLC0415  settings come first

    with contextlib.ExitStack() as stack:
        options = env.elasticsearch() or {"hosts": [stack.enter_context(elasticsearch.own_node().running())]}
        yield options
        with Elasticsearch(**options) as client:
            if left := list(client.indices.get(index=f"{settings.ELASTICSEARCH_INDEX_PREFIX}*")):
                client.indices.delete(index=left)


@pytest.fixture(scope="session")
def fake_operator_process() -> Iterator[FakeOperator]:
    """One operator of Mobile Money for the whole run, in a process of its own. Its payers answer at once."""
    with fake_operator_client.running("--delay", "0") as operator:
        yield operator


@pytest.fixture
def fake_operator(fake_operator_process: FakeOperator, settings: Any) -> FakeOperator:
    """An operator to which nothing happened yet, and that every payment setting leads to."""
    fake_operator_process.reset()
    for name, value in fake_operator_process.settings().items():
        setattr(settings, name, value)
    # Tokens, and how many may be minted, are kept by account: each test has accounts of its own.
    for name in ("MTN_MOMO_API_KEY", "MTN_MOMO_DISBURSEMENT_API_KEY", "ORANGE_WEBPAY_CLIENT_SECRET", "ORANGE_MP_CUSTOMER_SECRET"):
        setattr(settings, name, uuid.uuid4().hex)
    return fake_operator_process


_SERVERS: pytest.StashKey[contextlib.AbstractContextManager[None]] = pytest.StashKey()
