"""The gate: the judged queries over the demonstration catalogue, answered well by each engine and equally well by both."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from typing import Any

import pytest
from django.core.management import call_command

from apps.catalog.services.demo import load_demo
from apps.catalog.tests.factories import AT
from apps.search import services
from apps.search.backends.elasticsearch import indices
from benchmarks.relevance.judge import HERE

NDCG_MIN, DIFFERENCE_MAX = 0.90, 0.03
# No kind of query may be given up for the others.
GROUP_NDCG_MIN = 0.75
ENGINES = ("postgres", "elasticsearch")


@pytest.fixture
def _catalogue(db: None, elasticsearch_server: dict[str, Any], settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  the tables
    settings.ELASTICSEARCH = elasticsearch_server
    settings.ELASTICSEARCH_INDEX_PREFIX += "-relevance"
    monkeypatch.setattr(indices, "FAREWELL_S", 0)
    call_command("load_reference", stdout=io.StringIO())
    load_demo(at=AT)
    assert services.rebuild_index().written > 600


def score(engine: str) -> dict[str, Any]:
    out = io.StringIO()
    files = ["--queries", str(HERE / "queries.tsv"), "--qrels", str(HERE / "qrels.tsv")]
    call_command("score_search", *files, "--backend", engine, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


@pytest.mark.usefixtures("_catalogue")
def test_it_works() -> None:
    told = {engine: score(engine) for engine in ENGINES}
    means = {engine: figures["nDCG@10"] for engine, figures in told.items()}
    assert min(means.values()) >= NDCG_MIN, means
    assert max(means.values()) - min(means.values()) <= DIFFERENCE_MAX, means
    for engine, figures in told.items():
        groups: dict[str, list[float]] = defaultdict(list)
        for query, scores in figures["per_query"].items():
            groups[query.split("-")[0]].append(scores["nDCG@10"])
        weak = {group: sum(values) / len(values) for group, values in groups.items() if sum(values) / len(values) < GROUP_NDCG_MIN}
        assert not weak, (engine, weak)
