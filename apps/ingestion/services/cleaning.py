"""What the steps need to know of the catalogue, read once for many records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from apps.catalog.gazetteer import Gazetteer
from apps.catalog.models import Category, City, Department, Quarter, Region
from apps.catalog.services.reference import read_reference
from apps.core.process_cache import ProcessCache
from apps.ingestion.models import CategoryWord, Source
from apps.ingestion.steps import Areas, Context

# A new place or a word that staff mapped counts after so many seconds in every process.
REFERENCE_S = 30
STAMPED_S = 86_400
COUNTRY_DEFAULT = "CM"


@dataclass(frozen=True)
class _Reference:
    gazetteer: Gazetteer
    areas: Areas
    words: Mapping[str, str]


_reference: ProcessCache[_Reference] = ProcessCache(maxsize=1, ttl_s=lambda: REFERENCE_S)
# The same by a stamp of the tables. Reading them costs as much as taking a thousand unchanged records, and what was found out about
# positions would be lost.
_stamped: ProcessCache[_Reference] = ProcessCache(maxsize=1, ttl_s=lambda: STAMPED_S)
_STAMP = ", ".join(
    [f"(SELECT sum(hash_record_extended(t, 0)) FROM {model._meta.db_table} t)" for model in (Category, City, Department, Quarter, Region)]  # noqa: S608, SLF001  constants
    + [f"(SELECT sum(hash_record_extended((word, category_id), 0)) FROM {CategoryWord._meta.db_table} WHERE category_id IS NOT NULL)"]  # noqa: S608, SLF001  constants
)


def read_context(source: Source, *, country: str = "", is_fresh: bool = False) -> Context:
    """What cleans the records of a source; `is_fresh` looks whether the tables changed.

    :param country: where its positions lie; else what its recipe says, else Cameroon.
    """
    known = None if is_fresh else _reference.get("reference")
    known = known or _reference.set("reference", _current())
    return Context(
        gazetteer=known.gazetteer, source=source.slug, country=country or str(source.recipe.get("country") or COUNTRY_DEFAULT),
        allowed_fields=frozenset(source.allowed_fields), category_words=known.words, areas=known.areas,
    )  # fmt: skip


def _current() -> _Reference:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_STAMP}")
        stamp = cursor.fetchone()
    return _stamped.get(stamp) or _stamped.set(stamp, _read())


def _read() -> _Reference:
    words = {word: str(category) for word, category in CategoryWord.objects.exclude(category=None).values_list("word", "category_id")}
    regions = dict(Department.objects.values_list("slug", "region__slug"))
    return _Reference(Gazetteer(read_reference("osm_categories")), Areas(regions), words)
