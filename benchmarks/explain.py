"""Plans of the catalogue's lists on the large benchmark database, as text for docs/explain: `python -m benchmarks.explain`.

Run `make bench ONLY=catalog SCALE=1000000` first: it fills the database.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.runner import ROOT
from ecosysteme import embedded

TARGET = ROOT / "docs" / "explain" / "lists.txt"


def explain() -> str:
    """Runs with the settings of the large database: one plan a filter shape, with rows and buffers."""
    import django  # noqa: PLC0415  the settings are known only now

    django.setup()
    from django.db import connection  # noqa: PLC0415

    from apps.catalog.selectors import card_filter  # noqa: PLC0415
    from apps.catalog.selectors.filters import CardFilter  # noqa: PLC0415
    from apps.catalog.selectors.reader import read  # noqa: PLC0415
    from apps.catalog.selectors.statements import Place, list_statement  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), current_setting('server_version') FROM resource_card WHERE language = 'fr'")
        total, version = cursor.fetchone()
        cursor.execute(
            "SELECT plan_rank, published_at, resource_id FROM resource_card WHERE language = 'fr'"
            " ORDER BY plan_rank DESC, published_at DESC, resource_id DESC OFFSET 200000 LIMIT 1"
        )
        rank, moment, identifier = cursor.fetchone()
    deep = Place(rank, moment.isoformat(), str(identifier))
    shapes: list[tuple[str, CardFilter, dict[str, object]]] = [
        ("no filter, first page", CardFilter(), {}),
        ("no filter, behind 200,000 others", CardFilter(), {"place": deep}),
        ("no filter, newest first", CardFilter(), {"is_newest": True}),
        ("a category without children", card_filter(category="pharmacies"), {}),
        ("a category with its children", card_filter(category="restauration"), {}),
        ("a town", card_filter(city="douala"), {}),
        ("a town and a category", card_filter(city="douala", category="pharmacies"), {}),
        ("a region and a category with its children", card_filter(region="ouest", category="sante"), {}),
        ("a type", card_filter(resource_type="business"), {}),
        ("verified", card_filter(verified=True), {}),
        ("with two attributes", card_filter(has=["wifi", "parking"]), {}),
        ("a small box", card_filter(bbox=(9.69, 4.04, 9.70, 4.05)), {}),
        ("a large box", card_filter(bbox=(8.0, 2.0, 16.0, 13.0)), {}),
        ("an empty box", card_filter(bbox=(0.0, 0.0, 1.0, 1.0)), {}),
        ("made lately", CardFilter(created_from="2100-01-01T00:00:00+00:00"), {}),
        ("made long ago", CardFilter(created_until="2001-01-01T00:00:00+00:00"), {}),
        ("made at any time", CardFilter(created_from="2001-01-01T00:00:00+00:00"), {}),
    ]
    parts = [f"{total:,} entries, two cards each; PostgreSQL {version}. Rows of 20 and one more.\n"]
    for name, chosen, options in shapes:
        sql, made = list_statement(chosen, language="fr", columns="c.body", rows=21, **options)
        lines = [row[0] for row in read(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {sql}", made.values)]
        parts.append(f"== {name}\n{sql}\n\n" + "\n".join((line or b"").decode() for line in lines) + "\n")
    return "\n".join(parts)


def main() -> None:
    """Write the plans."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")
    with embedded.running():
        os.environ["DATABASE_URL"] = embedded.database_url().rsplit("/", 1)[0] + "/ecosysteme_bench_large"
        os.environ["REDIS_URL"] = embedded.redis_url()
        text = explain()
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
