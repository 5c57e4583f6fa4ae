"""What the environment may say about Elasticsearch, and what a checkout need not be told."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.billing.fake_operator.addresses import CREDENTIALS
from ecosysteme import env
from ecosysteme.settings import local

NAMES = ("SEARCH", *(f"ELASTICSEARCH_{name}" for name in ("URL", "USER", "PASSWORD", "API_KEY", "CA_FILE")))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without a word about searches."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_it_works(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert env.elasticsearch() == {}
    authority = tmp_path / "ca.pem"
    authority.touch()
    environment.setenv("ELASTICSEARCH_URL", "https://search.example:9200")
    environment.setenv("ELASTICSEARCH_USER", "elastic")
    environment.setenv("ELASTICSEARCH_PASSWORD", "secret")
    environment.setenv("ELASTICSEARCH_CA_FILE", str(authority))
    options = {"hosts": ["https://search.example:9200"], "basic_auth": ("elastic", "secret"), "ca_certs": str(authority)}
    assert env.elasticsearch() == options
    environment.setenv("SEARCH", "postgres")
    assert env.elasticsearch() == {}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"SEARCH": "solr"}, "not solr"),
        ({"ELASTICSEARCH_URL": "search.example:9200"}, "http:// or https://"),
        ({"ELASTICSEARCH_URL": "http://a", "ELASTICSEARCH_USER": "elastic"}, "ELASTICSEARCH_PASSWORD"),
        (
            {"ELASTICSEARCH_URL": "http://a", "ELASTICSEARCH_USER": "u", "ELASTICSEARCH_PASSWORD": "p", "ELASTICSEARCH_API_KEY": "k"},
            "alone",
        ),
        ({"ELASTICSEARCH_URL": "http://a", "ELASTICSEARCH_CA_FILE": "/nowhere.pem"}, "no file"),
        ({"DJANGO_SETTINGS_MODULE": "ecosysteme.settings.production", "SEARCH": "elasticsearch"}, "ELASTICSEARCH_URL"),
    ],
)
def test_what_cannot_be_used_is_named(environment: pytest.MonkeyPatch, values: dict[str, str], said: str) -> None:
    for name, value in values.items():
        environment.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=said):
        env.elasticsearch()


def test_a_checkout_needs_no_credentials_of_operators() -> None:
    assert {name: getattr(local, name) for name in CREDENTIALS} == CREDENTIALS
