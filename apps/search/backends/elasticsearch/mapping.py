"""How a document lies in the index. Ready terms, keys and numbers only, so that no analyser and no plugin is needed."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django_elasticsearch_dsl import Document, fields
from elasticsearch.dsl import MetaField

from apps.search.documents import SearchDocument

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# More microseconds than there are until the year 2112.
PLAN_STEP = 2**52
# `offset` and `limit` reach 10,000 together, and one more says whether there are more.
WINDOW = 10_001
# A longer beginning finds what so many of its letters find.
START_LENGTH_MAX = 40


def microseconds(at: dt.datetime) -> int:
    """A time as Elasticsearch sorts it: its own dates are milliseconds."""
    return (at - EPOCH) // dt.timedelta(microseconds=1)


def plan_order(plan_rank: int, published_at: dt.datetime) -> int:
    """`Order.PLAN` as one number, which an index can skip through."""
    return plan_rank * PLAN_STEP + microseconds(published_at)


def weight(document: SearchDocument) -> int:
    """The order of suggestions: plan rank, then completeness."""
    return document.plan_rank * 1_000 + document.quality


def starts(name: str) -> Iterator[str]:
    """A folded name from each of its words on."""
    words = name.split(" ")
    for first in range(len(words)):
        yield " ".join(words[first:])[:START_LENGTH_MAX]


class PreparedDocument(Document):
    """A document whose list of fields is made when it is first asked for, and kept by its class.

    With elasticsearch 9.4 and later the list that the library keeps is lost, and it would index empty documents
    without an error (https://github.com/django-es/django-elasticsearch-dsl/issues/505).
    """

    def prepare(self, instance: object) -> dict[str, Any]:
        """What is indexed of an instance."""
        return {name: read(instance) for name, read in _reads(type(self))}  # type: ignore[arg-type]  # its stubs forget that classes can be hashed


@functools.cache
def _reads(kind: type[PreparedDocument]) -> Sequence[tuple[str, Callable[[object], Any]]]:
    """How each field of a class is read. To find that out takes three times as long as to read them all."""
    return [(name, read) for name, _field, read in kind().init_prepare()]


class ResourceDocument(PreparedDocument):
    """`SearchDocument` in the index. What is filtered by is a keyword: lists of documents meet faster than numbers in trees."""

    id = fields.KeywordField()
    names = fields.KeywordField(doc_values=False)
    starts = fields.KeywordField(doc_values=False)
    name_terms = fields.KeywordField(doc_values=False)
    terms = fields.KeywordField(doc_values=False)
    resource_type = fields.KeywordField()
    category = fields.KeywordField()
    city = fields.KeywordField()
    quarter = fields.KeywordField()
    plan_rank = fields.KeywordField()
    attributes = fields.KeywordField()
    schedule = fields.KeywordField(doc_values=False)
    verified = fields.BooleanField()
    quality = fields.ShortField()
    weight = fields.ShortField()
    published = fields.LongField()
    plan_order = fields.LongField()
    geo = fields.GeoPointField()
    # Exact, where `geo` is rounded to a centimetre: distances are the same on both engines.
    latitude = fields.DoubleField(index=False)
    longitude = fields.DoubleField(index=False)

    class Meta:
        """The database has the documents; the index need not return them."""

        dynamic = MetaField("strict")
        source = MetaField(enabled=False)

    def prepare_names(self, document: SearchDocument) -> list[str]:
        """For whole names."""
        return list(document.names)

    def prepare_starts(self, document: SearchDocument) -> list[str]:
        """For suggestions."""
        return sorted({start for name in document.names for start in starts(name)})

    def prepare_name_terms(self, document: SearchDocument) -> list[str]:
        """In one order, so that equal documents are equal bytes."""
        return sorted(document.name_terms)

    def prepare_terms(self, document: SearchDocument) -> list[str]:
        """Likewise."""
        return sorted(document.terms)

    def prepare_attributes(self, document: SearchDocument) -> list[str]:
        """What `has` asks for."""
        return list(document.attributes)

    def prepare_published(self, document: SearchDocument) -> int:
        """For `Order.NEWEST`."""
        return microseconds(document.published_at)

    def prepare_plan_order(self, document: SearchDocument) -> int:
        """For `Order.PLAN`."""
        return plan_order(document.plan_rank, document.published_at)

    def prepare_weight(self, document: SearchDocument) -> int:
        """For suggestions."""
        return weight(document)

    def prepare_geo(self, document: SearchDocument) -> dict[str, float] | None:
        """A position, when both halves of it are known."""
        if document.latitude is None or document.longitude is None:
            return None
        return {"lat": document.latitude, "lon": document.longitude}


MAPPING: dict[str, Any] = ResourceDocument._doc_type.mapping.to_dict()  # noqa: SLF001  the library's own way to it
# The library knows the fields once a document is registered for a model; ours stands for no model.
ResourceDocument._fields = ResourceDocument._doc_type.mapping.properties.properties.to_dict()  # noqa: SLF001
# Says whether an index was made by this version of the code.
DIGEST = hashlib.sha256(json.dumps(MAPPING, sort_keys=True).encode()).hexdigest()[:12]
MAPPING["_meta"] = {"digest": DIGEST}
# One shard, so that counts are exact; a catalogue of millions fits into it. Written out, "1s" also keeps an index that nobody
# asks from falling asleep.
SETTINGS: dict[str, Any] = {"number_of_shards": 1, "max_result_window": WINDOW}
SERVING: dict[str, Any] = {"refresh_interval": "1s", "auto_expand_replicas": "0-1"}
FILLING: dict[str, Any] = {"refresh_interval": "-1", "number_of_replicas": 0}
