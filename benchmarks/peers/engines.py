"""Other ways to answer the same questions over the same places: tantivy in this process, and what one would first write in SQL.

The SQL peers have the indexes that they want, in a schema of their own beside the catalogue.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import tantivy
from django.db import connection, transaction

from apps.search.analysis import STOP_WORDS, fold, forms

SCHEMA = "bench_peers"
_TEXTS = """
SELECT r.id, r.name, c.number, v.number, c.name_fr || ' ' || c.name_en, concat_ws(' ', q.name, v.name_fr, g.name_fr), r.description_fr
FROM api_resources r JOIN categories c ON c.id = r.category_id LEFT JOIN quarters q ON q.id = r.quarter_id
LEFT JOIN cities v ON v.id = r.city_id LEFT JOIN regions g ON g.id = v.region_id
WHERE r.status = 'active' AND r.deleted_at IS NULL AND r.livemode
"""
_BUILD = """
DROP SCHEMA IF EXISTS {schema} CASCADE;
CREATE SCHEMA {schema};
CREATE EXTENSION IF NOT EXISTS unaccent; CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS cube; CREATE EXTENSION IF NOT EXISTS earthdistance;
CREATE TEXT SEARCH CONFIGURATION {schema}.fr (COPY = french);
ALTER TEXT SEARCH CONFIGURATION {schema}.fr
    ALTER MAPPING FOR hword, hword_part, word, asciihword, hword_asciipart, asciiword WITH unaccent, french_stem;
CREATE TABLE {schema}.entry AS
    SELECT t.id, t.category, t.city, lower(unaccent(t.name)) AS name,
        setweight(to_tsvector('{schema}.fr', t.name), 'A') || setweight(to_tsvector('{schema}.fr', t.kind), 'B')
            || setweight(to_tsvector('{schema}.fr', t.area), 'C') || setweight(to_tsvector('{schema}.fr', t.description), 'D') AS vector,
        s.geo, s.plan_rank, s.published_at, s.geo[1] AS lat, s.geo[0] AS lng
    FROM ({texts}) AS t(id, name, category, city, kind, area, description)
    JOIN resource_search s ON s.resource_id = t.id;
CREATE INDEX ON {schema}.entry USING gin (vector);
CREATE INDEX ON {schema}.entry USING gin (name gin_trgm_ops);
CREATE INDEX ON {schema}.entry (name text_pattern_ops);
CREATE INDEX ON {schema}.entry USING gist (geo);
CREATE INDEX ON {schema}.entry (lat, lng);
CREATE INDEX ON {schema}.entry (plan_rank DESC, published_at DESC, id DESC);
CREATE INDEX ON {schema}.entry USING gist (ll_to_earth(lat, lng));
ANALYZE {schema}.entry;
"""


def build_tables(count: int) -> None:
    """The tables of the SQL peers, unless they hold that many entries already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.entry"])
        if cursor.fetchone()[0]:
            cursor.execute(f"SELECT count(*) FROM {SCHEMA}.entry")  # noqa: S608  a constant
            if cursor.fetchone()[0] == count:
                return
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for statement in _BUILD.format(schema=SCHEMA, texts=_TEXTS).split(";"):
            if statement.strip():
                cursor.execute(statement)


class Tantivy:
    """A Lucene-class engine inside the process: the same fields, French stems without accents, all words required."""

    FIELDS = ("name", "kind", "area", "description")
    BOOSTS = {"name": 4.0, "kind": 3.0, "area": 2.0, "description": 1.0}  # noqa: RUF012  read only

    def __init__(self, folder: Path, count: int, *, copies: int = 1) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        for name in self.FIELDS:
            builder.add_text_field(name, tokenizer_name="french", index_option="freq")
        builder.add_unsigned_field("category", fast=True, indexed=True)
        builder.add_unsigned_field("city", fast=True, indexed=True)
        schema = builder.build()
        folder.mkdir(parents=True, exist_ok=True)
        self._index = self._open(schema, folder)
        if self._index.searcher().num_docs != count:
            shutil.rmtree(folder)
            folder.mkdir()
            self._index = self._open(schema, folder)
            self._fill(copies)
        self.searcher = self._index.searcher()

    def _open(self, schema: Any, folder: Path) -> Any:
        index = tantivy.Index(schema, path=str(folder))
        filters = (tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold(), tantivy.Filter.stemmer("french"))
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for one in filters:
            analyzer = analyzer.filter(one)
        index.register_tokenizer("french", analyzer.build())
        return index

    def _fill(self, copies: int) -> None:
        # One thread, so that it ends with few segments, which are then merged, as after a quiet night.
        writer = self._index.writer(500_000_000, 1)
        with transaction.atomic(), connection.cursor().connection.cursor(name="texts") as cursor:
            cursor.itersize = 5_000
            cursor.execute(f"SELECT t.* FROM generate_series(1, %s) CROSS JOIN ({_TEXTS}) t", [copies])  # noqa: S608  a constant
            for identifier, name, category, city, kind, area, description in cursor:
                document = tantivy.Document(id=str(identifier), name=name, kind=kind, area=area, description=description)
                document.add_unsigned("category", category)
                document.add_unsigned("city", city or 0)
                writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def _query(self, text: str) -> Any:
        """Each word in any field, all words required."""
        words = [form for form in forms(text) if form not in STOP_WORDS]
        return self._index.parse_query(" ".join(words), list(self.FIELDS), self.BOOSTS, conjunction_by_default=True)

    def page(self, text: str, *, wanted: int = 20) -> tuple[list[str], int | None]:
        """Ids of the first ones, and how many there are."""
        found = self.searcher.search(self._query(text), wanted, count=True)
        return [self.searcher.doc(address)["id"][0] for _score, address in found.hits], found.count

    def filtered_page(self, question: tuple[str, int | None, int | None]) -> list[str]:
        """The same with a category and a town, or one of them."""
        text, category, city = question
        parts = [(tantivy.Occur.Must, self._query(text))]
        for name, value in (("category", category), ("city", city)):
            if value is not None:
                term = tantivy.Query.term_query(self._index.schema, name, value)
                parts.append((tantivy.Occur.Must, tantivy.Query.const_score_query(term, 0.0)))
        found = self.searcher.search(tantivy.Query.boolean_query(parts), 20)
        return [self.searcher.doc(address)["id"][0] for _score, address in found.hits]

    def facets(self, text: str) -> tuple[int, dict[str, Any]]:
        """The total, and counts by category and town."""
        query = self._query(text)
        asked = {name: {"terms": {"field": name, "size": 50}} for name in ("category", "city")}
        return self.searcher.search(query, 1).count, self.searcher.aggregate(query, asked)


