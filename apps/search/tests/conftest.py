"""What tests of search share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from apps.search.backends.elasticsearch import ElasticsearchBackend, indices


@pytest.fixture
def elastic(elasticsearch_server: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[ElasticsearchBackend]:
    """An engine with an empty index of its own, in which what is written is seen at once."""
    prefix = f"{settings.ELASTICSEARCH_INDEX_PREFIX}-{uuid.uuid4()}"
    monkeypatch.setattr(indices, "FAREWELL_S", 0)
    # A server that has just started on a busy machine takes its time.
    made = ElasticsearchBackend(elasticsearch_server, prefix=prefix, refresh=True, timeout_s=30)
    with made.rebuilding():
        pass
    yield made
    made.indices.remove()
