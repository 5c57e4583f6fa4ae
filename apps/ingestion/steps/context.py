"""What the steps know besides the record: loaded once for a batch by the service that calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.catalog.gazetteer import Gazetteer
from apps.ingestion.steps.areas import Areas


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Reference data and the rules of one source.

    :param source: slug of the source that sends the record.
    :param country: ISO 3166-1 code; phones are read and positions checked as of this country.
    :param resource_type: of a record that does not say.
    :param allowed_fields: names of `fields.GROUPS` that the source may fill; empty means all. A name is always allowed.
    :param category_words: what staff decided, by `category.word_of(raw)` → id of a category as text.
    """

    gazetteer: Gazetteer
    source: str
    country: str = "CM"
    resource_type: str = "business"
    allowed_fields: frozenset[str] = frozenset()
    category_words: Mapping[str, str] = field(default_factory=dict)
    areas: Areas = field(default_factory=Areas)