def rows(sql: str, values: list[Any]) -> list[Any]:
    """A statement of a peer, as a view would run it."""
    with connection.cursor() as cursor:
        cursor.execute(sql.format(entry=f"{SCHEMA}.entry", fr=f"'{SCHEMA}.fr'"), values)
        return list(cursor.fetchall())


def tsvector_page(text: str) -> list[Any]:
    """Stored tsvector, ranked by ts_rank: what the PostgreSQL manual shows."""
    sql = "SELECT id FROM {entry}, plainto_tsquery({fr}, %s) q WHERE vector @@ q ORDER BY ts_rank(vector, q) DESC LIMIT 20"
    return rows(sql, [text])


def exact_counts(text: str) -> list[Any]:
    """Counts by category and town of every match."""
    return rows("SELECT category, city, count(*) FROM {entry} WHERE vector @@ plainto_tsquery({fr}, %s) GROUP BY 1, 2", [text])


def trigram_names(text: str) -> list[Any]:
    """Names that look like what was typed."""
    return rows("SELECT id, name FROM {entry} WHERE name %% %s ORDER BY similarity(name, %s) DESC LIMIT 5", [fold(text)] * 2)


def prefix_scan(text: str) -> list[Any]:
    """The most important names that begin so."""
    return rows("SELECT id, name FROM {entry} WHERE name LIKE %s ORDER BY plan_rank DESC, name LIMIT 10", [fold(text) + "%"])


def earth_box(point: tuple[float, float], radius_m: int = 10_000) -> list[Any]:
    """Nearest first within a radius, by the earthdistance extension."""
    sql = (
        "SELECT id FROM {entry} WHERE earth_box(ll_to_earth(%s, %s), %s) @> ll_to_earth(lat, lng)"
        " ORDER BY earth_distance(ll_to_earth(lat, lng), ll_to_earth(%s, %s)) LIMIT 20"
    )
    return rows(sql, [*point, radius_m, *point])


def box_by_gist(box: tuple[float, float, float, float]) -> list[Any]:
    """Everything in a box, then sorted."""
    west, south, east, north = box
    sql = (
        "SELECT id FROM (SELECT * FROM {entry} WHERE geo <@ box(point(%s, %s), point(%s, %s)) OFFSET 0) e"
        " ORDER BY plan_rank DESC, published_at DESC, id DESC LIMIT 20"
    )
    return rows(sql, [east, north, west, south])


def box_by_order(box: tuple[float, float, float, float]) -> list[Any]:
    """In order until twenty lie in the box."""
    west, south, east, north = box
    sql = (
        "SELECT id FROM (SELECT * FROM {entry} ORDER BY plan_rank DESC, published_at DESC, id DESC OFFSET 0) e"
        " WHERE lng BETWEEN %s AND %s AND lat BETWEEN %s AND %s LIMIT 20"
    )
    return rows(sql, [west, east, south, north])


def offset_page(offset: int) -> list[Any]:
    """A deep page by OFFSET."""
    return rows("SELECT id FROM {entry} ORDER BY plan_rank DESC, published_at DESC, id DESC LIMIT 20 OFFSET %s", [offset])


def primary_key(identifier: str) -> Any:
    """One card by its key, prepared by the driver: the least that an answer from PostgreSQL costs."""
    connection.ensure_connection()
    sql = "SELECT body FROM resource_card WHERE resource_id = %s::uuid AND language = 'fr'"
    return connection.connection.execute(sql, [identifier], prepare=True).fetchone()
