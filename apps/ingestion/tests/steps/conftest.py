"""Reference data for the steps: read once a process and rolled back, since the steps themselves read no table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from apps.catalog.gazetteer import Gazetteer
from apps.catalog.models import Department
from apps.catalog.services.reference import load_reference, read_reference
from apps.ingestion.steps import Areas, Cleaned, Context, clean


@pytest.fixture(scope="session")
def known(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Context:  # noqa: ARG001  the database must be there
    """A source that may fill everything, in Cameroon."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_reference()
        gazetteer = Gazetteer(read_reference("osm_categories"))
        regions = dict(Department.objects.values_list("slug", "region__slug"))
        transaction.set_rollback(True)
    return Context(gazetteer=gazetteer, source="test", areas=Areas(regions))


@pytest.fixture
def place(known: Context) -> Callable[..., Cleaned]:
    """Clean a good row with these members changed; `context__…` changes the context."""

    def make(**members: object) -> Cleaned:
        raw = {"source": "test", "source_id": "1", "name": "Pharmacie du Test", "category": "amenity=pharmacy", **members}
        changes = {name.removeprefix("context__"): raw.pop(name) for name in list(raw) if name.startswith("context__")}
        return clean(raw, dataclasses.replace(known, **changes))  # type: ignore[arg-type]  # any field

    return make
