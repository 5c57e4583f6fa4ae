"""The benchmark's bulk path writes what the import writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from apps.catalog.cards import find_stale_cards
from apps.catalog.models import Resource
from apps.catalog.services.reference import load_reference
from apps.ingestion.choices import SourceKind
from apps.ingestion.services.cleaning import read_context
from apps.ingestion.services.files import entry_of, import_rows, own_source
from benchmarks.bulk import NOW, fill, write_cards, write_places
from benchmarks.directory import Standing, make_places

pytestmark = pytest.mark.django_db
COUNT = 150
# What differs because ids do, and what the import says once of all rows.
OWN = {"id", "number", "slug", "resource_id", "business_id"}


def _stored() -> dict[str, list[str]]:
    """Every row that was written, without what is the row's own, in an order that does not depend on it."""
    found = {}
    for table in ("api_resources", "contact_points", "business_hours", "field_provenance"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")  # noqa: S608  constants
            rows: list[dict[str, Any]] = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
        found[table] = sorted(str({name: value for name, value in row.items() if name not in OWN}) for row in rows)
    return found


def test_it_works_like_the_import() -> None:
    load_reference()
    import_rows(make_places(COUNT), country="CM", at=NOW)
    imported = _stored()
    Resource.objects.all().delete()
    source = own_source(SourceKind.FILE)
    context = read_context(source)
    plain = Standing(plan="free", verified=False, attributes=[], age_days=0)
    ids = write_places([(entry_of(row, source=source, context=context, at=NOW), plain) for _number, row in make_places(COUNT)])
    write_cards(ids)
    assert len(ids) == COUNT
    assert _stored() == imported
    assert find_stale_cards(ids) == []


def test_a_database_of_somebody_else_is_refused() -> None:
    with pytest.raises(RuntimeError, match="not a database of the benchmark"):
        fill(10)
