"""Loads the reference data that ships with the product: places, categories, public holidays."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from apps.catalog.models import Category, City, Country, Department, PublicHoliday, Quarter, Region

REFERENCE_DIR = Path(__file__).resolve().parent.parent / "reference"

# Numbers of rows that were rolled back are lost. So many, and the sequence goes back to the rows that there are.
LOST_NUMBERS_MAX = 10_000
_RECLAIM = """
SELECT setval('{table}_number_seq', kept.most) FROM (SELECT coalesce(max(number), 0) + 1 AS most FROM {table}) kept,
    {table}_number_seq drawn WHERE drawn.last_value > kept.most + %s
"""

# What applications above ship besides; each is given `overwrite`, and says how many rows it has by table.
_further: list[Callable[..., dict[str, int]]] = []


def add_loader(load: Callable[..., dict[str, int]]) -> None:
    """Have `load_reference` load what another application ships, too; once per process, from its `ready()`."""
    _further.append(load)


def read_reference(name: str) -> Any:
    """One shipped reference file, decoded; `name` is without `.json`."""
    return json.loads((REFERENCE_DIR / f"{name}.json").read_text(encoding="utf-8"))


@transaction.atomic
def load_reference(*, overwrite: bool = False) -> dict[str, int]:
    """Insert the shipped rows that are missing; the rows staff has edited stay as they are.

    :param overwrite: also bring existing rows back to the shipped values.
    :returns: number of rows of each shipped file, by file name.
    """
    counts = {}

    def save(model: type[models.Model], rows: Sequence[models.Model], key: Sequence[str], fields: Sequence[str]) -> None:
        counts[str(model._meta.db_table)] = len(rows)  # noqa: SLF001  Django's documented Model._meta API
        manager = model._default_manager  # noqa: SLF001  likewise
        columns = [model._meta.get_field(name).attname for name in key]  # type: ignore[union-attr]  # noqa: SLF001  likewise
        stored = {tuple(map(str, values)): pk for pk, *values in manager.values_list("pk", *columns)}
        known, missing = [], []
        for row in rows:
            row_key = tuple(str(getattr(row, column)) for column in columns)
            if row_key in stored:
                row.pk = stored[row_key]
                known.append(row)
            else:
                missing.append(row)
        # Only what is missing is inserted: a row that conflicts draws a short number all the same, and they run out.
        manager.bulk_create(missing, ignore_conflicts=True)
        if overwrite and known:
            manager.bulk_update(known, [field for field in fields if field not in key])

    with connection.cursor() as cursor:
        for table in ("cities", "categories"):
            cursor.execute(_RECLAIM.format(table=table), [LOST_NUMBERS_MAX])
    save(Country, [Country(code="CM", name_fr="Cameroun", name_en="Cameroon")], ["code"], ["name_fr", "name_en"])
    names = ["name_fr", "name_en", "aliases"]
    position = ["latitude", "longitude"]
    save(
        Region,
        [
            Region(
                country_id="CM", slug=row["slug"], code=row["code"], name_fr=row["name_fr"], name_en=row["name_en"],
                aliases=row["aliases"], latitude=row["lat"], longitude=row["lng"],
            )
            for row in read_reference("regions")
        ],
        ["slug"], [*names, *position],
    )  # fmt: skip
    regions = dict(Region.objects.values_list("slug", "pk"))
    save(
        Department,
        [
            Department(
                slug=row["slug"], region_id=regions[row["region"]], name_fr=row["name_fr"], name_en=row["name_en"],
                aliases=row["aliases"],
            )
            for row in read_reference("departments")
        ],
        ["slug"], [*names, "region"],
    )  # fmt: skip
    departments = dict(Department.objects.values_list("slug", "pk"))
    save(
        City,
        [
            City(
                slug=row["slug"], region_id=regions[row["region"]], department_id=departments.get(row["department"]),
                name_fr=row["name_fr"], name_en=row["name_en"], aliases=row["aliases"], latitude=row["lat"],
                longitude=row["lng"], population=row["population"] or None,
            )
            for row in read_reference("cities")
        ],
        ["slug"], [*names, *position, "region", "department", "population"],
    )  # fmt: skip
    cities = dict(City.objects.values_list("slug", "pk"))
    save(
        Quarter,
        [
            Quarter(
                city_id=cities[row["city"]], slug=row["slug"], name=row["name"], aliases=row["aliases"],
                latitude=row["lat"], longitude=row["lng"],
            )
            for row in read_reference("quarters")
        ],
        ["city", "slug"], ["name", "aliases", *position],
    )  # fmt: skip
    _save_categories(save)
    save(
        PublicHoliday,
        [PublicHoliday(**row) for row in read_reference("holidays")],
        ["date"], ["name_fr", "name_en", "status"],
    )  # fmt: skip
    for load in _further:
        counts |= load(overwrite=overwrite)
    return counts


def _save_categories(save: Any) -> None:
    """Roots first, so that each row finds its parent."""
    rows = read_reference("categories")
    waiting = {row["slug"]: row for row in rows}
    fields = ["parent", "name_fr", "name_en", "description_fr", "description_en", "icon", "aliases", "schema_type", "order"]
    while waiting:
        ready = [row for row in waiting.values() if row["parent"] not in waiting]
        if not ready:
            raise ValueError(f"the shipped categories {sorted(waiting)} form a cycle")
        known = dict(Category.objects.values_list("slug", "pk"))
        save(
            Category,
            [
                Category(
                    **{name: row[name] for name in fields if name != "parent"},
                    slug=row["slug"],
                    parent_id=known.get(row["parent"]),
                )
                for row in ready
            ],
            ["slug"],
            fields,
        )
        for row in ready:
            del waiting[row["slug"]]
