"""The OpenAPI document, and whether the API answers as it says."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from apps.accounts.models import User
from apps.catalog.models import Resource
from apps.catalog.tests.factories import make_category, make_city, make_quarter, make_resource, make_user

METHODS = {"get", "post", "put", "patch", "delete"}
# Whoever logs in or out proves himself with what he sends; who tells what visitors did is not asked.
OPEN = {
    "post /api/v1/auth/register",
    "post /api/v1/auth/login",
    "post /api/v1/auth/refresh",
    "post /api/v1/auth/logout",
    "post /api/v1/analytics/track",
}
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    response = client.get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def test_it_is_valid_and_complete() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, urlconf="apps.api.documented_urls", file="/dev/null")


def test_it_needs_no_database(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] == "ROMAPI"
    assert document["components"]["securitySchemes"]["session"]["in"] == "cookie"


def test_every_operation_says_what_it_does_and_how_it_fails(document: dict[str, Any]) -> None:
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    assert len(operations) >= 20
    for path, method, operation in operations:
        name = f"{method} {path}"
        assert operation["summary"], name
        assert operation["description"], name
        failures = [status for status in operation["responses"] if status.startswith("4")]
        assert failures, name
        for status in failures:
            content = operation["responses"][status]["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, name
            assert content["examples"], name
        if method == "get":
            assert {} in operation["security"] or {"session": []} in operation["security"], name
        elif name not in OPEN:
            assert {"session": []} in operation["security"], name
    assert len({operation["operationId"] for _path, _method, operation in operations}) == len(operations)


@pytest.fixture
def owner() -> User:
    return make_user()


@pytest.fixture
def entry(owner: User) -> Resource:
    city = make_city(slug="douala")
    return make_resource(
        slug="pharmacie-du-marche",
        user=owner,
        city=city,
        quarter=make_quarter(slug="akwa", city=city),
        category=make_category(slug="pharmacies"),
        hours={1: [("08:00", "18:00")]},
        profile={},
    )


@pytest.fixture
def api(db: None) -> Iterator[Any]:  # noqa: ARG001
    """The real WSGI application, in the test's transaction: a request must not close its connection."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/schema", get_wsgi_application(), headers={"Accept": "application/vnd.oai.openapi+json"})
    for signal in signals:
        signal.connect(close_old_connections)


RUN = settings(max_examples=12, suppress_health_check=list(HealthCheck))


def ask_everything(api: Any, prepare: Callable[[Any], None], *, is_reading: bool) -> int:
    """Ask each operation what the document allows and what it forbids; every answer must be one that it describes."""
    chosen = api.include(method="GET") if is_reading else api.exclude(method="GET")
    count = 0
    for found in chosen.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:

            @RUN
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                prepare(case)
                case.call_and_validate(checks=CHECKS)

            ask()
        count += 1
    return count


def test_reads_answer_as_described(api: Any, entry: Resource) -> None:
    keys = itertools.cycle([str(entry.pk), entry.slug, None])

    def prepare(case: Any) -> None:
        # A document cannot say that `fields` makes every member optional; test_list_resources.py has it.
        (case.query or {}).pop("fields", None)
        key = next(keys)
        if key and "identifier" in case.path_parameters:
            case.path_parameters["identifier"] = key

    assert ask_everything(api, prepare, is_reading=True) >= 11


def test_writes_answer_as_described(api: Any, entry: Resource, owner: User, client: Client) -> None:
    client.force_login(owner)
    token = "a" * 32
    turns = itertools.cycle([True, True, False])

    def prepare(case: Any) -> None:
        case.cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": token}
        case.headers["X-CSRFToken"] = token
        if next(turns):
            case.headers["If-Match"] = "*"
            if "identifier" in case.path_parameters:
                case.path_parameters["identifier"] = str(entry.pk)
                Resource.objects.filter(pk=entry.pk).update(deleted_at=None)

    assert ask_everything(api, prepare, is_reading=False) >= 10
