"""What tests of ingestion share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from apps.catalog.services.reference import load_reference
from apps.ingestion.models import Source
from apps.ingestion.tests.factories import make_source, make_source_key


@pytest.fixture(scope="module")
def reference(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:  # noqa: ARG001  the database comes first
    """The places and categories of the project, once for the tests of a module, which roll back what they add to them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_reference()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def source() -> Source:
    return make_source()


@pytest.fixture
def secret(source: Source) -> str:
    return make_source_key(source)
