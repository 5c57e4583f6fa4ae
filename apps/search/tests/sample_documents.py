"""Documents for tests."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from apps.search.documents import SearchDocument

AT = dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.UTC)


def document(number: int, **values: Any) -> SearchDocument:
    """A place."""
    name = values.pop("name", "boulangerie du rail")
    words = frozenset(name.split(" "))
    return SearchDocument(
        id=uuid.UUID(int=number), names=(name,), name_terms=words, terms=words,
        **{"version": 1, "resource_type": "business", "category": 1, "published_at": AT, **values},
    )  # fmt: skip
