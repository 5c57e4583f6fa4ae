"""What search engines are told of: an index, the landing pages, and the entries in files of 10,000 addresses.

Entries are cut by their number, so that a file is one walk of an index however long the catalogue is.
Demonstration entries are `noindex` and left out. Every date is that of the newest entry that the page shows.
What is kept of it is renewed with the counts of the catalogue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.urls import reverse
from django.utils.translation import override

from apps.core.cache_keys import CATEGORIES
from apps.core.caching import cached
from apps.web.models import LegalPage
from apps.web.pages import LANGUAGE_NAMES

# Two languages make 10,000 addresses of it.
ENTRIES_PER_FILE = 5_000
# Past this an address is a guess, and its numbers would not fit the database.
PARTS_MAX = 1_000_000
INDEXED_FROM = 3
LIVE_S = 3600

_PUBLIC = "r.status = 'active' AND r.deleted_at IS NULL AND r.livemode AND NOT r.is_demo"
_PARTS = f"SELECT r.number / %s, max(r.updated_at) FROM api_resources r WHERE {_PUBLIC} GROUP BY 1 ORDER BY 1"  # noqa: S608  constants
_ENTRIES = f"SELECT r.slug, r.updated_at FROM api_resources r WHERE {_PUBLIC} AND r.number >= %s AND r.number < %s ORDER BY r.number"  # noqa: S608
# One row per town and category, with totals per town, per region, per category (of the leaf, then of its parent).
_LANDINGS = f"""
WITH shown AS (
    SELECT g.slug AS region, v.slug AS city, c.slug AS leaf, p.slug AS parent, q.slug AS quarter, r.updated_at
    FROM api_resources r
    JOIN categories c ON c.id = r.category_id
    LEFT JOIN categories p ON p.id = c.parent_id
    LEFT JOIN quarters q ON q.id = r.quarter_id
    LEFT JOIN cities v ON v.id = r.city_id
    LEFT JOIN regions g ON g.id = v.region_id
    WHERE {_PUBLIC}
), by_category AS (
    SELECT region, city, quarter, leaf AS category, updated_at FROM shown
    UNION ALL
    SELECT region, city, quarter, parent, updated_at FROM shown WHERE parent IS NOT NULL
)
SELECT 'category', category, '', '', max(updated_at) FROM by_category GROUP BY 2 HAVING count(*) >= %(least)s
UNION ALL
SELECT 'region', region, '', '', max(updated_at) FROM shown WHERE region IS NOT NULL GROUP BY 2 HAVING count(*) >= %(least)s
UNION ALL
SELECT 'city', city, '', '', max(updated_at) FROM shown WHERE city IS NOT NULL GROUP BY 2 HAVING count(*) >= %(least)s
UNION ALL
SELECT 'city_category', city, category, '', max(updated_at) FROM by_category WHERE city IS NOT NULL
GROUP BY 2, 3 HAVING count(*) >= %(least)s
UNION ALL
SELECT 'quarter_category', city, quarter, category, max(updated_at) FROM by_category WHERE quarter IS NOT NULL
GROUP BY 2, 3, 4 HAVING count(*) >= %(least)s
ORDER BY 1, 2, 3, 4
"""  # noqa: S608  constants


@dataclass(frozen=True)
class Address:
    """One page in every language."""

    name: str
    arguments: tuple[str, ...]
    updated_at: dt.datetime | None


def parts() -> list[tuple[int, dt.datetime]]:
    """Number of each file of entries, and when its newest entry changed."""

    def build() -> list[tuple[int, dt.datetime]]:
        with connection.cursor() as cursor:
            cursor.execute(_PARTS, [ENTRIES_PER_FILE])
            return list(cursor.fetchall())

    return cached("sitemap:parts", LIVE_S, build, stamps=(CATEGORIES,))


def entries(part: int) -> list[Address]:
    """The entries of one file."""
    start = part * ENTRIES_PER_FILE
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [start, start + ENTRIES_PER_FILE])
        return [Address("web:detail", (slug,), updated_at) for slug, updated_at in cursor.fetchall()]


def landings() -> list[Address]:
    """The pages of categories and places that have enough entries to be worth finding."""

    def build() -> list[tuple[str, tuple[str, ...], dt.datetime]]:
        with connection.cursor() as cursor:
            cursor.execute(_LANDINGS, {"least": INDEXED_FROM})
            return [(kind, tuple(part for part in slugs if part), updated_at) for kind, *slugs, updated_at in cursor.fetchall()]

    # Plain values in the cache: a class of another release could not be read back.
    found = cached("sitemap:landings", LIVE_S, build, stamps=(CATEGORIES,))
    return [Address(f"web:{kind}", slugs, updated_at) for kind, slugs, updated_at in found]


def fixed_pages() -> list[Address]:
    """Pages that always exist."""
    legal = [Address("web:legal", (page.slug,), page.updated_at) for page in LegalPage.objects.all()]
    return [Address("web:home", (), None), Address("web:developers", (), None), Address("web:credits", (), None), *legal]


def in_languages(addresses: Iterable[Address], origin: str) -> list[dict[str, object]]:
    """Each address once per language, with all its twins."""
    rows: list[dict[str, object]] = []
    for address in addresses:
        twins = {}
        for code in LANGUAGE_NAMES:
            with override(code):
                twins[code] = origin + reverse(address.name, args=address.arguments)
        rows += [{"url": url, "twins": twins, "updated_at": address.updated_at} for url in twins.values()]
    return rows
