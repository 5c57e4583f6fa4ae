"""Figures for Prometheus: there for whoever may read them, not there for anybody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.django_db


def test_it_works(client: Client) -> None:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response["Cache-Control"].startswith("max-age=0")
    families = {family.name: family for family in text_string_to_metric_families(response.content.decode())}
    assert families["search_indexing_lag_seconds"].samples[0].value == 0
    assert families["search_fallbacks"].type == "counter"
    assert client.get("/metrics").status_code == 200, "figures that are looked up are registered anew each time"


def test_without_the_database_the_counters_are_still_there(client: Client) -> None:
    def away(*_args: object) -> object:
        raise OperationalError

    with connection.execute_wrapper(away):
        response = client.get("/metrics")
    assert response.status_code == 200
    assert b"search_fallbacks" in response.content
    assert b"search_indexing_lag_seconds" not in response.content


@pytest.mark.parametrize(
    "meta",
    [{"REMOTE_ADDR": "203.0.113.7"}, {"REMOTE_ADDR": ""}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, {"HTTP_FORWARDED": "for=127.0.0.1"}],
)
def test_others_find_no_such_page(client: Client, meta: dict[str, Any]) -> None:
    assert client.get("/metrics", **meta).status_code == 404


def test_a_token_opens_it_from_anywhere_and_nothing_else_does(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "opens"
    opened = client.get("/metrics", headers={"Authorization": "Bearer opens"}, REMOTE_ADDR="203.0.113.7")
    assert opened.status_code == 200
    wrong: dict[str, str]
    for wrong in ({}, {"Authorization": "Bearer open"}, {"Authorization": "Bearer "}, {"Authorization": "Bearer öpens"}):
        assert client.get("/metrics", headers=wrong).status_code == 404
